/** Three thousand seeded settings files, the example with something broken in it: each is in force, or refused in sentences. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { brokenText } from '../../broken-text.fixture.ts'
import { ConfigError } from '../../errors.ts'
import { packageFile } from '../../package-files.ts'
import { Random } from '../../random.ts'
import { loadSettings } from './load.ts'
import { upSettings } from './up.ts'

const FILES = 3000
const folder = mkdtempSync(join(tmpdir(), 'tierwise-settings-'))
afterAll(() => rmSync(folder, { recursive: true }))

const good = readFileSync(packageFile('examples/tierwise.yaml'), 'utf8').replace(/ *# .*$/gm, '')
const values = [...good.matchAll(/(?<=: )[^\s{},]+/g)]

it(`takes ${FILES} broken settings (fuzz)`, async () => {
  const random = new Random(14)
  const file = join(folder, 'tierwise.yaml')
  let refused = 0
  for (let count = 0; count < FILES; count++) {
    const text = brokenText(good, random, values)
    writeFileSync(file, text)
    const loading = loadSettings(upSettings, { flags: new Map(), environment: {}, file })
    await loading.then(
      ({ settings, print }) => {
        expect(upSettings.safeParse(settings).success, text).toBe(true)
        print()
      },
      (error) => {
        if (!(error instanceof ConfigError))
          throw new Error(`${error} of ${text}`, { cause: error })
        expect(error.message, text).toContain(file)
        refused += 1
      },
    )
  }
  expect(refused).toBeGreaterThan(FILES / 4)
  expect(refused).toBeLessThan(FILES)
}, 120_000)

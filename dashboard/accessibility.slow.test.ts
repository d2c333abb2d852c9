/** The page in each of its states, light and dark, against the rules of WCAG 2.2 AA that a machine can check. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { brokenRules } from '../test/axe.ts'
import { openChromium } from '../test/chromium.ts'
import { openState } from './open-state.fixture.ts'
import { STATES } from './states.fixture.ts'

let pageFolder: string
let browser: Browser

beforeAll(async () => {
  pageFolder = await mkdtemp(join(tmpdir(), 'tierwise-page-'))
  const outDir = { outDir: pageFolder, emptyOutDir: true }
  await build({ configFile: 'vite.config.ts', logLevel: 'warn', build: outDir })
  browser = await openChromium()
})

afterAll(async () => {
  await browser?.close()
  await rm(pageFolder, { recursive: true, force: true })
})

const states = Object.entries(STATES).filter(([name]) => name !== 'two-thousand')

test.each(states)(
  '%s: no rule is broken, light or dark',
  async (_, state) => {
    const { server, open } = await openState(browser, pageFolder, state)
    const page = await open({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' })
    const inLight = await brokenRules(page)
    await page.emulateMedia({ colorScheme: 'dark' })
    const inDark = await brokenRules(page)
    await page.close()
    await server.close()
    expect({ inLight, inDark }).toEqual({ inLight: [], inDark: [] })
  },
  60_000,
)

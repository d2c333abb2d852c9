/** Every catalogue that `docs/your-own-servers.md` shows can be loaded. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageFile } from '../../package-files.ts'
import { loadCatalogue } from './catalogue.ts'

const text = readFileSync(packageFile('docs/your-own-servers.md'), 'utf8')
const snippets = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => yaml)
const SERVERS = ['triton', 'ovms', 'mobilenet.models', 'mlserver', 'tierwise']
const HEAD = `
model: classifier
input: { name: input, datatype: FP32, shape: [1, 3, 224, 224] }
output: { name: scores, shape: [1, 1000] }
`

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'your-own-servers-'))
})
afterAll(() => rm(directory, { recursive: true }))

test.each(SERVERS)('shows a catalogue for %s', async (server) => {
  const snippet = snippets[SERVERS.indexOf(server)] ?? ''
  const file = join(directory, `${server}.yaml`)
  await writeFile(file, HEAD + snippet)
  const { variants } = await loadCatalogue(file)
  expect(variants.length).toBeGreaterThan(0)
  for (const { file: place } of variants)
    expect(place).toMatchObject({ url: expect.stringContaining(server) })
})

test('shows what a catalogue may run on', async () => {
  const file = join(directory, 'accelerators.yaml')
  await writeFile(file, HEAD + (snippets[0] ?? '') + (snippets[SERVERS.length] ?? ''))
  const { executionProviders } = await loadCatalogue(file)
  expect(executionProviders).toEqual(['cuda', 'cpu'])
})

test('has no other catalogue', () => {
  expect(snippets).toHaveLength(SERVERS.length + 1)
})

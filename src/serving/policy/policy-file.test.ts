import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { PolicyFile } from './policy-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'tierwise-policy-file-'))
const file = join(folder, 'policy.json')
let watched: PolicyFile | undefined

afterEach(() => {
  watched?.close()
  rmSync(file, { force: true })
})

async function watch() {
  const texts: string[] = []
  const problems: string[] = []
  watched = new PolicyFile({
    file,
    onText: (text) => texts.push(text),
    onProblem: (reason) => problems.push(reason),
  })
  await watched.read()
  return { watched, texts, problems }
}

test('tells what the file holds, at first and after every change', async () => {
  writeFileSync(file, 'one')
  const { texts, problems } = await watch()
  expect(texts).toEqual(['one'])
  // Time for the first look at the file, to which others are compared.
  await new Promise((resolve) => setTimeout(resolve, 50))
  writeFileSync(file, 'three')
  await vi.waitFor(() => expect(texts).toEqual(['one', 'three']), 5000)
  writeFileSync(join(folder, 'next'), 'four')
  renameSync(join(folder, 'next'), file)
  await vi.waitFor(() => expect(texts).toEqual(['one', 'three', 'four']), 5000)
  expect(problems).toEqual([])
})

test('tells that there is none, and goes on looking', async () => {
  const { texts, problems } = await watch()
  expect(problems).toEqual([expect.stringContaining('ENOENT')])
  await new Promise((resolve) => setTimeout(resolve, 50))
  writeFileSync(file, 'at last')
  await vi.waitFor(() => expect(texts).toEqual(['at last']), 5000)
})

test('is silent once closed', async () => {
  writeFileSync(file, 'one')
  const { watched, texts } = await watch()
  const reading = watched.read()
  watched.close()
  await reading
  expect(texts).toEqual(['one'])
})

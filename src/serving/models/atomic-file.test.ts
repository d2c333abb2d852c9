import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeFileAtomically } from './atomic-file.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tierwise-atomic-'))
})
afterEach(() => rm(directory, { recursive: true }))

it('replaces a file and leaves nothing beside it', async () => {
  const file = join(directory, 'a.yaml')
  await writeFileAtomically(file, 'first, and longer')
  await writeFileAtomically(file, Uint8Array.of(0x68, 0x69))
  expect(await readFile(file, 'utf8')).toBe('hi')
  expect(await readdir(directory)).toEqual(['a.yaml'])
})

it('never shows a part, whoever else writes', async () => {
  const file = join(directory, 'a.bin')
  const contents = [1, 2, 3, 4].map((value) => new Uint8Array(300_000).fill(value))
  await writeFileAtomically(file, new Uint8Array(300_000))
  const writing = Promise.all(contents.map((content) => writeFileAtomically(file, content)))
  for (let reading = 0; reading < 20; reading++) {
    const seen = await readFile(file)
    expect(seen).toHaveLength(300_000)
    expect(seen.at(-1)).toBe(seen[0])
  }
  await writing
  expect(await readdir(directory)).toEqual(['a.bin'])
})

it('reports a target that cannot be written, and removes its temporary file', async () => {
  await mkdir(join(directory, 'folder', 'inside'), { recursive: true })
  await expect(writeFileAtomically(join(directory, 'folder'), 'x')).rejects.toThrow()
  await expect(writeFileAtomically(join(directory, 'none', 'x'), 'x')).rejects.toThrow(/ENOENT/)
  expect(await readdir(directory)).toEqual(['folder'])
})

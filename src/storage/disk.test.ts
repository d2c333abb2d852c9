import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ConfigError } from '../errors.ts'
import { machineDisk } from './disk.ts'

const folderOf = () => mkdtemp(join(tmpdir(), 'tierwise-'))

it('makes folders for their owner alone, and says where a file is in the way', async () => {
  const folder = join(await folderOf(), 'a', 'b')
  for (let time = 0; time < 2; time++) await machineDisk.makeFolder(folder)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  await writeFile(join(folder, 'file'), '')
  await expect(machineDisk.makeFolder(join(folder, 'file'))).rejects.toThrow(/EEXIST.*file/)
})

it('neither reads nor moves what is no file of ours', async () => {
  const folder = await folderOf()
  await mkdir(join(folder, 'home'))
  await expect(machineDisk.read(join(folder, 'home'))).rejects.toThrow(ConfigError)
  const moved = machineDisk.rename(join(folder, 'home'), join(folder, 'home.old'))
  await expect(moved).rejects.toThrow('is a folder: name a regular file')
  expect(await readdir(folder)).toEqual(['home'])
  const missing = machineDisk.rename(join(folder, 'none'), join(folder, 'some'))
  await expect(missing).rejects.toMatchObject({ code: 'ENOENT' })
})

it('writes over what is longer, and never waits for a pipe', async () => {
  const folder = await folderOf()
  const [file, pipe] = [join(folder, 'file'), join(folder, 'pipe')]
  await writeFile(file, 'longer than what comes')
  await machineDisk.write(file, Buffer.from('short'), true)
  expect(await readFile(file, 'utf8')).toBe('short')
  execFileSync('mkfifo', [pipe])
  await expect(machineDisk.write(pipe, Buffer.from('bytes'), true)).rejects.toThrow(pipe)
})

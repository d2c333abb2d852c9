import { existsSync } from 'node:fs'
import { mkdtemp, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { machineDisk } from './disk.ts'

describe('makeFolder', () => {
  it('makes those above it, too, and leaves one that is there as it is', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'tierwise-')), 'a', 'b')
    for (let time = 0; time < 2; time++) await machineDisk.makeFolder(folder)
    const { mode } = await stat(folder)
    expect(mode & 0o777).toBe(0o700)
  })

  it('says where a file is in its way', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'tierwise-')), 'file')
    await writeFile(file, '')
    await expect(machineDisk.makeFolder(file)).rejects.toThrow(/EEXIST.*file/)
    await expect(machineDisk.makeFolder(join(file, 'a'))).rejects.toThrow(/ENOTDIR.*file/)
  })

  it.skipIf(!existsSync('/proc/self'))('ends where none can be made', async () => {
    await expect(machineDisk.makeFolder('/proc/none/a')).rejects.toThrow("mkdir '/proc/none'")
  })
})

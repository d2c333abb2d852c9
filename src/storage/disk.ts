/** The part of a file system that durable files need, so that a simulation can lose what was not synced. */
import { constants } from 'node:fs'
import { open, rename, stat } from 'node:fs/promises'
import { makeFolder, readRegularFile, refuseUnreadable } from '../files.ts'

/** Of one file: far more than the networks of an agent, and what it remembers. */
const MAX_FILE_BYTES = 1024 ** 3

/** Where files are. Every call rejects with what the file system said; a missing file by the code `ENOENT`. */
export interface Disk {
  /** With the folders above it; one that is there stays as it is. */
  makeFolder(folder: string): Promise<void>
  /** @throws ConfigError for what is no regular file, or too large for one of ours */
  read(file: string): Promise<Uint8Array>
  /** @param isSynced resolve when the content is on the disk. @throws what the file system said, and ConfigError for what is no regular file */
  write(file: string, bytes: Uint8Array, isSynced: boolean): Promise<void>
  /** @throws ConfigError for what is no regular file: a folder or a device is not ours to move */
  rename(from: string, to: string): Promise<void>
  /** Resolves when what was renamed in the folder is on the disk. */
  syncFolder(folder: string): Promise<void>
}

/** The machine's own. Its files are for their owner alone. */
export const machineDisk: Disk = {
  makeFolder: async (folder) => makeFolder(folder, 0o700),
  read: (file) => readRegularFile(file, MAX_FILE_BYTES),
  async write(file, bytes, isSynced) {
    // Without waiting for who reads from a pipe. What is there is looked at before it is emptied.
    const flags = constants.O_WRONLY | constants.O_CREAT | (constants.O_NONBLOCK ?? 0)
    const handle = await open(file, flags, 0o600)
    try {
      refuseUnreadable(file, await handle.stat(), MAX_FILE_BYTES)
      await handle.truncate()
      await handle.writeFile(bytes)
      if (isSynced) await handle.sync()
    } finally {
      await handle.close()
    }
  },
  async rename(from, to) {
    refuseUnreadable(from, await stat(from), MAX_FILE_BYTES)
    await rename(from, to)
  },
  /** Windows cannot, and need not, sync a folder. */
  async syncFolder(folder) {
    if (process.platform === 'win32') return
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
}

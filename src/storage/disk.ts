/** The part of a file system that durable files need, so that a simulation can lose what was not synced. */
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Where files are. Every call rejects with what the file system said; a missing file by the code `ENOENT`. */
export interface Disk {
  /** With the folders above it; one that is there stays as it is. */
  makeFolder(folder: string): Promise<void>
  read(file: string): Promise<Uint8Array>
  /** @param isSynced resolve when the content is on the disk */
  write(file: string, bytes: Uint8Array, isSynced: boolean): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Resolves when what was renamed in the folder is on the disk. */
  syncFolder(folder: string): Promise<void>
}

/** The machine's own. Its files are for their owner alone. */
export const machineDisk: Disk = {
  makeFolder,
  read: (file) => readFile(file),
  async write(file, bytes, isSynced) {
    const handle = await open(file, 'w', 0o600)
    try {
      await handle.writeFile(bytes)
      if (isSynced) await handle.sync()
    } finally {
      await handle.close()
    }
  },
  rename: (from, to) => rename(from, to),
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

/** One by one: where nothing can be made, as in /proc, the recursive form of Node.js never ends. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, 0o700)
  } catch (error) {
    if (isMissing(error) && !(await isFolder(dirname(folder)))) {
      await makeFolder(dirname(folder))
      return makeFolder(folder)
    }
    if (!(await isFolder(folder))) throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true
}

/** Whether a disk rejected because the file is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

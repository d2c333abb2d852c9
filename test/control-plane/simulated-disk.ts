/** A disk that keeps what was synced, and of the rest what it likes. */
import type { Disk } from '../../src/storage/disk.ts'
import type { Machine, SimulatedTime } from './simulated-time.ts'

interface Content {
  bytes: Uint8Array
  /** Of the bytes, what a loss of power cannot take. */
  synced: Uint8Array | undefined
}

/** What one operation takes. */
const OPERATION_MS = { least: 0.2, most: 15 }

/** Outlives the processes that write to it, each through `of`. */
export class SimulatedDisk {
  /** Fails every write while true, as a full disk does. */
  isFull = false
  private readonly time: SimulatedTime
  private files = new Map<string, Content>()
  /** The folder as it was when it was last synced, and what was renamed since. */
  private syncedFiles = new Map<string, Content>()
  private renamed: (readonly [from: string, to: string])[] = []

  constructor(time: SimulatedTime) {
    this.time = time
  }

  /** As a process sees it: what it waits for when it dies never comes to an end, and a write is torn. */
  of(machine: Machine): Disk {
    const operation = () => machine.sleep(this.time.between(OPERATION_MS.least, OPERATION_MS.most))
    return {
      makeFolder: () => operation(),
      read: async (file) => {
        await operation()
        const content = this.files.get(file)
        if (content === undefined) throw missing(file)
        return content.bytes
      },
      write: async (file, bytes, isSynced) => {
        if (this.isFull) throw new Error('ENOSPC: no space left on device')
        const content = this.open(file)
        content.bytes = this.torn(bytes)
        await operation()
        content.bytes = bytes
        if (!isSynced) return
        await operation()
        content.synced = bytes
      },
      rename: async (from, to) => {
        await operation()
        if (!this.files.has(from)) throw missing(from)
        move(this.files, from, to)
        this.renamed.push([from, to])
      },
      syncFolder: async () => {
        await operation()
        this.syncedFiles = new Map(this.files)
        this.renamed = []
      },
    }
  }

  /** What was not synced stays, or goes, or is torn. */
  losePower(): void {
    const { random } = this.time
    const isKept = random.integer(this.renamed.length + 1)
    for (const [from, to] of this.renamed.slice(0, isKept)) {
      // A file that was made since is in the folder only where the folder happened to be written.
      const content = this.files.get(to)
      if (this.syncedFiles.has(from)) move(this.syncedFiles, from, to)
      else if (content !== undefined) this.syncedFiles.set(to, content)
    }
    this.files = new Map(this.syncedFiles)
    this.renamed = []
    for (const content of this.files.values()) {
      const fates = [content.synced, content.bytes, this.torn(content.bytes)]
      if (content.synced !== content.bytes) {
        content.bytes = fates[random.integer(fates.length)] ?? new Uint8Array()
      }
      content.synced = content.bytes
    }
  }

  private open(file: string): Content {
    const content = this.files.get(file) ?? { bytes: new Uint8Array(), synced: undefined }
    this.files.set(file, content)
    return content
  }

  private torn(bytes: Uint8Array): Uint8Array {
    return bytes.slice(0, this.time.random.integer(bytes.length + 1))
  }
}

function move(files: Map<string, Content>, from: string, to: string): void {
  const content = files.get(from)
  if (content === undefined) return
  files.delete(from)
  files.set(to, content)
}

function missing(file: string): Error {
  return Object.assign(new Error(`ENOENT: no such file, ${file}`), { code: 'ENOENT' })
}

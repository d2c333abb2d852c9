/** Processor time of the calling thread alone, and holding that thread for a while. */
import { closeSync, openSync, readSync } from 'node:fs'

const neverNotified = new Int32Array(new SharedArrayBuffer(4))

/** Blocks the calling thread without using its processor. */
export function hold(ms: number): void {
  if (ms > 0) Atomics.wait(neverNotified, 0, 0, ms)
}

/** Reads the processor time of the thread that created it. */
export class ThreadTime {
  private file: number | undefined
  private readonly text = Buffer.alloc(128)

  /** @param path of this thread's scheduler statistics (Linux); where it cannot be read, the whole process is measured */
  constructor(path = '/proc/thread-self/schedstat') {
    this.file = openOrUndefined(path)
    // A kernel built without these statistics says 0 for every thread, even for one that runs.
    if (this.file !== undefined && !(this.readMs(this.file) > 0)) this.close()
  }

  /** Processor time since the thread (without `/proc`: the process) began, in ms. */
  processorMs(): number {
    if (this.file === undefined) {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1000
    }
    return this.readMs(this.file)
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file)
    this.file = undefined
  }

  private readMs(file: number): number {
    // The kernel brings the figure up to date only when it switches threads: give it a reason to.
    hold(0.02)
    const length = readSync(file, this.text, 0, this.text.length, 0)
    // Three numbers: time on the processor in ns, time waiting for it, time slices.
    return Number.parseInt(this.text.toString('latin1', 0, length), 10) / 1e6
  }
}

function openOrUndefined(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch {
    return undefined
  }
}

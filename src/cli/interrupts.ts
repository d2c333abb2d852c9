/** Ctrl-C and SIGTERM: the first ends the work cleanly, the second the process. */
import { once } from 'node:events'
import { TierwiseError } from '../errors.ts'

/** Hears them from its making until `release`. */
export class Interrupts {
  /** Aborted by the first of them. */
  readonly signal: AbortSignal
  /** What the process ends with that is ended by the one heard first; undefined before. */
  exitCode: number | undefined
  private readonly controller = new AbortController()

  constructor() {
    this.signal = this.controller.signal
    process.on('SIGINT', this.onInterrupt).on('SIGTERM', this.onTerminate)
  }

  release(): void {
    process.off('SIGINT', this.onInterrupt).off('SIGTERM', this.onTerminate)
  }

  private readonly onInterrupt = () => this.hear(130)
  private readonly onTerminate = () => this.hear(143)

  private hear(exitCode: number): void {
    if (this.signal.aborted) process.exit(exitCode)
    this.exitCode = exitCode
    this.controller.abort()
  }
}

/** Does work that ends early, and cleanly, once the signal of its interrupts aborts. */
export async function interruptible<T>(work: (interrupts: Interrupts) => Promise<T>): Promise<T> {
  const interrupts = new Interrupts()
  try {
    return await work(interrupts)
  } finally {
    interrupts.release()
  }
}

/** @throws TierwiseError of code `interrupted` when the signal aborts before the work is done */
export async function unlessAborted(
  underway: Promise<unknown>,
  signal: AbortSignal,
  message: string,
): Promise<void> {
  const interrupted = untilAborted(signal).then(() => {
    throw new TierwiseError(message, 'interrupted', 503)
  })
  // Whichever comes second is nobody's failure any more.
  for (const promise of [underway, interrupted]) promise.catch(() => {})
  await Promise.race([underway, interrupted])
}

export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

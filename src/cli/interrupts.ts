/** Ctrl-C and SIGTERM: the first ends the work cleanly, the second the process. */
import { once } from 'node:events'
import { TierwiseError } from '../errors.ts'

/** What was heard of them so far. */
export interface Interrupts {
  /** Aborted by the first. */
  readonly signal: AbortSignal
  /** What the process ends with that is ended by the first: 130 or 143; undefined before. */
  readonly exitCode: number | undefined
}

/** Does work that ends early, and cleanly, once the signal of its interrupts aborts. */
export async function interruptible<T>(work: (interrupts: Interrupts) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const { signal } = controller
  let first: number | undefined
  const hear = (exitCode: number) => () => {
    if (signal.aborted) process.exit(exitCode)
    first = exitCode
    controller.abort()
  }
  const [onInterrupt, onTerminate] = [hear(130), hear(143)]
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate)
  try {
    return await work({
      signal,
      get exitCode() {
        return first
      },
    })
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate)
  }
}

/** @throws TierwiseError of code `interrupted` when the signal aborts before the work is done */
export async function unlessAborted(
  underway: Promise<unknown>,
  signal: AbortSignal,
  message: string,
): Promise<void> {
  const interrupted = untilAborted(signal).then(() => {
    throw interruption(message)
  })
  // Whichever comes second is nobody's failure any more.
  for (const promise of [underway, interrupted]) promise.catch(() => {})
  await Promise.race([underway, interrupted])
}

/** What a command throws that was ended before it had anything to tell. */
export function interruption(message: string): TierwiseError {
  return new TierwiseError(message, 'interrupted', 503)
}

/** Resolves when the signal aborts; at once where it has. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

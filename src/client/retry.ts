/** When a request that was refused is sent again. */
import type { TierwiseError } from '../errors.ts'

/** How long to wait before the same request is worth sending again; Infinity: it is not. */
export function pauseMs({ status, retryAfterMs = Infinity, code }: TierwiseError): number {
  // Once dropped for its deadline, it would only come later.
  return status === 503 && code !== 'deadline' ? retryAfterMs : Infinity
}

/** Ends early with the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    const end = () => {
      clearTimeout(timer)
      resolve()
    }
    signal.addEventListener('abort', end, { once: true })
  })
}

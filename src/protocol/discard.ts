import type { IncomingMessage } from 'node:http'

/** How long what nobody needs is read, so that its sender hears the answer. */
const DISCARD_MS = 2000

/** Whether all of a request has come. */
export function isWhole({ complete, readableEnded }: IncomingMessage): boolean {
  return complete || readableEnded
}

/**
 * Reads the rest of a request and throws it away. Most clients read no answer before they have sent all: to them an early
 * answer, and the end of the connection after it, is a broken pipe. Resolves at the end of the body, or when the time is over.
 */
export async function discardRest(request: IncomingMessage): Promise<void> {
  if (isWhole(request) || request.destroyed) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, DISCARD_MS)
    const end = () => {
      clearTimeout(timer)
      resolve()
    }
    request.once('end', end).once('close', end).once('error', end)
    request.removeAllListeners('data').resume()
  })
}

/** The one name of a request in answers, in logs and on every node that has a part in it. */
import { randomUUID } from 'node:crypto'

/** In requests and in all answers, errors too. */
export const REQUEST_ID_HEADER = 'x-request-id'

/** What a log line can take: visible characters, and not many. */
const USABLE = /^[\x21-\x7e]{1,128}$/

/** The id that the caller chose, where it can be used; else a new one. */
export function requestIdOf({
  headers,
}: {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}): string {
  const chosen = headers[REQUEST_ID_HEADER]
  return typeof chosen === 'string' && USABLE.test(chosen) ? chosen : randomUUID()
}

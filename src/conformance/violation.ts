/** How a check says that its point is not kept, or cannot be seen. */

/** The server does otherwise than the protocol says. */
export class Violation extends Error {}

/** What the point is about cannot be seen with this server's model. */
export class NotShown extends Error {}

/** @throws Violation with the text, unless it is so */
export function demand(isSo: boolean, otherwise: string): asserts isSo {
  if (!isSo) throw new Violation(otherwise)
}

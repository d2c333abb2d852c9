/** Lines of a stream, none longer than a bound. */

/** A line without its end, or undefined for one that was too long: it is not kept. */
export type Line = string | undefined

/** @param longest most bytes of a line that is kept; the rest of a longer one is read and thrown away */
export async function* boundedLines(
  stream: AsyncIterable<Buffer>,
  longest: number,
): AsyncGenerator<Line> {
  let parts: Buffer[] = []
  let bytes = 0
  const take = (part: Buffer) => {
    bytes += part.length
    if (bytes > longest) parts = []
    else parts.push(part)
  }
  const ended = (): Line => {
    const line = bytes > longest ? undefined : Buffer.concat(parts).toString('utf8')
    parts = []
    bytes = 0
    return line
  }
  for await (const chunk of stream) {
    let from = 0
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', from)) {
      take(chunk.subarray(from, end))
      yield ended()
      from = end + 1
    }
    take(chunk.subarray(from))
  }
  if (bytes > 0) yield ended()
}

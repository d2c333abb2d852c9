/** Invariant of memory: no collection that a process holds grows without end. */

/** What a small fleet fills in short runs, whatever is sent: histories of 64 rounds and 256 answers are the longest bounds that are met. */
const MOST_ENTRIES = 400

/**
 * The largest collection that can be reached, where it is too large.
 * @param isOurs objects that it does not look into are somebody else's
 */
export function unbounded(root: object, isForeign: (value: object) => boolean): string | undefined {
  const seen = new Set<object>([root])
  const waiting: { readonly value: object; readonly path: string }[] = [{ value: root, path: '' }]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, path } = next
    const parts = partsOf(value)
    if (parts.length > MOST_ENTRIES) return `${path || 'it'} has ${parts.length} entries`
    for (const [key, part] of parts) {
      if (typeof part !== 'object' || part === null || seen.has(part) || isForeign(part)) continue
      seen.add(part)
      waiting.push({ value: part, path: `${path}.${String(key)}` })
    }
  }
  return undefined
}

function partsOf(value: object): (readonly [unknown, unknown])[] {
  if (ArrayBuffer.isView(value)) return []
  if (value instanceof Map) return [...value.entries()]
  if (value instanceof Set) return [...value].map((part, index) => [index, part] as const)
  return Object.entries(value)
}

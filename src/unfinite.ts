/** Where in a structured-clone safe value a number is not finite, such as `agent.weights[3]`; undefined: nowhere. */
export function unfiniteIn(value: unknown, place = 'it'): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : place
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, part] of partsOf(value)) {
    const found = unfiniteIn(part, `${place}.${String(key)}`)
    if (found !== undefined) return found
  }
  return undefined
}

/** Of integers only floating-point ones can be anything else. */
function partsOf(value: object): Iterable<readonly [unknown, unknown]> {
  if (value instanceof Float64Array || value instanceof Float32Array) {
    const index = value.findIndex((each) => !Number.isFinite(each))
    return index < 0 ? [] : [[index, value[index]]]
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return []
  if (value instanceof Map) return value.entries()
  if (value instanceof Set) return [...value].entries()
  return Object.entries(value)
}

/** 64-bit integers in JSON: JavaScript rounds those beyond 2^53, so their digits are read from the text itself. */
import type { TensorEntry } from './tensor-codec.ts'

const DATATYPES = ['INT64', 'UINT64']

/** A string, or the digits of a whole number that may be beyond 2^53. */
const LONG_INTEGER = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g

/**
 * The tensors with the 64-bit integers that were rounded as strings of their digits. The text is read a second time only where there
 * is one.
 * @param key of the tensors in the message
 */
export function withExactIntegers<Entry extends TensorEntry>(
  entries: readonly Entry[],
  json: Uint8Array,
  key: 'inputs' | 'outputs',
): readonly Entry[] {
  if (!entries.some((entry) => DATATYPES.includes(entry.datatype) && hasRounded(entry.data))) {
    return entries
  }
  const text = Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString()
  const digits = text.replace(LONG_INTEGER, (found) =>
    found.startsWith('"') ? found : `"${found}"`,
  )
  // The same message, which has been checked.
  const read: Record<typeof key, readonly TensorEntry[]> = JSON.parse(digits)
  return entries.map((entry, index) =>
    DATATYPES.includes(entry.datatype) ? { ...entry, data: read[key][index]?.data } : entry,
  )
}

function hasRounded(data: unknown): boolean {
  if (Array.isArray(data)) return data.some(hasRounded)
  return typeof data === 'number' && !Number.isSafeInteger(data)
}

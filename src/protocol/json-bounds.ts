/**
 * What a request's JSON part may hold, told by one pass over its bytes before it is parsed: parsing, and looking at what
 * was parsed, takes some 300 ms of a processor at most, whatever was sent. Large tensors travel as binary data, which none of this bounds.
 */
import { InvalidInputError, TooLargeError } from '../errors.ts'

/** Largest JSON part in bytes where nothing else is set: 150,528 elements of 17 digits take 3 MB. */
export const JSON_LIMIT_BYTES = 4 * 2 ** 20

/** Levels of arrays and objects: data of as many dimensions as any model has, and three around it. */
const MAX_DEPTH = 32
const MAX_KEYS = 1024
/** Arrays and objects: nested data of 512 × 511 pixels. */
const MAX_NESTS = 2 ** 18
const MAX_STRINGS = 2 ** 16
/** Commas, so nearly elements: 416 × 416 pixels of three colours. */
export const MAX_VALUES = 2 ** 19

const REMEDY = 'send tensors as binary data (Inference-Header-Content-Length)'
const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c]
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]

/**
 * Malformed JSON passes: whoever parses it says what is wrong.
 * @throws TooLargeError over `limitBytes`; InvalidInputError naming the bound that is exceeded
 */
export function checkJson(json: Uint8Array, limitBytes: number): void {
  if (json.byteLength > limitBytes) {
    throw new TooLargeError(
      `the JSON part has ${json.byteLength} bytes, over the limit of ${limitBytes}: ${REMEDY}`,
    )
  }
  let depth = 0
  const counts = { keys: 0, nests: 0, strings: 0, values: 0 }
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]
    if (byte === QUOTE) {
      at = endOfString(json, at)
      if (++counts.strings > MAX_STRINGS) refuse(MAX_STRINGS, 'strings')
    } else if (byte === COMMA) {
      if (++counts.values > MAX_VALUES) refuse(MAX_VALUES, 'values')
    } else if (byte === COLON) {
      if (++counts.keys > MAX_KEYS) refuse(MAX_KEYS, 'keys')
    } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      if (++depth > MAX_DEPTH) refuse(MAX_DEPTH, 'levels of arrays and objects')
      if (++counts.nests > MAX_NESTS) refuse(MAX_NESTS, 'arrays and objects')
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth--
  }
}

/** @param start of its first quote. @returns where its last quote is, or the end */
function endOfString(json: Uint8Array, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    if (json[at] === QUOTE) return at
    if (json[at] === BACKSLASH) at++
  }
  return json.length
}

function refuse(most: number, what: string): never {
  throw new InvalidInputError(`the JSON part has more than ${most} ${what}: ${REMEDY}`)
}

/**
 * What a request's message may hold, told by one pass over its bytes before it is parsed, as `json-bounds.ts` does for JSON: 16 MiB of
 * empty fields would hold the event loop up for seconds. Raw contents are few and long, which none of this bounds.
 */
import { InvalidInputError } from '../../errors.ts'
import { MAX_VALUES } from '../json-bounds.ts'

const MAX_FIELDS = 2 ** 16
/** Tensors and parameters: a parameter is two, its entry and its value. */
const MAX_MESSAGES = 4096
/** Of what is no inference: some names. */
const MAX_OTHER_BYTES = 2 ** 16

/** What a field holds → the wire types that it comes in; 2 has a length: a text, a message, or several numbers packed. */
const WIRE_TYPES = {
  text: [2],
  varint: [0],
  fixed64: [1],
  varints: [0, 2],
  fixed32s: [5, 2],
  fixed64s: [1, 2],
}
/** Field number → what it holds; a field that is not here is passed over, as by the parser. */
interface Form {
  readonly [field: number]: Form | keyof typeof WIRE_TYPES
}

const VALUE: Form = { 1: 'varint', 2: 'varint', 3: 'text', 4: 'fixed64', 5: 'varint' }
const PARAMETER: Form = { 1: 'text', 2: VALUE }
const CONTENTS: Form = {
  ...{ 1: 'varints', 2: 'varints', 3: 'varints', 4: 'varints', 5: 'varints' },
  ...{ 6: 'fixed32s', 7: 'fixed64s', 8: 'text' },
}
const INPUT: Form = { 1: 'text', 2: 'text', 3: 'varints', 4: PARAMETER, 5: CONTENTS }
const OUTPUT: Form = { 1: 'text', 2: PARAMETER }
/** `ModelInferRequest` of the proto. */
const INFERENCE: Form = {
  ...{ 1: 'text', 2: 'text', 3: 'text', 4: PARAMETER, 5: INPUT, 6: OUTPUT, 7: 'text' },
}

/**
 * @param method that the message is a request of
 * @throws InvalidInputError naming the bound that is exceeded, or for what is no message of the protocol
 */
export function checkMessage(message: Uint8Array, method: string): void {
  if (method === 'ModelInfer') new Pass(message).fields(INFERENCE, message.byteLength)
  else if (message.byteLength > MAX_OTHER_BYTES) {
    throw new InvalidInputError(`a message of ${method} has ${MAX_OTHER_BYTES} bytes at most`)
  }
}

class Pass {
  private readonly bytes: Uint8Array
  private at = 0
  private readonly counts = { fields: 0, messages: 0, values: 0 }

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** All fields up to `end`. */
  fields(form: Form, end: number): void {
    while (this.at < end) {
      this.count('fields', 1, MAX_FIELDS)
      const tag = this.varint(end)
      if (tag >= 2 ** 32) throw malformed()
      const kind = form[tag >>> 3]
      const wireType = tag % 8
      if (!wireTypesOf(kind).includes(wireType)) throw malformed()
      if (wireType === 0) this.varint(end)
      else if (wireType === 2) this.long(kind, this.varint(end), end)
      else this.at += wireType === 1 ? 8 : 4
      if (this.at > end) throw malformed()
    }
  }

  private long(kind: Form[number] | undefined, length: number, end: number): void {
    const stop = this.at + length
    if (stop > end) throw malformed()
    if (typeof kind === 'object') {
      this.count('messages', 1, MAX_MESSAGES)
      this.fields(kind, stop)
    } else if (kind === 'varints') this.count('values', this.varints(stop), MAX_VALUES)
    else if (kind === 'fixed32s') this.count('values', length / 4, MAX_VALUES)
    else if (kind === 'fixed64s') this.count('values', length / 8, MAX_VALUES)
    this.at = stop
  }

  /** Numbers up to `stop`: each ends with a byte whose first bit is 0. */
  private varints(stop: number): number {
    let count = 0
    for (let at = this.at; at < stop; at++) if ((this.bytes[at] ?? 0) < 128) count += 1
    return count
  }

  /** Ten bytes at most. */
  private varint(end: number): number {
    let value = 0
    for (let factor = 1; this.at < end && factor < 2 ** 70; factor *= 128) {
      const byte = this.bytes[this.at++] ?? 0
      value += (byte % 128) * factor
      if (byte < 128) return value
    }
    throw malformed()
  }

  private count(what: keyof Pass['counts'], more: number, most: number): void {
    this.counts[what] += more
    if (this.counts[what] <= most) return
    throw new InvalidInputError(
      `the message has more than ${most} ${what}: send tensors as raw_input_contents`,
    )
  }
}

function wireTypesOf(kind: Form[number] | undefined): readonly number[] {
  if (kind === undefined) return [0, 1, 2, 5]
  return typeof kind === 'object' ? WIRE_TYPES.text : WIRE_TYPES[kind]
}

function malformed(): InvalidInputError {
  return new InvalidInputError(
    'the message is none of the protocol: a field ends too early, or is of another type',
  )
}

/** Writes the protobuf wire format: varints, fixed 32-bit floats and length-delimited fields. */
const VARINT = 0
const LENGTH_DELIMITED = 2
const FIXED_32 = 5

/** One protobuf message under construction. Every method takes the field's number and returns the message. */
export class ProtobufMessage {
  private readonly parts: Uint8Array[] = []
  private byteLength = 0

  /** An int32, int64 or enum field; a negative value takes ten bytes, as the format demands. */
  integer(field: number, value: number): this {
    return this.tag(field, VARINT).append(varint(value))
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setFloat32(0, value, true)
    return this.tag(field, FIXED_32).append(bytes)
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value))
  }

  /** The bytes are kept, not copied, until `encode`. */
  bytes(field: number, value: Uint8Array): this {
    return this.tag(field, LENGTH_DELIMITED).append(varint(value.byteLength)).append(value)
  }

  message(field: number, value: ProtobufMessage): this {
    this.tag(field, LENGTH_DELIMITED).append(varint(value.byteLength))
    for (const part of value.parts) this.append(part)
    return this
  }

  encode(): Uint8Array<ArrayBuffer> {
    const encoded = new Uint8Array(this.byteLength)
    let offset = 0
    for (const part of this.parts) {
      encoded.set(part, offset)
      offset += part.byteLength
    }
    return encoded
  }

  private tag(field: number, wireType: number): this {
    return this.append(varint(field * 8 + wireType))
  }

  private append(part: Uint8Array): this {
    this.parts.push(part)
    this.byteLength += part.byteLength
    return this
  }
}

/** Seven bits a byte, lowest first; all but the last byte have the high bit set. */
function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

import { describe, expect, it } from 'vitest'
import { ProtobufMessage } from './protobuf-writer.ts'

const bytes = (message: ProtobufMessage) => Array.from(message.encode())

describe('ProtobufMessage', () => {
  it('writes nothing for an empty message', () => {
    expect(bytes(new ProtobufMessage())).toEqual([])
  })

  // 150 = 0b1_0010110: low seven bits first, with the high bit saying that more follow
  it.each([
    [0, [0x08, 0x00]],
    [127, [0x08, 0x7f]],
    [128, [0x08, 0x80, 0x01]],
    [150, [0x08, 0x96, 0x01]],
    [2 ** 40, [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]],
    [-1, [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
  ])('writes the integer %d as a varint', (value, expected) => {
    expect(bytes(new ProtobufMessage().integer(1, value))).toEqual(expected)
  })

  it('writes a field number over 15 in a two-byte tag', () => {
    expect(bytes(new ProtobufMessage().integer(20, 7))).toEqual([0xa0, 0x01, 7])
  })

  it('writes floats in four little-endian bytes', () => {
    expect(bytes(new ProtobufMessage().float(2, 1))).toEqual([0x15, 0x00, 0x00, 0x80, 0x3f])
  })

  it('writes strings as UTF-8 with their length in bytes', () => {
    expect(bytes(new ProtobufMessage().string(1, 'aé'))).toEqual([0x0a, 3, 0x61, 0xc3, 0xa9])
  })

  it('nests messages, and later changes of the inner one do not matter', () => {
    const inner = new ProtobufMessage().integer(1, 1)
    const outer = new ProtobufMessage().message(3, inner).integer(4, 2)
    inner.integer(1, 9)
    expect(bytes(outer)).toEqual([0x1a, 2, 0x08, 1, 0x20, 2])
  })

  it('writes the length of a long field as a varint', () => {
    const encoded = new ProtobufMessage().bytes(1, new Uint8Array(300).fill(5)).encode()
    expect(Array.from(encoded.subarray(0, 4))).toEqual([0x0a, 0xac, 0x02, 5])
    expect(encoded.byteLength).toBe(303)
  })
})

import { type IdxArray, UNSIGNED_BYTES } from './idx.ts'

/** The bytes of an IDX file, not compressed. */
export function idxBytes({ sizes, data }: IdxArray): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * sizes.length))
  header.setUint8(2, UNSIGNED_BYTES)
  header.setUint8(3, sizes.length)
  for (const [index, size] of sizes.entries()) header.setUint32(4 + 4 * index, size)
  return Buffer.concat([new Uint8Array(header.buffer), data])
}

/** BYTES tensors: each element is a 4-byte little-endian length and that many bytes. */
import { InvalidInputError } from '../errors.ts'

const PREFIX_BYTES = 4

/**
 * The elements of a BYTES tensor, as views of its data.
 * @throws InvalidInputError when a length runs past the end
 */
export function splitByteStrings(name: string, data: Uint8Array): Uint8Array[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const elements: Uint8Array[] = []
  let offset = 0
  while (offset < data.byteLength) {
    const start = offset + PREFIX_BYTES
    const end = start <= data.byteLength ? start + view.getUint32(offset, true) : start
    if (end > data.byteLength) {
      throw new InvalidInputError(
        `BYTES tensor "${name}" is truncated: element ${elements.length} ends at byte ${end} of ${data.byteLength}`,
      )
    }
    elements.push(data.subarray(start, end))
    offset = end
  }
  return elements
}

/** The data of a BYTES tensor with these elements. */
export function joinByteStrings(elements: readonly Uint8Array[]): Uint8Array {
  const data = new Uint8Array(
    elements.reduce((sum, element) => sum + PREFIX_BYTES + element.byteLength, 0),
  )
  const view = new DataView(data.buffer)
  let offset = 0
  for (const element of elements) {
    view.setUint32(offset, element.byteLength, true)
    data.set(element, offset + PREFIX_BYTES)
    offset += PREFIX_BYTES + element.byteLength
  }
  return data
}

/** 16-bit floats, which this version of Node has no type for: halves (IEEE 754 binary16), and BF16, the upper half of an FP32. */

const word = new Float32Array(1)
const bits = new Uint32Array(word.buffer)

/** The nearest half as its bit pattern; of two equally near ones, the even. Beyond 65,504 it is infinite. */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const magnitude = Math.abs(value)
  if (Number.isNaN(value)) return 0x7e00
  if (magnitude >= 65520) return sign | 0x7c00
  // Below 2⁻¹⁴ halves are whole multiples of 2⁻²⁴.
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24)
  word[0] = magnitude
  const [pattern = 0] = bits
  // 13 bits of the fraction go; the exponent's bias falls from 127 to 15. A carry from rounding goes into the exponent, rightly.
  return sign | (roundToEven(pattern / 2 ** 13) - (112 << 10))
}

/** The number that a half's bit pattern stands for. */
export function halfValue(pattern: number): number {
  const sign = pattern & 0x8000 ? -1 : 1
  const exponent = (pattern >> 10) & 0x1f
  const fraction = pattern & 0x3ff
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Infinity
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

/** The nearest BF16 as its bit pattern; of two equally near ones, the even. */
export function brainBits(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0
  word[0] = value
  const [pattern = 0] = bits
  return roundToEven(pattern / 2 ** 16)
}

/** The number that a BF16's bit pattern stands for. */
export function brainValue(pattern: number): number {
  bits[0] = pattern * 2 ** 16
  const [value = 0] = word
  return value
}

function roundToEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below
}

import { describe, expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import type { GreyPicture } from '../../src/serving/models/picture.ts'
import { shifted } from './pictures.ts'
import { type Shift, STRENGTHS } from './settings.ts'

function pictureOf(side: number, pixels: readonly number[]): GreyPicture {
  return { height: side, width: side, pixels: Uint8Array.from(pixels) }
}
const pixelsOf = (picture: GreyPicture, shift: Shift, strength: number, seed = 1) => [
  ...shifted(picture, { shift, strength }, new Random(seed)).pixels,
]
const GREY = pictureOf(20, Array(400).fill(128))
/** One bright pixel in the middle of 5 × 5, and one beside it. */
const DOT = pictureOf(
  5,
  Array.from({ length: 25 }, (_, at) => (at === 12 ? 200 : at === 13 ? 100 : 0)),
)

test('darkness takes a share of every pixel', () => {
  expect(pixelsOf(pictureOf(1, [200]), 'darkness', 25)).toEqual([150])
})

describe('rotation', () => {
  test('by a right angle moves pixels, by none leaves them', () => {
    expect(pixelsOf(DOT, 'rotation', 0)).toEqual([...DOT.pixels])
    // What was right of the middle is below it, or above: the whole of it.
    const turned = pixelsOf(DOT, 'rotation', 90)
    expect(turned[12]).toBe(200)
    expect(turned[13]).toBe(0)
    expect([turned[7], turned[17]].sort()).toEqual([0, 100])
  })

  test('takes between pixels in proportion', () => {
    // The first corner comes from √2 left of the middle: 0.41 px beyond the row's end. The next one comes from above the row.
    const turned = pixelsOf(pictureOf(3, [0, 0, 0, 90, 90, 90, 0, 0, 0]), 'rotation', 45)
    expect(turned.filter((_, at) => at % 2 === 0)).toEqual([53, 0, 90, 0, 53])
  })
})

describe('blur', () => {
  test('spreads a pixel by the Gaussian and keeps the sum', () => {
    const point = pictureOf(
      15,
      Array.from({ length: 225 }, (_, at) => (at === 112 ? 250 : 0)),
    )
    const blurred = pixelsOf(point, 'blur', 1)
    // 250 / (2π), and e^(−1/2) of it beside.
    expect(blurred[112]).toBeCloseTo(250 / (2 * Math.PI), -0.5)
    expect(blurred[113]).toBeCloseTo((250 / (2 * Math.PI)) * Math.exp(-0.5), -0.5)
    expect(blurred[113]).toBe(blurred[97])
    expect(Math.abs(blurred.reduce((sum, value) => sum + value, 0) - 250)).toBeLessThan(15)
  })

  test('leaves what is even, but for the edges', () => {
    expect(pixelsOf(GREY, 'blur', 1)[210]).toBe(128)
  })
})

test('noise is as strong as it says, drawn by the seed, and stays within the range', () => {
  const noisy = pixelsOf(GREY, 'noise', 10)
  const deviation = Math.sqrt(
    noisy.reduce((sum, value) => sum + (value - 128) ** 2, 0) / noisy.length,
  )
  expect(deviation).toBeGreaterThan(23)
  expect(deviation).toBeLessThan(28)
  expect(pixelsOf(GREY, 'noise', 10)).toEqual(noisy)
  expect(pixelsOf(GREY, 'noise', 10, 2)).not.toEqual(noisy)
  const white = pixelsOf(pictureOf(2, [255, 255, 0, 0]), 'noise', 100)
  expect(white.every((value) => value >= 0 && value <= 255)).toBe(true)
})

test('occlusion covers a square, wherever it falls', () => {
  const places = Array.from({ length: 30 }, (_, seed) => {
    const covered = pixelsOf(GREY, 'occlusion', 6, seed)
    expect(covered.filter((value) => value === 0)).toHaveLength(36)
    return covered.indexOf(0)
  })
  expect(new Set(places).size).toBeGreaterThan(20)
})

test('every shift leaves the picture its size', () => {
  for (const [shift, strengths] of Object.entries(STRENGTHS)) {
    for (const strength of strengths) {
      const { height, width, pixels } = shifted(
        GREY,
        { shift: shift as Shift, strength },
        new Random(1),
      )
      expect([height, width, pixels.length]).toEqual([20, 20, 400])
    }
  }
})

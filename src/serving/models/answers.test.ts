import { describe, expect, it } from 'vitest'
import { ConfigError, InvalidInputError } from '../../errors.ts'
import { answersOf, type KnownPicture, rankOf } from './answers.ts'
import type { Catalogue } from './catalogue-schema.ts'

const catalogue: Catalogue = {
  model: 'm',
  input: { name: 'x', datatype: 'UINT8', shape: [1, 1, 1, 1], mean: 0, scale: 1 },
  output: { name: 'y', shape: [1, 2] },
  labels: [],
  cascades: [],
  variants: ['plain', 'tempered'].map((name, index) => ({
    name,
    file: name,
    precision: 'FP32',
    accuracyPercent: 0,
    accuracySource: 'test',
    temperature: index === 0 ? 1 : 0.5,
  })),
}

/** A picture of one pixel: the percentage that the scores give to class 0. */
function picture(pixel: number, label: number): KnownPicture {
  return { name: `p${pixel}`, label, values: async () => Uint8Array.of(pixel) }
}

const options = {
  infer: async (_: unknown, [pixel = 0]: ArrayLike<number> & Iterable<number>) => [
    pixel / 100,
    1 - pixel / 100,
  ],
  lanes: 3,
  keepScores: false,
  onPicture: () => {},
}

describe('answersOf', () => {
  it('keeps ranks and margins by variant, in the order of the pictures', async () => {
    const pictures = [picture(90, 0), picture(40, 0), picture(25, 1), picture(60, 1)]
    const { byVariant, labels } = await answersOf(catalogue, pictures, options)
    const [plain, tempered] = byVariant
    expect(labels).toEqual([0, 0, 1, 1])
    expect(plain?.ranks).toEqual([0, 1, 0, 1])
    plain?.margins.forEach((margin, index) => {
      expect(margin).toBeCloseTo([0.8, 0.2, 0.5, 0.2][index] ?? 0, 9)
    })
    // 0.9² : 0.1² = 81 : 1
    expect(tempered?.margins[0]).toBeCloseTo(80 / 82, 9)
    expect(plain?.scores).toEqual([])
  })

  it('names what cannot be read and counts it for nothing', async () => {
    const broken: KnownPicture = {
      name: 'broken.png',
      label: 1,
      values: () => Promise.reject(new InvalidInputError('no picture')),
    }
    const pictures = [broken, picture(90, 0)]
    const answers = await answersOf(catalogue, pictures, { ...options, keepScores: true })
    expect(answers).toMatchObject({ labels: [0], unreadable: ['broken.png'] })
    expect(answers.byVariant[0]?.ranks).toEqual([0])
    expect(answers.byVariant[0]?.scores).toHaveLength(1)
  })

  it('refuses scores that are no probabilities, unless the catalogue says so', async () => {
    const infer = async () => [3, -1]
    const logits = { ...catalogue, output: { ...catalogue.output, kind: 'logits' as const } }
    const pictures = [picture(1, 0)]
    const refused = answersOf(catalogue, pictures, { ...options, infer })
    await expect(refused).rejects.toThrow(ConfigError)
    await expect(refused).rejects.toThrow(/variant plain for p1 add up to 2\.000.*kind: logits/)
    const { byVariant } = await answersOf(logits, pictures, { ...options, infer })
    expect(byVariant[0]?.margins[0]).toBeCloseTo(Math.tanh(2), 9)
  })

  it('lets a failing model through', async () => {
    const infer = () => Promise.reject(new Error('out of memory'))
    await expect(answersOf(catalogue, [picture(1, 0)], { ...options, infer })).rejects.toThrow(
      'out of memory',
    )
  })
})

describe('rankOf', () => {
  it('counts the classes that score higher, and ties against the model', () => {
    expect(rankOf(1, [0.1, 0.7, 0.2])).toBe(0)
    expect(rankOf(0, [0.1, 0.7, 0.2])).toBe(2)
    expect(rankOf(2, [0.5, 0.5, 0.5])).toBe(2)
  })

  it('gives no credit for scores that are not numbers, or missing', () => {
    expect(rankOf(0, [Number.NaN, Number.NaN, Number.NaN])).toBe(2)
    expect(rankOf(0, [0.5, Number.NaN, 0.1])).toBe(1)
    expect(rankOf(7, [0.5, 0.2])).toBe(2)
  })
})

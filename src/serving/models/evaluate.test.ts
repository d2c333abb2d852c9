import { describe, expect, it } from 'vitest'
import { ConfigError, InvalidInputError } from '../../errors.ts'
import { Random } from '../../random.ts'
import type { Infer, KnownPicture } from './answers.ts'
import type { Catalogue, Variant } from './catalogue-schema.ts'
import { type EvaluateOptions, evaluateCatalogue } from './evaluate.ts'

const variant = (name: string, megaMacs: number): Variant => {
  return { name, megaMacs, precision: 'FP32', file: '', accuracyPercent: 0, accuracySource: '' }
}

const catalogue: Catalogue = {
  model: 'm',
  input: { name: 'x', datatype: 'FP32', shape: [1, 1, 1, 1], mean: 0, scale: 1 },
  output: { name: 'y', shape: [1, 6], kind: 'logits' },
  labels: [],
  cascades: [],
  variants: [variant('large', 10), variant('small', 1)],
}

/** A picture is a logit for each class, the right one's raised; its number stands for it. */
function pictures(count: number, seed: number, classes = 6): KnownPicture[] {
  const random = new Random(seed)
  return Array.from({ length: count }, (_, index) => {
    const label = index % classes
    const logits = Float32Array.from(
      { length: 6 },
      (_, one) => 2 * random.normal() + (one === label ? 4 : 0),
    )
    return { name: `p${index}`, label, values: async () => logits }
  })
}

/** `large` sees the logits as they are, twice as sure as it should be; `small` does not see half of them. */
const infer: Infer = async ({ name }, values) =>
  Array.from(values, (logit, label) => {
    if (name === 'large') return 2 * logit
    return label % 2 === 0 ? logit : 0.5 * logit
  })

const options: EvaluateOptions = { metric: 'top-1', infer, lanes: 2 }

/** Share of right answers, by the definition. */
async function shareRight(name: string, given: readonly KnownPicture[], places = 1) {
  let right = 0
  for (const { label, values } of given) {
    const scores = Array.from(await infer(variant(name, 1), await values()))
    const better = scores.filter((score) => score >= (scores[label] ?? 0)).length - 1
    if (better < places) right += 1
  }
  return (100 * right) / given.length
}

describe('evaluateCatalogue', () => {
  it('counts every picture and tells the interval of the metric', async () => {
    const given = pictures(401, 1)
    const {
      variants,
      pictures: counted,
      classes,
    } = await evaluateCatalogue(catalogue, given, options)
    expect([counted, classes]).toEqual([401, 6])
    for (const { variant: name, top1Percent, top5Percent, interval } of variants) {
      expect(top1Percent).toBeCloseTo(await shareRight(name, given), 9)
      expect(top5Percent).toBeCloseTo(await shareRight(name, given, 5), 9)
      expect(interval[0]).toBeLessThan(top1Percent)
      expect(interval[1]).toBeGreaterThan(top1Percent)
      expect(interval[1] - interval[0]).toBeLessThan(10)
    }
    const other = await evaluateCatalogue(catalogue, given, { ...options, metric: 'top-5' })
    const [large] = other.variants
    expect(large?.interval[0]).toBeLessThan(large?.top5Percent ?? 0)
    expect(large?.interval[0]).toBeGreaterThan(large?.top1Percent ?? 100)
  })

  it('fits temperatures on held-out pictures, which no accuracy counts', async () => {
    const [given, heldOut] = [pictures(300, 1), pictures(1000, 2)]
    const evaluation = await evaluateCatalogue(catalogue, given, { ...options, heldOut })
    expect(evaluation).toMatchObject({ pictures: 300, heldOutPictures: 1000 })
    const [large, small] = evaluation.variants
    expect(large?.top1Percent).toBeCloseTo(await shareRight('large', given), 9)
    // The same logits, twice as high: twice the temperature.
    const halved: Infer = async (one, values) =>
      Array.from(await infer(one, values), (logit) => (one.name === 'large' ? logit / 2 : logit))
    const calm = await evaluateCatalogue(catalogue, given, { ...options, infer: halved, heldOut })
    expect((large?.temperature ?? 0) / (calm.variants[0]?.temperature ?? 1)).toBeCloseTo(2, 2)
    expect(small?.temperature).toBe(calm.variants[1]?.temperature)
  })
})

describe('what evaluateCatalogue chooses', () => {
  it('finds the cascade, its margins after temperature', async () => {
    const [given, heldOut] = [pictures(2000, 1), pictures(2000, 2)]
    const { cascades, variants } = await evaluateCatalogue(catalogue, given, {
      ...options,
      heldOut,
    })
    const [large, small] = variants.map(({ top1Percent }) => top1Percent)
    const [cascade] = cascades ?? []
    expect(cascade).toMatchObject({ small: 'small', large: 'large' })
    expect(cascade?.points.length).toBeGreaterThan(1)
    const [first] = cascade?.points ?? []
    expect(first?.escalatedPercent).toBeGreaterThan(2)
    expect(first?.escalatedPercent).toBeLessThan(9)
    expect(first?.accuracyPercent).toBeGreaterThan(small ?? 100)
    expect(first?.accuracyPercent).toBeLessThan(large ?? 0)
  })

  it('takes half of the pictures to choose on where none is held out', async () => {
    const evaluation = await evaluateCatalogue(catalogue, pictures(2000, 3), options)
    expect(evaluation.pictures).toBe(2000)
    expect(Math.abs(evaluation.heldOutPictures - 1000)).toBeLessThan(100)
    expect(evaluation.cascades).not.toEqual([])
    expect(evaluation.variants[0]?.temperature).toBeGreaterThan(1)
  })

  it('chooses nothing on few pictures', async () => {
    const evaluation = await evaluateCatalogue(catalogue, pictures(20, 1), options)
    expect(evaluation).toMatchObject({ pictures: 20, cascades: undefined })
    expect(evaluation.variants[0]).not.toHaveProperty('temperature')
  })

  it('names what it cannot read, tells how many classes it saw, and how far it is', async () => {
    const broken: KnownPicture = {
      name: 'broken.png',
      label: 0,
      values: () => Promise.reject(new InvalidInputError('no picture')),
    }
    const seen: string[] = []
    const onProgress = (done: number, total: number) => seen.push(`${done}/${total}`)
    const given = [...pictures(4, 1, 2), broken]
    const evaluation = await evaluateCatalogue(catalogue, given, { ...options, onProgress })
    expect(evaluation).toMatchObject({ pictures: 4, classes: 2, unreadable: ['broken.png'] })
    expect(seen).toEqual(['1/5', '2/5', '3/5', '4/5', '5/5'])
    await expect(evaluateCatalogue(catalogue, [broken], options)).rejects.toThrow(ConfigError)
  })
})

import { expect, test } from 'vitest'
import type { Variant } from './catalogue.ts'
import { fittingVariants } from './memory-limit.ts'

const MB = 2 ** 20
const input = { name: 'x', datatype: 'FP32', shape: [1, 3], mean: 0, scale: 1 } as const

function variant(name: string, file: Variant['file'], bytes?: number): Variant {
  const facts = { precision: 'FP32', accuracyPercent: 90, accuracySource: 'made up' } as const
  return { name, file, ...facts, ...(bytes !== undefined && { bytes }) }
}

/** MiB that each file is measured to take. */
const grown: Record<string, number> = { '/large': 40, '/middle': 15, '/small': 5 }
const measure = async (file: string) => (grown[file] ?? 0) * MB
const ladder = {
  input,
  variants: ['large', 'middle', 'small'].map((name) => variant(name, `/${name}`)),
}

async function held(limitMb: number, workers = 1, of = ladder): Promise<string[]> {
  const all = await fittingVariants(of, { limitMb, workers, measure })
  return all.filter(({ fits }) => fits).map(({ name }) => name)
}

test('holds the smallest, as many as fit together', async () => {
  expect(await held(60)).toEqual(['small', 'middle', 'large'])
  expect(await held(59)).toEqual(['small', 'middle'])
  expect(await held(20)).toEqual(['small', 'middle'])
  expect(await held(19)).toEqual(['small'])
  expect(await held(4)).toEqual([])
})

test('counts every worker', async () => {
  expect(await held(40, 2)).toEqual(['small', 'middle'])
  expect(await held(39, 2)).toEqual(['small'])
})

test('takes a file for at least its own size, and another server’s model for nothing', async () => {
  const remote = variant('remote', { url: 'http://triton', model: 'm' })
  const of = { input, variants: [variant('heavy', '/small', 30 * MB), remote] }
  expect(await held(29, 1, of)).toEqual(['remote'])
  expect(await held(30, 1, of)).toEqual(['remote', 'heavy'])
})

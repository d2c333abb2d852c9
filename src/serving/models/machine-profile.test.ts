import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { InvalidInputError } from '../../errors.ts'
import { Random } from '../../random.ts'
import { affineCatalogue, affineInput } from '../backends/backend.conformance.ts'
import { IntelligentService } from '../intelligent-service.ts'
import { markDominated, measureMachine } from './machine-profile.ts'

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'profile-'))
})

afterAll(() => rm(directory, { recursive: true }))

const rated = (variant: string, accuracyPercent: number, p50Ms: number) => ({
  variant,
  accuracyPercent,
  p50Ms,
})

describe('domination', () => {
  test('marks the variants that another beats, with the most accurate of those', () => {
    // Accuracies of Table III and times measured on a processor where INT8 pays for wide models only.
    const marked = markDominated([
      rated('d0', 89.9, 4.99),
      rated('d1', 88.2, 2.83),
      rated('d2', 84.9, 1.26),
      rated('d3', 74.2, 0.46),
      rated('d4', 88.9, 1.94),
      rated('d5', 87.0, 1.41),
      rated('d6', 83.2, 0.82),
      rated('d7', 72.8, 0.61),
    ])
    const dominators = marked.map(({ variant, dominatedBy }) => [variant, dominatedBy])
    expect(dominators).toEqual([
      ['d0', undefined],
      ['d1', 'd4'],
      ['d2', undefined],
      ['d3', undefined],
      ['d4', undefined],
      ['d5', undefined],
      ['d6', undefined],
      ['d7', 'd3'],
    ])
  })

  test('needs only one axis to be better when the other is equal', () => {
    const [slow, fast] = markDominated([rated('slow', 80, 2), rated('fast', 80, 1)])
    expect(slow?.dominatedBy).toBe('fast')
    expect(fast).not.toHaveProperty('dominatedBy')
    const [poor, good] = markDominated([rated('poor', 70, 1), rated('good', 80, 1)])
    expect(poor?.dominatedBy).toBe('good')
    expect(good).not.toHaveProperty('dominatedBy')
  })

  test('leaves equals and a variant alone unmarked', () => {
    const equals = markDominated([rated('a', 80, 1), rated('b', 80, 1)])
    for (const profile of equals) expect(profile).not.toHaveProperty('dominatedBy')
    expect(markDominated([rated('a', 80, 1)])).toEqual([rated('a', 80, 1)])
    expect(markDominated([])).toEqual([])
  })

  test('prefers the fastest of equally accurate dominators', () => {
    const marked = markDominated([rated('x', 70, 3), rated('a', 80, 2), rated('b', 80, 1)])
    expect(marked[0]?.dominatedBy).toBe('b')
  })

  test('agrees with the definition on random profiles', () => {
    const random = new Random(5)
    for (let trial = 0; trial < 200; trial++) {
      const profiles = Array.from({ length: 1 + random.integer(9) }, (_, index) =>
        rated(`v${index}`, random.integer(5), random.integer(5)),
      )
      for (const { dominatedBy, ...profile } of markDominated(profiles)) {
        const beaten = profiles.some(
          (other) =>
            other.accuracyPercent >= profile.accuracyPercent &&
            other.p50Ms <= profile.p50Ms &&
            (other.accuracyPercent !== profile.accuracyPercent || other.p50Ms !== profile.p50Ms),
        )
        expect(dominatedBy !== undefined).toBe(beaten)
        // A dominator worth naming is not itself dominated.
        const dominator = markDominated(profiles).find(({ variant }) => variant === dominatedBy)
        expect(dominator?.dominatedBy).toBeUndefined()
      }
    }
  })
})

describe('a machine’s profile', () => {
  test('measures every variant of a running service', async () => {
    const catalogue = await affineCatalogue(directory)
    const service = new IntelligentService({ catalogue, workers: 1, queueLimit: 4 })
    await service.start()
    const progress: [number, number][] = []
    const onProgress = (done: number, total: number) => progress.push([done, total])
    const input = affineInput(1, 2, 3)
    const profiles = await measureMachine(service, { runs: 5, input, onProgress })
    expect(profiles.map(({ variant }) => variant)).toEqual(['d0', 'd1'])
    expect(progress).toEqual(Array.from({ length: 10 }, (_, index) => [index + 1, 10]))
    for (const { p50Ms, p95Ms, memoryMb, accuracySource, precision } of profiles) {
      expect(p50Ms).toBeGreaterThan(0)
      expect(p95Ms).toBeGreaterThanOrEqual(p50Ms)
      expect(memoryMb).toBeLessThan(50)
      expect(accuracySource).toBe('made up')
      expect(precision).toBe('FP32')
    }
    expect(profiles.map(({ accuracyPercent }) => accuracyPercent)).toEqual([89, 88])
    await service.close()
  })

  test('passes on what the service refuses', async () => {
    const catalogue = await affineCatalogue(directory)
    const service = new IntelligentService({ catalogue, workers: 1, queueLimit: 4 })
    await service.start()
    const input = { ...affineInput(1, 2, 3), name: 'image' }
    await expect(measureMachine(service, { runs: 1, input })).rejects.toThrow(InvalidInputError)
    await service.close()
  })
})

import { expect, test } from 'vitest'
import { changed, EXAMPLE_RUN } from './example-run.fixture.ts'
import { gapPercent, stepCounts, TRAINING } from './trainings.ts'

const context = { signal: new AbortController().signal, onProgress: async () => undefined }

test('steps are those to convergence, infinitely many without', () => {
  expect(stepCounts([EXAMPLE_RUN, changed({ converged: false })])).toEqual([97, Infinity])
})

test('the gap is to the optimum', () => {
  expect(gapPercent(changed({ responseTimeMs: 150, oracleResponseTimeMs: 100 }))).toBeCloseTo(50, 9)
})

test('a run trains the agent of its settings, and tells every step', async () => {
  const parts: string[] = []
  const onProgress = async (part: string) => void parts.push(part)
  const { settings } = changed({ agent: 'oracle', users: 2, maxSteps: 3 })
  const result = await TRAINING.run(settings, { ...context, onProgress })
  expect(result).toMatchObject({ converged: false, realSteps: 3, steps: 3 })
  expect(parts).toEqual(['step 1', 'step 2', 'step 3'])
})

test('a run ends when telling of its progress fails', async () => {
  const onProgress = () => Promise.reject(new Error('enough'))
  const { settings } = changed({ agent: 'oracle', users: 2 })
  await expect(async () => TRAINING.run(settings, { ...context, onProgress })).rejects.toThrow(
    'enough',
  )
})

test('runs of one kind are of one learner and number of users', () => {
  const { kind, cell } = TRAINING.label(
    changed({ mode: 'literal', overrides: { epsilon: 1 }, feedback: 'average' }).settings,
  )
  expect(kind).toBe('hybrid exact literal average epsilon=1 5 users')
  expect(cell).toBe('A 85 % seed 101')
})

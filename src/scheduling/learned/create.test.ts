import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { createTraining, defaultTrainer, TRAINER_NAMES } from './create.ts'
import { PAIRS_NODE } from './pairs.fixture.ts'

describe('createTraining', () => {
  it.each(TRAINER_NAMES)('knows %s, which learns nothing before it is asked', (name) => {
    const training = createTraining(name, PAIRS_NODE, new Random(1), { hidden: 8 })
    expect(training.return).toBeTypeOf('function')
  })

  it('refuses hindsight for several workers at once', () => {
    const node = { ...PAIRS_NODE, workers: 2 }
    expect(() => createTraining('hindsight', node, new Random(1))).toThrow('one worker')
  })
})

describe('defaultTrainer', () => {
  it('is hindsight for one worker, roll-outs for more', () => {
    expect(defaultTrainer(PAIRS_NODE)).toBe('hindsight')
    expect(defaultTrainer({ ...PAIRS_NODE, workers: 4 })).toBe('roll-outs')
  })
})

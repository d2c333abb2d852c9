import { describe, expect, it } from 'vitest'
import { createLearnedNetwork, type LearnedNetwork } from './network/learned-network.ts'
import { runTraining } from './run-training.ts'
import type { TrainingProgress } from './training-node.ts'

const network = createLearnedNetwork({
  trainedBy: 'hand',
  node: { variants: 1, batches: 1, workers: 1, windows: 4 },
  deadlineMs: 20,
  frames: 1,
  recurrent: 0,
  hidden: 1,
  priorLogit: 0,
  parameters: [],
})

function* training(seen: number[]): Generator<TrainingProgress, LearnedNetwork> {
  for (let round = 1; round <= 3; round++) {
    seen.push(round)
    yield { round, rounds: 3, decisions: 10 * round, objective: -1 / round }
  }
  return network
}

describe('runTraining', () => {
  it('returns the network and tells of every round', async () => {
    const told: number[] = []
    const onProgress = ({ decisions }: TrainingProgress) => told.push(decisions)
    expect(await runTraining(training([]), { onProgress })).toBe(network)
    expect(told).toEqual([10, 20, 30])
  })

  it('stops when it is told to', async () => {
    const seen: number[] = []
    const controller = new AbortController()
    setTimeout(() => controller.abort(new Error('enough')), 0)
    const running = runTraining(training(seen), { signal: controller.signal })
    await expect(running).rejects.toThrow('enough')
    expect(seen).toEqual([1])
  })

  it('passes on what goes wrong', async () => {
    const failing = (function* (): Generator<TrainingProgress, LearnedNetwork> {
      yield { round: 1, rounds: 2, decisions: 0, objective: 0 }
      throw new Error('no memory')
    })()
    await expect(runTraining(failing)).rejects.toThrow('no memory')
  })
})

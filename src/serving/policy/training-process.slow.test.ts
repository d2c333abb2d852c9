import { constants } from 'node:os'
import { expect, it } from 'vitest'
import { exampleLadder } from '../../scheduling/example-node.fixture.ts'
import type { TrainingTask } from '../../scheduling/learned/own-arrivals.ts'
import { trainInProcess } from './training-process.ts'

const { PRIORITY_NORMAL } = constants.priority
const task: TrainingTask = {
  ladder: exampleLadder(),
  workers: 1,
  deadlineMs: 6,
  arrivalsMs: Float64Array.from({ length: 500 }, (_, index) => 3 * index),
  seed: 1,
  rounds: 1,
  requests: 200,
}
const never = new AbortController().signal

it('trains the policy in a process of its own', async () => {
  const network = await trainInProcess(task, never, PRIORITY_NORMAL)
  expect(network).toMatchObject({ trainedBy: 'hindsight', deadlineMs: 6 })
  const onward = await trainInProcess({ ...task, from: network }, never, PRIORITY_NORMAL)
  expect(onward.parameters).toHaveLength(network.parameters.length)
}, 240_000)

it('says why there is no policy', async () => {
  const nothing = { ...task, ladder: { variants: [], batchSizes: [1] } }
  await expect(trainInProcess(nothing, never, PRIORITY_NORMAL)).rejects.toThrow(/.+/)
}, 120_000)

it('ends with the signal, in the middle of a training', async () => {
  const ending = new AbortController()
  // It would go on for hours.
  const training = trainInProcess({ ...task, rounds: 100_000 }, ending.signal, PRIORITY_NORMAL)
  setTimeout(() => ending.abort(new Error('the node ends')), 2000)
  await expect(training).rejects.toThrow('the node ends')
  await expect(trainInProcess(task, ending.signal)).rejects.toThrow('the node ends')
})

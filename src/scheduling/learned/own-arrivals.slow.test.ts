import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { workloadNamed } from '../../simulation/workload/named.ts'
import { workloadArrivals } from '../../simulation/workload/workload.ts'
import { exampleLadder } from '../example-node.fixture.ts'
import { isLeftToRule } from './lead.ts'
import type { LearnedNetwork } from './network/learned-network.ts'
import { type TrainingTask, trainOnArrivals } from './own-arrivals.ts'

const gamma = workloadNamed({ workload: 'gamma', ratePerS: 400, durationMs: 10_000 })
const task: TrainingTask = {
  ladder: exampleLadder(),
  workers: 1,
  deadlineMs: 6,
  // Not from 0 on: as a node's clock tells them.
  arrivalsMs: workloadArrivals(gamma, new Random(5)).map((atMs) => atMs + 1e6),
  seed: 7,
  rounds: 1,
  requests: 200,
}

function learned(given: Partial<TrainingTask> = {}): LearnedNetwork {
  const training = trainOnArrivals({ ...task, ...given })
  for (let step = training.next(); ; step = training.next()) if (step.done) return step.value
}

it('learns the same from the same arrivals and seed, and goes on from a policy', () => {
  const first = learned()
  expect(first).toMatchObject({ deadlineMs: 6, node: { variants: 3, workers: 1 } })
  expect(isLeftToRule(first)).toBe(false)
  expect(learned()).toEqual(first)
  const onward = learned({ from: first, seed: 8 })
  const moved = onward.parameters.map((one, index) => one - (first.parameters[index] ?? 0))
  expect(Math.hypot(...moved)).toBeGreaterThan(0)
  expect(Math.hypot(...moved)).toBeLessThan(Math.hypot(...first.parameters) / 2)
}, 240_000)

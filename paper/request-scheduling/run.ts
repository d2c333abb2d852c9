/** Request scheduling: one policy on one node, on every workload in turn, in simulated time. */
import { processorClock } from '../../src/clock.ts'
import { Random } from '../../src/random.ts'
import { createTraining } from '../../src/scheduling/learned/create.ts'
import { networkPolicy } from '../../src/scheduling/policies/network.ts'
import type { SchedulingPolicy } from '../../src/scheduling/scheduling-policy.ts'
import { ServiceTimes } from '../../src/scheduling/service-times.ts'
import type { Experiment, RunContext } from '../experiment.ts'
import { analyse, title } from './analysis.ts'
import { deadlineMsOf, ladderOf, loadFactorOf } from './node.ts'
import { nodeName, type SchedulingResult } from './scores.ts'
import { type ScenarioOutcome, Server } from './server.ts'
import type { SchedulingSettings, Training } from './settings.ts'
import { sweep, WORKLOADS } from './sweep.ts'

/** Request scheduling as `tierwise reproduce` takes it. */
export const experiment: Experiment<SchedulingSettings, SchedulingResult> = {
  name: 'request-scheduling',
  title,
  defaultSeeds: { full: 10, quick: 1 },
  sweep,
  label({ policy, node, seed, training }) {
    const cell = training ? `training seed ${training.seed}` : `seed ${seed}`
    return { kind: `${policy} on ${nodeName(node)}`, cell }
  },
  run,
  analyse,
}

async function run(settings: SchedulingSettings, context: RunContext): Promise<SchedulingResult> {
  const startMs = processorClock.nowMs()
  const learned = settings.training && (await learn(settings, settings.training, context))
  const trainingSeconds = (processorClock.nowMs() - startMs) / 1000
  const scenarios = WORKLOADS.filter((_, index) => index % settings.everyScenario === 0)
  const server = new Server(settings, learned)
  const outcomes: ScenarioOutcome[] = []
  for (let seed = settings.seed; seed < settings.seed + settings.seeds; seed++) {
    for (const [index, scenario] of scenarios.entries()) {
      await context.onProgress(`workload ${index + 1} of ${scenarios.length}`)
      outcomes.push(await server.serve(scenario, seed, context.signal))
    }
  }
  return { outcomes, ...(learned && { trainingSeconds }) }
}

async function learn(
  { node }: SchedulingSettings,
  { trainer, seed, ...options }: Training,
  { onProgress }: RunContext,
): Promise<SchedulingPolicy> {
  const ladder = ladderOf(node)
  const { workers } = node
  const deadlineMs = deadlineMsOf(node)
  const trained = { ladder, workers, deadlineMs, loadFactor: loadFactorOf(node) }
  const random = new Random(seed).fork('training')
  const rounds = createTraining(trainer, trained, random, options)
  for (let step = rounds.next(); ; step = rounds.next()) {
    if (step.done) return networkPolicy(step.value, { times: new ServiceTimes(ladder), workers })
    await onProgress(`round ${step.value.round} of ${step.value.rounds}`)
  }
}

/**
 * What a round of the agent `factored` costs, the plan included, and what it remembers, by number of devices. Processor time of
 * the whole process on the agent's part alone; the world it decides in is not counted.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { quantile } from 'simple-statistics'
import { createAgent } from '../src/learning/agents/create.ts'
import { Random } from '../src/random.ts'
import { SimulatedEnvironment } from '../src/simulation/simulated-environment.ts'
import { heterogeneousWorld } from '../src/simulation/worlds/heterogeneous-world.ts'
import { timed } from './sampling.ts'

const DEVICES_PER_EDGE = 25
const SEED = 101
const GOAL_PERCENT = 85
const MEMORY_BOUND_KB = 5
/** Below, what is kept is mostly compiled code. */
const MANY = 1000

interface Size {
  readonly devices: number
  /** Rounds timed together, and how often: the clock of the processor is too coarse for one. */
  readonly block: number
  readonly blocks: number
  readonly boundMs: number
}

const SIZES: readonly Size[] = [
  { devices: 5, block: 50, blocks: 20, boundMs: 0.5 },
  { devices: 100, block: 10, blocks: 15, boundMs: 5 },
  { devices: 1000, block: 4, blocks: 10, boundMs: 30 },
  { devices: 10_000, block: 1, blocks: 15, boundMs: 300 },
]

/** Rounds in fleets of 5 to 10,000 devices. */
export function measureFactored() {
  return SIZES.map(measure)
}

/** Times are processor time of one round, over the blocks. */
function measure({ devices, block, blocks, boundMs }: Size) {
  const edges = Math.ceil(devices / DEVICES_PER_EDGE)
  const world = heterogeneousWorld({ devices, edges, kind: 'classes' }, new Random(SEED))
  const fleet = new SimulatedEnvironment({ world, goalPercent: GOAL_PERCENT, noise: 0.08 })
  const before = keptBytes()
  const agent = createAgent('factored', fleet.problem, { seed: SEED })
  let state = fleet.reset(SEED)
  const times = Array.from({ length: blocks }, () => {
    let spentMs = 0
    for (let round = 0; round < block; round++) {
      const { value: decision, ms: decidingMs } = timed(() => agent.decide(state))
      const transition = { state, decision, outcome: fleet.step(decision) }
      spentMs += decidingMs + timed(() => agent.observe(transition)).ms
      state = transition.outcome.state
    }
    return spentMs / block
  })
  const kilobytes = (keptBytes() - before) / 1000
  return {
    devices,
    rounds: agent.progress.realSteps,
    medianMs: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    boundMs,
    /** What is kept after these rounds. */
    kilobytesPerDevice: kilobytes / devices,
  }
}

function keptBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') for (let time = 0; time < 3; time++) collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** A line for each size. */
export function describeFactored(results: ReturnType<typeof measureFactored>): string[] {
  return results.map(
    ({ devices, rounds, medianMs, p95Ms, boundMs, kilobytesPerDevice }) =>
      `factored, ${String(devices).padStart(6)} devices: ${medianMs.toFixed(2).padStart(7)} ms a round, p95 ${p95Ms.toFixed(2).padStart(7)} (bound ${boundMs} ms)${devices >= MANY ? `; ${kilobytesPerDevice.toFixed(1)} kB per device after ${rounds} rounds (bound ${MEMORY_BOUND_KB})` : ''}`,
  )
}

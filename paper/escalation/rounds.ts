/** Rounds as they happen: what is unsure goes on when its first answer is there, and shares the node's processor while it is there. */
import { mean } from 'simple-statistics'
import { loadedTier, stagesOf } from '../../src/fleet/choice.ts'
import type { Decision } from '../../src/learning/environment/environment.ts'
import type { Random } from '../../src/random.ts'
import { ProcessorSharing } from '../../src/simulation/traffic/processor-sharing.ts'
import { SimulatedClock } from '../../src/simulation/traffic/simulated-clock.ts'
import { legOf, nodeOf, shareIn, type World } from '../../src/simulation/world.ts'

/** All devices send one request at once. @returns average response time of a round, ms, each time it is called */
export function roundsOf(world: World, decision: Decision, random: Random): () => number {
  const { choices } = world
  const { own, curvesMs } = world.times(world.start)
  const stages = stagesOf(choices)
  return () => {
    const clock = new SimulatedClock()
    const nodes = curvesMs.map(
      (curve) =>
        new ProcessorSharing(clock, (requests) => (curve[requests - 1] ?? 0) / (curve[0] ?? 1)),
    )
    const times: number[] = []
    const serve = (device: number, choice: number, time: Time, served: () => void) => {
      const node = nodeOf(world, device, choice) - decision.length
      if (loadedTier(choices[choice] ?? NONE) === 'end') {
        clock.schedule(time.computeMs + time.linkMs, served)
      } else {
        const serviceMs = (curvesMs[node]?.[0] ?? 0) + time.computeMs
        clock.schedule(time.linkMs, () => nodes[node]?.arrive(serviceMs, served))
      }
    }
    for (const [device, choice] of decision.entries()) {
      const answered = () => times.push(clock.nowMs())
      const row = own[device] ?? []
      const { first = choice, second } = stages[choice] ?? {}
      serve(device, first, row[first] ?? NO_TIME, () => {
        const goesOn = second !== undefined && random.uniform() < shareIn(world, device, choice)
        if (goesOn) serve(device, second, legOf(row, first, second), answered)
        else answered()
      })
    }
    clock.advance(Number.POSITIVE_INFINITY)
    return mean(times)
  }
}

type Time = ReturnType<typeof legOf>

const NO_TIME: Time = { computeMs: 0, linkMs: 0 }
const NONE = { placement: { tier: 'end', variant: '' } } as const

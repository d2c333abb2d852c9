/** For tests: a policy in force on a node in simulated time, and networks that do one thing. */
import { exampleLadder } from '../../scheduling/example-node.fixture.ts'
import type { Ladder } from '../../scheduling/ladder.ts'
import {
  createLearnedNetwork,
  type LearnedNetwork,
  networkShape,
} from '../../scheduling/learned/network/learned-network.ts'
import { parameterCount, parameterViews } from '../../scheduling/learned/network/shape.ts'
import { RATE_WINDOWS } from '../../scheduling/observation.ts'
import { Scheduler } from '../../scheduling/scheduler.ts'
import type { ShadowRequest } from '../../scheduling/shadow-node.ts'
import { PolicyInForce } from './policy-in-force.ts'

const shadow = { workers: 1, queueLimit: 16, earlyRefusal: true }

/** A node in simulated time whose services take as long as profiled. */
export function simulatedNode(
  policy: string,
  { ladder = exampleLadder(), onGivenUp }: { ladder?: Ladder; onGivenUp?: (text: string) => void },
) {
  const scheduler = new Scheduler<ShadowRequest>({
    ...shadow,
    ladder,
    margin: 1,
    recalibrate: false,
  })
  const { times } = scheduler
  const inForce = new PolicyInForce({
    policy,
    scheduler,
    node: { times, workers: 1, deadlineMs: 20 },
    shadow,
    ...(onGivenUp && { onGivenUp }),
  })
  let busyUntilMs = 0
  /** One request, served at once or not at all. @returns the variant that served */
  const serve = (atMs: number, deadlineMs = 20): number | undefined => {
    const nowMs = Math.max(atMs, busyUntilMs)
    const request = {
      deadlineMs: atMs + deadlineMs,
      priority: 5,
      lowestVariant: 0,
      highestVariant: ladder.variants.length - 1,
    }
    scheduler.arrive(request, nowMs)
    inForce.arrived(request, nowMs)
    const seen = scheduler.observe(nowMs)
    const job = seen && inForce.decide(seen, performance.now())
    if (job === undefined) return undefined
    busyUntilMs = nowMs + times.usualMs(job.variant, 0)
    scheduler.finish(job, busyUntilMs)
    inForce.served({ ...job, startedAtMs: nowMs }, busyUntilMs)
    return job.variant
  }
  return { inForce, scheduler, serve }
}

/** A network that serves by this variant wherever it may, for one worker. */
export function networkServing(variant: number, ladder: Ladder): LearnedNetwork {
  const node = {
    variants: ladder.variants.length,
    batches: 1,
    workers: 1,
    windows: RATE_WINDOWS.length,
  }
  const design = { node, ladder, deadlineMs: 20, frames: 1, recurrent: 0, hidden: 1 }
  const shape = networkShape(design)
  const parameters = new Float32Array(parameterCount(shape))
  parameterViews(shape, parameters).logitBias[variant] = 1
  return createLearnedNetwork({
    ...design,
    trainedBy: 'hand',
    priorLogit: 0,
    parameters: Array.from(parameters),
  })
}

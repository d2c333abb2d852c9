/** A request scheduler on workers whose inferences take as long as profiled, in simulated time. */
import type { Inference } from './backends/backend.ts'
import { type BatchProfile, NO_BATCHES } from './backends/batch-profile.ts'
import {
  RequestScheduler,
  type RequestSchedulerOptions,
  type RequestTerms,
} from './request-scheduler.ts'

/** d1 is beaten by d2: less accurate and slower. */
export const variants = [
  { name: 'd0', accuracyPercent: 90 },
  { name: 'd1', accuracyPercent: 75 },
  { name: 'd2', accuracyPercent: 80 },
  { name: 'd3', accuracyPercent: 60 },
  { name: 'new', accuracyPercent: 0 },
]
export const serviceTimesMs = { d0: 40, d1: 30, d2: 20, d3: 10, new: 1 }

/** Workers whose inferences take as long as profiled, in simulated time. */
class FakeWorkers {
  ready = true
  /** As long as other requests keep them busy. */
  taken = false
  failure: Error | undefined
  /** True service times ÷ profiled. */
  slowdown = 1
  readonly started: string[] = []
  /** Requests of each inference. */
  readonly sizes: number[] = []
  private busy = 0
  private readonly count: number
  private readonly batches: BatchProfile

  constructor(count: number, batches: BatchProfile) {
    this.count = count
    this.batches = batches
  }

  get hasFreeWorker(): boolean {
    return !this.taken && this.busy < this.count
  }

  async infer(variant: string, requests: number): Promise<Inference> {
    this.started.push(variant)
    this.sizes.push(requests)
    this.busy += 1
    const ratio = [1, ...(this.batches.ratios[variant] ?? [])][Math.log2(requests)] ?? Number.NaN
    const computeMs = this.slowdown * ratio * serviceTimesMs[variant as 'd0']
    await new Promise((resolve) => setTimeout(resolve, computeMs))
    this.busy -= 1
    if (this.failure) throw this.failure
    return { outputs: [], computeMs }
  }
}

export function start(options: Partial<RequestSchedulerOptions> = {}) {
  const { workers = 1, batches = NO_BATCHES } = options
  const runOn = new FakeWorkers(workers, batches)
  const scheduler = new RequestScheduler({
    variants,
    serviceTimesMs,
    workers,
    queueLimit: 10,
    policy: 'uniform-fit-drop',
    pool: runOn,
    infer: async (variant, requests) => {
      const [inference] = await Promise.allSettled([runOn.infer(variant, requests.length)])
      return requests.map(() => inference)
    },
    ...options,
  })
  const outcomes: (string | Error)[] = []
  /** @param terms undefined: without a deadline */
  const infer = (terms: Partial<RequestTerms> | undefined, asked = 'd0', signal?: AbortSignal) => {
    const all = { deadlineMs: 100, priority: 5, minAccuracyPercent: 0, goalAccuracyPercent: 0 }
    return scheduler.infer(asked, { inputs: [] }, terms && { ...all, ...terms }, signal)
  }
  const send = (...request: Parameters<typeof infer>) => {
    const index = outcomes.push('waits') - 1
    infer(...request).then(
      ({ variant, queueMs }) => {
        outcomes[index] = `${variant} after ${queueMs}`
      },
      (error) => {
        outcomes[index] = error
      },
    )
  }
  return { scheduler, runOn, infer, send, outcomes }
}

/**
 * What single responses tell of a round (HL paper, Figure 1, step 5: every device reports its own). The average of one round
 * carries the noise of all its devices; the usual response time of each (device, choice, load) pair, over all rounds in
 * which it occurred, carries almost none. Medians, so that an outlier counts as one response and no more.
 */
import type { Decision, Problem } from '../environment/environment.ts'

/** Newest responses kept of each pair: enough for a steady median, few enough to follow a change. */
const WINDOW = 31
/** States kept, the newest: in a state met for the first time, rounds speak for themselves. */
const MOST_STATES = 256

/** One state's pairs: newest responses in ms, in the order they came. */
type Responses = Map<number, number[]>

interface Usual {
  readonly responses: Responses
  /** Median by pair, ms. */
  readonly medians: Map<number, number>
}

export type ResponseTimesState = readonly (readonly [state: string, responses: Responses])[]

export class ResponseTimes {
  private readonly problem: Problem
  private states = new Map<string, Usual>()
  /** Features come again with every experience of a buffer: their state is looked up once. */
  private known = new WeakMap<Float32Array, Usual>()

  constructor(problem: Problem) {
    this.problem = problem
  }

  /** @param responseTimesMs shape [devices] */
  observe(features: Float32Array, decision: Decision, responseTimesMs: readonly number[]): void {
    const { responses, medians } = this.usualIn(features)
    this.pairs(decision).forEach((pair, device) => {
      const newest = [...(responses.get(pair) ?? []), responseTimesMs[device]]
      if (newest.length > WINDOW) newest.shift()
      responses.set(pair, newest)
      medians.set(pair, median(newest))
    })
  }

  /** Usual average response time of a joint decision, ms; undefined while one of its pairs was never seen in this state. */
  average(features: Float32Array, decision: Decision): number | undefined {
    const { medians } = this.usualIn(features)
    let sum = 0
    for (const pair of this.pairs(decision)) {
      const ms = medians.get(pair)
      if (ms === undefined) return undefined
      sum += ms
    }
    return sum / decision.length
  }

  save(): ResponseTimesState {
    return [...this.states].map(([state, { responses }]) => [state, new Map(responses)])
  }

  restore(state: ResponseTimesState): void {
    this.known = new WeakMap()
    this.states = new Map(
      state.map(([key, responses]) => {
        const medians = [...responses].map(([pair, ms]) => [pair, median(ms)] as const)
        return [key, { responses: new Map(responses), medians: new Map(medians) }]
      }),
    )
  }

  private usualIn(features: Float32Array): Usual {
    const known = this.known.get(features)
    if (known) return known
    const key = features.join()
    const usual = this.states.get(key) ?? { responses: new Map(), medians: new Map() }
    this.states.set(key, usual)
    for (const oldest of this.states.keys()) {
      if (this.states.size <= MOST_STATES) break
      this.states.delete(oldest)
    }
    this.known.set(features, usual)
    return usual
  }

  /** Number of each device's (device, choice, load): the load is how many devices share its tier; alone at `end`. */
  private pairs(decision: Decision): number[] {
    const { choices, devices } = this.problem
    const tiers = decision.map((choice) => choices[choice]?.placement.tier)
    return decision.map((choice, device) => {
      const tier = tiers[device]
      const load = tier === 'end' ? 1 : tiers.filter((other) => other === tier).length
      return (device * choices.length + choice) * devices + load - 1
    })
  }
}

/** Upper median: a value that was observed. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

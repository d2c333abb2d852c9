/**
 * A world without rounds: every device sends a request, waits for its answer, pauses and sends the next, each at its own pace. On
 * shared nodes requests are served together, and what is on its way when another decision comes is still served where it was sent.
 */
import { ConfigError } from '../../errors.ts'
import type { Answer, Decision, Problem, State } from '../../learning/environment/environment.ts'
import { Random } from '../../random.ts'
import { ProcessorSharing } from '../processor-sharing.ts'
import { SimulatedClock } from '../simulated-clock.ts'
import type { World } from '../worlds/heterogeneous-world.ts'
import { WorldEnvironment, type WorldOptions } from '../worlds/world-environment.ts'

export interface TrafficOptions extends WorldOptions {
  /** Average pause of each device from an answer to its next request, ms; pauses are exponential. Shape [devices]. */
  readonly pausesMs: readonly number[]
}

/** After which a device gives up an answer that does not come. */
export const TIMEOUT_MS = 5000

export class Traffic {
  readonly problem: Problem
  private readonly world: World
  private readonly options: TrafficOptions
  private readonly state: State
  /** Response time of every choice but for the service of a shared node. Shape [devices, choices]. */
  private readonly ownTimesMs: Float64Array
  private readonly clock = new SimulatedClock()
  /** Edges, then the cloud. */
  private readonly nodes: readonly ProcessorSharing[]
  private readonly random: Random
  private decision: Decision
  private answers: Answer[] = []

  /**
   * @param decision in force at the beginning
   * @throws ConfigError for a pause that is none, and as `WorldEnvironment` does
   */
  constructor(world: World, options: TrafficOptions, decision: Decision, seed: number) {
    const environment = new WorldEnvironment(world, options)
    const { devices } = environment.problem
    if (options.pausesMs.length !== devices || !options.pausesMs.every((ms) => ms > 0)) {
      throw new ConfigError(
        `pausesMs is ${options.pausesMs}: give each of ${devices} devices a time above 0`,
      )
    }
    this.problem = environment.problem
    this.world = world
    this.options = options
    this.state = environment.currentState()
    this.ownTimesMs = environment.planningProblem().ownTimesMs
    this.nodes = world.curvesMs.map((curve) => {
      const [loneMs = 1] = curve
      const slowdown = (requests: number) => (curve[requests - 1] ?? loneMs) / loneMs
      return new ProcessorSharing(this.clock, slowdown)
    })
    this.random = new Random(seed)
    this.decision = decision
    for (let device = 0; device < devices; device++) this.pause(device)
  }

  nowMs(): number {
    return this.clock.nowMs()
  }

  currentState(): State {
    return this.state
  }

  /** From now on requests are sent as this says. */
  decide(decision: Decision): void {
    this.decision = decision
  }

  /** Lets time pass. @returns the answers that came meanwhile, in order */
  advance(ms: number): Answer[] {
    this.clock.advance(ms)
    const { answers } = this
    this.answers = []
    return answers
  }

  private pause(device: number): void {
    const meanMs = this.options.pausesMs[device]
    this.clock.schedule(-meanMs * Math.log(1 - this.random.uniform()), () => this.send(device))
  }

  private send(device: number): void {
    const { clock, decision, state, random, problem } = this
    const { noise, slow, lost = 0 } = this.options
    const sentMs = clock.nowMs()
    const choice = decision[device]
    const node = this.nodeOf(device, choice)
    const ownMs = this.ownTimesMs[device * problem.choices.length + choice]
    const isSlow = slow !== undefined && random.uniform() < slow.share
    const factor = Math.max(0, 1 + noise * random.normal()) * (isSlow ? slow.factor : 1)
    const isLost = lost > 0 && random.uniform() < lost
    const answered = () => {
      const responseTimeMs = clock.nowMs() - sentMs
      const told = isLost ? Number.NaN : responseTimeMs
      const answer = { state, decision, device, responseTimeMs: told }
      clock.schedule(isLost ? Math.max(0, TIMEOUT_MS - responseTimeMs) : 0, () => {
        this.answers.push(answer)
        this.pause(device)
      })
    }
    if (node < 0) {
      clock.schedule(ownMs * factor, answered)
    } else {
      const loneMs = this.world.curvesMs[node]?.[0]
      clock.schedule(ownMs, () => this.nodes[node]?.arrive(loneMs * factor, answered))
    }
  }

  /** Index into `nodes`; -1 for the device itself. */
  private nodeOf(device: number, choice: number): number {
    const tier = this.problem.choices[choice]?.placement.tier
    if (tier === 'edge') return this.world.edgeOf[device] ?? 0
    return tier === 'cloud' ? this.world.edges : -1
  }
}

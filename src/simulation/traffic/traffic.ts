/**
 * A world without rounds: every device sends a request, waits for its answer, pauses and sends the next, each at its own pace. On
 * shared nodes requests are served together, and what is on its way when another decision comes is still served where it was sent.
 */
import { ConfigError } from '../../errors.ts'
import { type Stages, stagesOf } from '../../fleet/choice.ts'
import type { Answer, Decision, State } from '../../learning/environment/environment.ts'
import { Random } from '../../random.ts'
import { type NoiseRun, noiseOf } from '../noise.ts'
import { type EnvironmentOptions, SimulatedEnvironment } from '../simulated-environment.ts'
import { legOf, nodeOf, type OwnTime, shareIn, type World, type WorldTimes } from '../world.ts'
import { ProcessorSharing } from './processor-sharing.ts'
import { SimulatedClock } from './simulated-clock.ts'

/** What happens in traffic; in between the fleet's state stays as it is at the start. */
export interface TrafficOptions
  extends Pick<EnvironmentOptions, 'goalPercent' | 'noise' | 'slow' | 'lost'> {
  /** Average pause of each device from an answer to its next request, ms; pauses are exponential. Shape [devices]. */
  readonly pausesMs: readonly number[]
}

/** After which a device gives up an answer that does not come. */
export const TIMEOUT_MS = 5000

/** A world at work without rounds. */
export class Traffic {
  private readonly world: World
  private readonly options: TrafficOptions
  private readonly state: State
  private readonly times: WorldTimes
  private readonly clock = new SimulatedClock()
  /** Edges, then the cloud. */
  private readonly nodes: readonly ProcessorSharing[]
  private readonly random: Random
  private readonly noise: NoiseRun
  private decision: Decision
  private answers: Answer[] = []

  /**
   * @param decision in force at the beginning
   * @throws ConfigError for a pause that is none, and as `SimulatedEnvironment` does
   */
  constructor(world: World, options: TrafficOptions, decision: Decision, seed: number) {
    const devices = world.edgeOf.length
    if (options.pausesMs.length !== devices || !options.pausesMs.every((ms) => ms > 0)) {
      throw new ConfigError(
        `pausesMs is ${options.pausesMs}: give each of ${devices} devices a time above 0`,
      )
    }
    this.world = world
    this.options = options
    this.state = new SimulatedEnvironment({ ...options, world }).currentState()
    this.times = world.times(world.start)
    this.nodes = this.times.curvesMs.map((curve) => {
      const slowdown = (requests: number) => (requests === 0 ? 1 : curve[requests - 1] / curve[0])
      return new ProcessorSharing(this.clock, slowdown)
    })
    this.random = new Random(seed)
    this.noise = noiseOf(options.noise).begin()
    this.decision = decision
    for (let device = 0; device < devices; device++) this.pause(device)
  }

  nowMs(): number {
    return this.clock.nowMs()
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
    const { clock, decision, state, random } = this
    const { slow, lost = 0 } = this.options
    const sentMs = clock.nowMs()
    const isSlow = slow !== undefined && random.uniform() < slow.share
    const choice = decision[device]
    const { tier } = this.world.choices[choice].placement
    const factor = Math.max(0, this.noise(device, random, tier)) * (isSlow ? slow.factor : 1)
    const isLost = lost > 0 && random.uniform() < lost
    const stage = stagesOf(this.world.choices)[choice]
    const answered = (first?: Pick<Answer, 'escalated' | 'firstMs'>) => {
      const responseTimeMs = clock.nowMs() - sentMs
      const told = isLost ? Number.NaN : responseTimeMs
      const answer = { state, decision, device, responseTimeMs: told, ...first }
      clock.schedule(isLost ? Math.max(0, TIMEOUT_MS - responseTimeMs) : 0, () => {
        this.answers.push(answer)
        this.pause(device)
      })
    }
    const own = this.times.own[device]
    const { first = choice, second } = stage ?? {}
    this.serve(device, first, own[first], factor, () => {
      if (second === undefined) answered()
      else
        this.escalate(device, choice, { first, second }, factor, clock.nowMs() - sentMs, answered)
    })
  }

  /** The first answer is there. */
  private escalate(
    device: number,
    choice: number,
    { first, second }: Stages,
    factor: number,
    firstMs: number,
    answered: (first: Pick<Answer, 'escalated' | 'firstMs'>) => void,
  ): void {
    const escalated = this.random.uniform() < shareIn(this.world, device, choice)
    if (!escalated) {
      answered({ escalated, firstMs })
      return
    }
    const leg = legOf(this.times.own[device], first, second)
    this.serve(device, second, leg, factor, () => answered({ escalated, firstMs }))
  }

  /** Calls back when one choice of a device has served. */
  private serve(
    device: number,
    choice: number,
    { computeMs, linkMs }: OwnTime,
    factor: number,
    served: () => void,
  ): void {
    const { clock, world } = this
    const node = nodeOf(world, device, choice) - world.edgeOf.length
    if (node < 0) {
      clock.schedule((computeMs + linkMs) * factor, served)
    } else {
      const serviceMs = (this.times.curvesMs[node][0] + computeMs) * factor
      clock.schedule(linkMs, () => this.nodes[node].arrive(serviceMs, served))
    }
  }
}

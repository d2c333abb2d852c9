/** The System Environment of a world: noise, slow responses, answers that never come, and resources that change their speed. */
import { ConfigError, InvalidInputError } from '../../errors.ts'
import { encodeState, HIGHEST_LEVEL, stateSize } from '../../fleet/state.ts'
import type {
  Decision,
  Environment,
  Outcome,
  Problem,
  State,
} from '../../learning/environment/environment.ts'
import { Random } from '../../random.ts'
import { DEFAULT_CHOICES } from '../calibration.ts'
import type { World } from './heterogeneous-world.ts'

export interface WorldOptions {
  readonly goalPercent: number
  /** Relative standard deviation of one response time. */
  readonly noise: number
  /** Share of the responses that are slow, and by which factor. */
  readonly slow?: { readonly share: number; readonly factor: number }
  /** Share of the responses that never come. */
  readonly lost?: number
  /** Whether states tell which links are weak; by default they do. */
  readonly tellsLinks?: boolean
  /** Accuracies that are told but need not be true, percent; answers then tell whether they are right. By default the true ones, of Table III, are told. Shape [choices]. */
  readonly toldAccuracies?: readonly number[]
}

/** What has changed since the start. */
interface Change {
  /** Factors on the times of devices and shared nodes. Shape [devices + edges + 1]. */
  readonly factors: Float64Array
  /** Table II's processor state of each, in [0, 1]: what an agent sees of the factor. Shape [devices + edges + 1]. */
  readonly levels: Float64Array
  /** Shape [devices]. */
  readonly isWeak: boolean[]
}

export class WorldEnvironment implements Environment {
  readonly problem: Problem
  private readonly world: World
  private readonly options: WorldOptions
  private change: Change
  private random = new Random(0)

  /** @throws ConfigError for a noise or a share that is none */
  constructor(world: World, options: WorldOptions) {
    const { noise, slow, lost = 0, toldAccuracies: told = [] } = options
    for (const [name, value] of Object.entries({ noise, slow: slow?.share ?? 0, lost })) {
      if (!(value >= 0 && value < 1)) {
        throw new ConfigError(`${name} is ${value}: give a share from 0 to below 1`)
      }
    }
    const { edges, edgeOf, classOf, names } = world
    this.world = world
    this.options = options
    const devices = edgeOf.length
    const choices = DEFAULT_CHOICES.map((choice, index) => {
      return { ...choice, accuracyPercent: told[index] ?? choice.accuracyPercent }
    })
    const problem = { devices, choices, stateSize: stateSize(devices, edges), edgeOf, classOf }
    this.problem = { ...problem, ...(names && { names }) }
    this.change = this.unchanged()
  }

  reset(seed: number): State {
    this.random = new Random(seed)
    this.change = this.unchanged()
    return this.currentState()
  }

  /** @throws InvalidInputError if the decision breaks the contract */
  step(decision: Decision): Outcome {
    const { noise, slow, lost = 0, toldAccuracies } = this.options
    const { random } = this
    const { choices } = this.problem
    const responseTimesMs = this.expectedResponseTimesMs(decision).map((expectedMs) => {
      const ms = Math.max(0, expectedMs * (1 + noise * random.normal()))
      const late = slow && random.uniform() < slow.share ? ms * slow.factor : ms
      return lost > 0 && random.uniform() < lost ? Number.NaN : late
    })
    const came = responseTimesMs.filter((ms) => !Number.isNaN(ms))
    const correct = toldAccuracies && this.answered(decision, responseTimesMs)
    return {
      state: this.currentState(),
      responseTimesMs,
      accuracyPercent: decision.map((choice) => choices[choice]?.accuracyPercent ?? 0),
      ...(correct && { correct }),
      cost: came.reduce((sum, ms) => sum + ms, 0) / came.length,
    }
  }

  currentState(): State {
    const { levels, isWeak } = this.change
    const { tellsLinks = true } = this.options
    const { edges } = this.world
    const node = (index: number, highest: number, weak = false) => ({
      processor: (levels[index] ?? 0) * highest,
      memory: 0,
      bandwidth: weak && tellsLinks ? 1 : 0,
    })
    const features = encodeState({
      devices: isWeak.map((weak, device) => node(device, 1, weak)),
      edges: Array.from({ length: edges }, (_, edge) => node(isWeak.length + edge, HIGHEST_LEVEL)),
      cloud: node(isWeak.length + edges, HIGHEST_LEVEL),
    })
    const available = DEFAULT_CHOICES.map(() => true)
    return { features, goalPercent: this.options.goalPercent, available }
  }

  /** Without noise. Shape [devices]. @throws InvalidInputError if the decision breaks the contract */
  expectedResponseTimesMs(decision: Decision): number[] {
    const { devices } = this.problem
    const isValid = decision.every((choice) => DEFAULT_CHOICES[choice] !== undefined)
    if (decision.length !== devices || !isValid) {
      throw new InvalidInputError(
        `give one of ${DEFAULT_CHOICES.length} choices to each of ${devices} devices`,
      )
    }
    const { world } = this
    const users = world.curvesMs.map(() => 0)
    for (const [device, choice] of decision.entries()) {
      const node = this.nodeOf(device, choice)
      if (node >= 0) users[node] = (users[node] ?? 0) + 1
    }
    const own = this.ownTimesMs()
    return decision.map((choice, device) => {
      const ownMs = own[device * DEFAULT_CHOICES.length + choice]
      const node = this.nodeOf(device, choice)
      return node < 0 ? ownMs : ownMs + this.curveMs(node)[users[node] - 1]
    })
  }

  /** Their average. */
  expectedResponseTimeMs(decision: Decision): number {
    const times = this.expectedResponseTimesMs(decision)
    return times.reduce((sum, ms) => sum + ms, 0) / times.length
  }

  /** What a planner needs to find the best decision, by true accuracies: see `PlanningProblem`. */
  planningProblem() {
    const curves = this.world.curvesMs.map((_, node) => this.curveMs(node))
    return {
      devices: this.problem.devices,
      choices: DEFAULT_CHOICES,
      ownTimesMs: this.ownTimesMs(),
      edgeOf: Int32Array.from(this.world.edgeOf),
      edgeCurvesMs: curves.slice(0, -1),
      cloudCurveMs: curves.at(-1) ?? new Float64Array(0),
      goalPercent: this.options.goalPercent,
    }
  }

  /**
   * A device (from 0), edge (after the devices) or the cloud (last) becomes slower by a factor; 1 is as it was.
   * @param level Table II's processor state that tells of it, in [0, 1]; 0: nothing tells
   */
  setFactor(node: number, factor: number, level = 0): void {
    this.change.factors[node] = factor
    this.change.levels[node] = level
  }

  flipLink(device: number): void {
    this.change.isWeak[device] = !this.change.isWeak[device]
  }

  private unchanged(): Change {
    const nodes = this.world.edgeOf.length + this.world.edges + 1
    return {
      factors: new Float64Array(nodes).fill(1),
      levels: new Float64Array(nodes),
      isWeak: this.world.links.map(({ isWeak }) => isWeak),
    }
  }

  /** Whether each answer is right, as often as its variant truly is; undefined where none came. Shape [devices]. */
  private answered(decision: Decision, responseTimesMs: readonly number[]) {
    return decision.map((choice, device) => {
      const share = (DEFAULT_CHOICES[choice]?.accuracyPercent ?? 0) / 100
      const isRight = this.random.uniform() < share
      return Number.isNaN(responseTimesMs[device]) ? undefined : isRight
    })
  }

  private nodeOf(device: number, choice: number): number {
    const tier = DEFAULT_CHOICES[choice]?.placement.tier
    if (tier === 'edge') return this.world.edgeOf[device] ?? 0
    return tier === 'cloud' ? this.world.edges : -1
  }

  private curveMs(node: number): Float64Array {
    const factor = this.change.factors[this.problem.devices + node]
    const curve = this.world.curvesMs[node]
    return factor === 1 ? curve : curve.map((ms) => ms * factor)
  }

  /** Shape [devices, choices]. */
  private ownTimesMs(): Float64Array {
    const { localMs, links } = this.world
    const { factors, isWeak } = this.change
    return Float64Array.from(
      links.flatMap(({ edgeMs, cloudMs, weakLocalMs, weakMs }, device) => {
        const weak = isWeak[device] ? 1 : 0
        const local = (localMs[device] ?? []).map((ms) => ms * factors[device] + weak * weakLocalMs)
        return [...local, edgeMs + weak * weakMs, cloudMs + weak * weakMs]
      }),
    )
  }
}

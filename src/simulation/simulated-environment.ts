/** The simulated System Environment (HL paper, Figure 2): a world at work, and all that happens in it. */
import { ConfigError, InvalidInputError } from '../errors.ts'
import { type Stages, stagesOf } from '../fleet/choice.ts'
import { accuraciesOf, meetsGoal } from '../fleet/goal.ts'
import type { Placement, Tier } from '../fleet/placement.ts'
import {
  encodeState,
  type FleetState,
  HIGHEST_LEVEL,
  isOfTableII,
  type ResourceState,
  stateSize,
} from '../fleet/state.ts'
import type {
  Availability,
  Decision,
  Environment,
  Outcome,
  Problem,
  State,
} from '../learning/environment/environment.ts'
import type { PlanningProblem } from '../learning/planner/problem.ts'
import { responseTimesOf } from '../learning/planner/response-times.ts'
import { Random } from '../random.ts'
import { drawEscalations } from './escalations.ts'
import { checkShare, type Noise, type NoiseRun, noiseOf } from './noise.ts'
import { type Wander, wandered } from './wander.ts'
import { profileOf, truthOf, type World } from './world.ts'
import { type PaperFleet, paperWorld } from './worlds/paper-world.ts'

/** What happens in a fleet, whichever it is. */
export interface EnvironmentOptions {
  /** Lowest allowed average accuracy, percent; 0 for none (the paper's Min). */
  readonly goalPercent: number
  /** Of the first run; `reset` begins others. Default 0. */
  readonly seed?: number
  /** Relative standard deviation of one response time, from 0 to below 1; or another law. Default 0.04. */
  readonly noise?: number | Noise
  /** Share of the responses that are slow, from 0 to below 1, and how many times as long they take. */
  readonly slow?: { readonly share: number; readonly factor: number }
  /** Share of the responses that never come, from 0 to below 1. Their time is not a number. */
  readonly lost?: number
  /** How the state moves by itself from round to round. Absent: it stays. */
  readonly wander?: Wander
  /** Cost of a round that breaks the goal, ms: the paper's regime. Absent: the cost is always the average response time. */
  readonly penaltyMs?: number
  /** Variants that each device holds, by name; it takes no other by itself. Shape [devices]. Default: all. */
  readonly held?: readonly (readonly string[])[]
  /** Whether states tell which links are weak. Default: they do. */
  readonly tellsLinks?: boolean
  /** Accuracies that are told but need not be true, percent; answers then tell whether they are right. Default: the true ones. Shape [choices]. */
  readonly toldAccuracies?: readonly number[]
}

/** The paper's fleet, and what happens in it. */
export interface SimulationOptions extends EnvironmentOptions, PaperFleet {}

/** Another fleet, and what happens in it. */
export interface WorldSimulationOptions extends EnvironmentOptions {
  readonly world: World
}

/** A fleet that is simulated: the paper's, or that of a world. It replays exactly from its seed. */
export class SimulatedEnvironment implements Environment {
  readonly problem: Problem
  private readonly world: World
  private readonly options: SimulationOptions | WorldSimulationOptions
  private readonly deadTiers = new Set<Tier>()
  /** How many times slower a node is than its state says, and the level that tells so, by number of the node. */
  private readonly factors = new Map<number, number>()
  private readonly levels = new Map<number, number>()
  private goalPercent = 0
  private available: Availability
  private fleet: FleetState
  /** Of the state at hand, once asked for. */
  private truth: PlanningProblem | undefined
  /** Draws how each response comes out. */
  private responses = new Random(0)
  private noise: NoiseRun = () => 1
  /** By choice; undefined where it does not escalate. Shape [choices]. */
  private readonly stages: readonly (Stages | undefined)[]
  /** Draws how the state moves. */
  private moves = new Random(0)

  /** @throws ConfigError naming the option that cannot be used */
  constructor(options: SimulationOptions | WorldSimulationOptions) {
    this.world = 'world' in options ? options.world : paperWorld(options)
    this.options = options
    checkShare('slow', options.slow?.share ?? 0)
    checkShare('lost', options.lost ?? 0)
    this.setGoal(options.goalPercent)
    const { held } = options
    if (held && held.length !== this.world.edgeOf.length) {
      throw new ConfigError(
        `held is of ${held.length} devices: give the variants of each of the ${this.world.edgeOf.length}`,
      )
    }
    const { choices, edgeOf, classOf, names, start } = this.world
    if (choices.length === 0) throw new ConfigError('choices is empty: give at least one')
    this.stages = stagesOf(choices)
    const { toldAccuracies: told = [] } = options
    this.problem = {
      devices: edgeOf.length,
      choices: choices.map((choice, index) => {
        return { ...choice, accuracyPercent: told[index] ?? choice.accuracyPercent }
      }),
      stateSize: stateSize(edgeOf.length, start.edges.length),
      edgeOf,
      ...(classOf && { classOf }),
      ...(names && { names }),
    }
    this.fleet = start
    this.available = this.availability()
    this.reset(options.seed ?? 0)
  }

  /** Begins a run: the fleet is as it was at the start, but for the goal and the tiers that are down. */
  reset(seed: number): State {
    const random = new Random(seed)
    // Runs that are recorded replay: those of worlds draw from the seed's stream, others from one of their own.
    this.responses = 'world' in this.options ? random : random.fork('response time')
    this.moves = random.fork('fleet state')
    this.noise = noiseOf(this.options.noise).begin()
    this.factors.clear()
    this.levels.clear()
    this.setFleet(this.world.start)
    return this.currentState()
  }

  /** @throws InvalidInputError if the decision has the wrong length or takes an unavailable choice */
  step(decision: Decision): Outcome {
    const { world, fleet, moves } = this
    const { toldAccuracies, wander } = this.options
    const expectedTimesMs = this.expectedResponseTimesMs(decision)
    const responseTimesMs = expectedTimesMs.map((expectedMs, device) =>
      this.measuredMs(expectedMs, device, world.choices[decision[device]].placement.tier),
    )
    const factors = responseTimesMs.map((ms, device) => ms / expectedTimesMs[device])
    const escalations = this.stages.some((stage) => stage)
      ? this.escalated(decision, factors)
      : undefined
    const correct = toldAccuracies && this.answered(decision, responseTimesMs)
    const accuracyPercent = accuraciesOf(decision, this.problem.choices)
    const averageMs = mean(responseTimesMs.filter((ms) => !Number.isNaN(ms)))
    const { penaltyMs = averageMs } = this.options
    const cost = meetsGoal(accuracyPercent, this.goalPercent) ? averageMs : penaltyMs
    const carried = world.nextState?.(fleet, decision, moves) ?? fleet
    const next = wander ? wandered(carried, wander, moves) : carried
    if (next !== fleet) this.setFleet(next)
    const state = this.currentState()
    const told = { ...(escalations && { escalations }), ...(correct && { correct }) }
    return { state, responseTimesMs, accuracyPercent, ...told, cost }
  }

  /** What is known before the next decision. */
  currentState(): State {
    const { devices, edges, cloud } = this.fleet
    const { tellsLinks = true } = this.options
    const told = (node: ResourceState, index: number, highest: number): ResourceState => ({
      processor: (this.levels.get(index) ?? 0) * highest || node.processor,
      memory: node.memory,
      bandwidth: tellsLinks ? node.bandwidth : 0,
    })
    const features = encodeState({
      devices: devices.map((node, device) => told(node, device, 1)),
      edges: edges.map((node, edge) => told(node, devices.length + edge, HIGHEST_LEVEL)),
      cloud: told(cloud, devices.length + edges.length, HIGHEST_LEVEL),
    })
    return { features, goalPercent: this.goalPercent, available: this.available }
  }

  /**
   * Response times that this decision has in the current state but for the noise. Shape [devices].
   * @throws InvalidInputError as `step`
   */
  expectedResponseTimesMs(decision: Decision): number[] {
    this.check(decision)
    const timesMs = responseTimesOf(this.planningProblem(), decision)
    const coupledMs = this.world.coupledMs?.(decision)
    return Array.from(timesMs, (ms, device) => ms + (coupledMs?.[device] ?? 0))
  }

  /** Their average. */
  expectedResponseTimeMs(decision: Decision): number {
    return mean(this.expectedResponseTimesMs(decision))
  }

  /** The truth of the current state as a planner reads it: noise-free times, true accuracies; closed is what is not available. */
  planningProblem(): PlanningProblem {
    if (this.truth) return this.truth
    const factorOf = (node: number) => this.factors.get(node) ?? 1
    const truth = truthOf(this.world, this.fleet, factorOf, this.goalPercent)
    const isOpen = this.available.flat()
    const ownTimesMs = truth.ownTimesMs.map((ms, at) => (isOpen[at] ? ms : Infinity))
    this.truth = { ...truth, ownTimesMs }
    return this.truth
  }

  /** All response times of the current state but for the noise, as an oracle reads them. */
  profile() {
    return profileOf(this.world, this.planningProblem())
  }

  /** The Quality of Service Goal changes; the next state tells it. @throws ConfigError for a goal that is none */
  setGoal(goalPercent: number): void {
    if (!(goalPercent >= 0 && goalPercent <= 100)) {
      throw new ConfigError(`goalPercent is ${goalPercent}: give an average accuracy from 0 to 100`)
    }
    this.goalPercent = goalPercent
    this.truth = undefined
  }

  /** A tier dies or comes back; the next state tells it. */
  setTierAlive(tier: Exclude<Tier, 'end'>, alive: boolean): void {
    if (alive) this.deadTiers.delete(tier)
    else this.deadTiers.add(tier)
    this.available = this.availability()
    this.truth = undefined
  }

  /** Puts the fleet into a state of one's own. @throws ConfigError if it is of another size or beyond Table II */
  setFleet(fleet: FleetState): void {
    const { devices, edges } = this.world.start
    if (fleet.devices.length !== devices.length || fleet.edges.length !== edges.length) {
      throw new ConfigError(
        `the fleet state has ${fleet.devices.length} devices and ${fleet.edges.length} edges: give ${devices.length} and ${edges.length}`,
      )
    }
    if (!isOfTableII(fleet)) {
      throw new ConfigError(
        'the fleet state is beyond Table II: levels 0–8 of shared processors, else 0 or 1',
      )
    }
    this.fleet = fleet
    this.truth = undefined
  }

  /** The link of a device turns weak, or regular again. */
  flipLink(device: number): void {
    const { fleet } = this
    const flipped = { ...fleet.devices[device], bandwidth: 1 - fleet.devices[device].bandwidth }
    this.setFleet({ ...fleet, devices: fleet.devices.with(device, flipped) })
  }

  /**
   * A device (from 0), edge (after the devices) or the cloud (last) becomes slower by a factor; 1 is as it was.
   * @param level Table II's processor state that tells of it, in [0, 1]; 0: nothing tells
   */
  setFactor(node: number, factor: number, level = 0): void {
    this.factors.set(node, factor)
    this.levels.set(node, level)
    this.truth = undefined
  }

  /** Not a number where no answer comes. */
  private measuredMs(expectedMs: number, device: number, tier: Tier): number {
    const { slow, lost = 0 } = this.options
    const { responses } = this
    const ms = Math.max(0, expectedMs * this.noise(device, responses, tier))
    const late = slow && responses.uniform() < slow.share ? ms * slow.factor : ms
    return lost > 0 && responses.uniform() < lost ? Number.NaN : late
  }

  /** Single requests, each as much slower or faster than expected as its response was measured; undefined where none came. */
  private escalated(decision: Decision, factors: readonly number[]) {
    const { world, stages, responses } = this
    const drawn = drawEscalations(world, stages, this.planningProblem(), decision, responses)
    return drawn.map((each, device) => {
      const factor = factors[device]
      if (!each || Number.isNaN(factor)) return undefined
      const { escalated, firstMs, responseTimeMs } = each
      return { escalated, firstMs: firstMs * factor, responseTimeMs: responseTimeMs * factor }
    })
  }

  /** Whether each answer is right, as often as its variant truly is; undefined where none came. Shape [devices]. */
  private answered(decision: Decision, responseTimesMs: readonly number[]) {
    return accuraciesOf(decision, this.world.choices).map((accuracyPercent, device) => {
      const isRight = this.responses.uniform() < accuracyPercent / 100
      return Number.isNaN(responseTimesMs[device]) ? undefined : isRight
    })
  }

  private check(decision: Decision): void {
    const { devices, choices } = this.problem
    if (decision.length !== devices) {
      throw new InvalidInputError(
        `the decision has ${decision.length} choices for ${devices} devices: give one each`,
      )
    }
    for (const [device, choice] of decision.entries()) {
      if (this.available[device][choice]) continue
      throw new InvalidInputError(
        `choice ${choice} is not available to device ${device}: give the index of one of the ${choices.length} choices that it may take now`,
      )
    }
  }

  /** A device takes the variants that it holds, and those of tiers that are up; what escalates needs both. */
  private availability(): Availability {
    const { held } = this.options
    return this.world.edgeOf.map((_, device) => {
      const isOpen = ({ tier, variant }: Placement) =>
        tier === 'end' ? !held || held[device].includes(variant) : !this.deadTiers.has(tier)
      return this.world.choices.map(
        ({ placement, escalation }) => isOpen(placement) && (!escalation || isOpen(escalation.to)),
      )
    })
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

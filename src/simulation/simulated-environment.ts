/** The simulated System Environment (HL paper, Figure 2): a world at work, and all that happens in it. */
import { ConfigError, InvalidInputError } from '../errors.ts'
import { accuraciesOf, meetsGoal } from '../fleet/goal.ts'
import type { Tier } from '../fleet/placement.ts'
import {
  encodeState,
  type FleetState,
  HIGHEST_LEVEL,
  isOfTableII,
  type ResourceState,
  stateSize,
} from '../fleet/state.ts'
import type {
  Decision,
  Environment,
  Outcome,
  Problem,
  State,
} from '../learning/environment/environment.ts'
import type { PlanningProblem } from '../learning/planner/problem.ts'
import { responseTimesOf } from '../learning/planner/response-times.ts'
import { Random } from '../random.ts'
import type { NoiseRun } from './noise.ts'
import {
  checkedGoal,
  checkShares,
  noiseOf,
  type SimulationOptions,
  type WorldSimulationOptions,
} from './simulation-options.ts'
import { profileOf, type RoundProfile, truthOf } from './truth.ts'
import { wandered } from './wander.ts'
import type { World } from './world.ts'
import { paperWorld } from './worlds/paper-world.ts'

/** What is random, or has happened, since the last reset. */
interface Run {
  /** Draws how each response comes out. */
  readonly responses: Random
  readonly noise: NoiseRun
  /** Draws how the state moves. */
  readonly moves: Random
  readonly fleet: FleetState
  /** By number of the node. */
  readonly changes: ReadonlyMap<number, Change>
}

/** A node that is not as it was. */
interface Change {
  /** On its times. */
  readonly factor: number
  /** Table II's processor state that tells of it, in [0, 1]; 0: nothing tells. */
  readonly level: number
}

const UNCHANGED: Change = { factor: 1, level: 0 }

/** A fleet that is simulated: the paper's, or that of a world. It replays exactly from its seed. */
export class SimulatedEnvironment implements Environment {
  readonly problem: Problem
  private readonly world: World
  private readonly options: SimulationOptions | WorldSimulationOptions
  private readonly deadTiers = new Set<Tier>()
  private goalPercent: number
  private run: Run
  /** What is known, and what is true, of the state at hand. */
  private state: State
  private truth: PlanningProblem

  /** @throws ConfigError naming the option that cannot be used */
  constructor(options: SimulationOptions | WorldSimulationOptions) {
    this.world = 'world' in options ? options.world : paperWorld(options)
    this.options = options
    checkShares(options)
    this.goalPercent = checkedGoal(options.goalPercent)
    const { choices, edgeOf, classOf, names, start } = this.world
    if (choices.length === 0) throw new ConfigError('choices is empty: give at least one')
    const devices = edgeOf.length
    const { toldAccuracies: told = [] } = options
    this.problem = {
      devices,
      choices: choices.map((choice, index) => {
        return { ...choice, accuracyPercent: told[index] ?? choice.accuracyPercent }
      }),
      stateSize: stateSize(devices, start.edges.length),
      edgeOf,
      ...(classOf && { classOf }),
      ...(names && { names }),
    }
    this.run = this.begun(options.seed ?? 0)
    this.state = this.observed()
    this.truth = this.planned()
  }

  /** Begins a run: the fleet is as it was at the start, but for the goal and the tiers that are down. */
  reset(seed: number): State {
    return this.become(this.begun(seed))
  }

  /** @throws InvalidInputError if the decision has the wrong length or takes an unavailable choice */
  step(decision: Decision): Outcome {
    const { toldAccuracies } = this.options
    const responseTimesMs = this.expectedResponseTimesMs(decision).map((expectedMs, device) =>
      this.measuredMs(expectedMs, device),
    )
    const correct = toldAccuracies && this.answered(decision, responseTimesMs)
    const accuracyPercent = accuraciesOf(decision, this.problem.choices)
    const averageMs = mean(responseTimesMs.filter((ms) => !Number.isNaN(ms)))
    const { penaltyMs = averageMs } = this.options
    const cost = meetsGoal(accuracyPercent, this.goalPercent) ? averageMs : penaltyMs
    this.moveOn(decision)
    return {
      state: this.state,
      responseTimesMs,
      accuracyPercent,
      ...(correct && { correct }),
      cost,
    }
  }

  /** What is known before the next decision. */
  currentState(): State {
    return this.state
  }

  /**
   * Response times that this decision has in the current state but for the noise. Shape [devices].
   * @throws InvalidInputError as `step`
   */
  expectedResponseTimesMs(decision: Decision): number[] {
    this.check(decision)
    return Array.from(responseTimesOf(this.truth, decision))
  }

  /** Their average. */
  expectedResponseTimeMs(decision: Decision): number {
    return mean(this.expectedResponseTimesMs(decision))
  }

  /** The truth of the current state as a planner reads it: noise-free times, true accuracies. */
  planningProblem(): PlanningProblem {
    return this.truth
  }

  /** All response times of the current state but for the noise, as an oracle reads them. */
  profile(): RoundProfile {
    return profileOf(this.world, this.truth)
  }

  /** The Quality of Service Goal changes; the next state tells it. @throws ConfigError for a goal that is none */
  setGoal(goalPercent: number): void {
    this.goalPercent = checkedGoal(goalPercent)
    this.become(this.run)
  }

  /** A tier dies or comes back; the next state tells it. */
  setTierAlive(tier: Exclude<Tier, 'end'>, alive: boolean): void {
    if (alive) this.deadTiers.delete(tier)
    else this.deadTiers.add(tier)
    this.become(this.run)
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
    this.become({ ...this.run, fleet })
  }

  /** The link of a device turns weak, or regular again. */
  flipLink(device: number): void {
    const { fleet } = this.run
    const flipped = { ...fleet.devices[device], bandwidth: 1 - fleet.devices[device].bandwidth }
    this.setFleet({ ...fleet, devices: fleet.devices.with(device, flipped) })
  }

  /**
   * A device (from 0), edge (after the devices) or the cloud (last) becomes slower by a factor; 1 is as it was.
   * @param level Table II's processor state that tells of it, in [0, 1]; 0: nothing tells
   */
  setFactor(node: number, factor: number, level = 0): void {
    const changes = new Map(this.run.changes).set(node, { factor, level })
    this.become({ ...this.run, changes })
  }

  private begun(seed: number): Run {
    const random = new Random(seed)
    return {
      // Runs that are recorded replay: those of worlds draw from the seed's stream, others from one of their own.
      responses: 'world' in this.options ? random : random.fork('response time'),
      noise: noiseOf(this.options).begin(),
      moves: random.fork('fleet state'),
      fleet: this.world.start,
      changes: new Map(),
    }
  }

  private become(run: Run): State {
    this.run = run
    this.state = this.observed()
    this.truth = this.planned()
    return this.state
  }

  /** By the world's law, and by itself. */
  private moveOn(decision: Decision): void {
    const { world, run } = this
    const { wander } = this.options
    const carried = world.nextState?.(run.fleet, decision, run.moves) ?? run.fleet
    const fleet = wander ? wandered(carried, wander, run.moves) : carried
    if (fleet !== run.fleet) this.setFleet(fleet)
  }

  private observed(): State {
    const { devices, edges, cloud } = this.run.fleet
    const { tellsLinks = true } = this.options
    const told = (node: ResourceState, index: number, highest: number): ResourceState => {
      const { level } = this.changeOf(index)
      return {
        ...node,
        processor: level > 0 ? level * highest : node.processor,
        bandwidth: tellsLinks ? node.bandwidth : 0,
      }
    }
    const features = encodeState({
      devices: devices.map((node, device) => told(node, device, 1)),
      edges: edges.map((node, edge) => told(node, devices.length + edge, HIGHEST_LEVEL)),
      cloud: told(cloud, devices.length + edges.length, HIGHEST_LEVEL),
    })
    const available = this.world.choices.map(({ placement }) => !this.deadTiers.has(placement.tier))
    return { features, goalPercent: this.goalPercent, available }
  }

  private planned(): PlanningProblem {
    const factorOf = (node: number) => this.changeOf(node).factor
    return truthOf(this.world, this.run.fleet, factorOf, this.goalPercent)
  }

  private changeOf(node: number): Change {
    return this.run.changes.get(node) ?? UNCHANGED
  }

  /** Not a number where no answer comes. */
  private measuredMs(expectedMs: number, device: number): number {
    const { slow, lost = 0 } = this.options
    const { noise, responses } = this.run
    const ms = Math.max(0, expectedMs * noise(device, responses))
    const late = slow && responses.uniform() < slow.share ? ms * slow.factor : ms
    return lost > 0 && responses.uniform() < lost ? Number.NaN : late
  }

  /** Whether each answer is right, as often as its variant truly is; undefined where none came. Shape [devices]. */
  private answered(decision: Decision, responseTimesMs: readonly number[]) {
    return accuraciesOf(decision, this.world.choices).map((accuracyPercent, device) => {
      const isRight = this.run.responses.uniform() < accuracyPercent / 100
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
    for (const choice of decision) {
      if (this.state.available[choice] !== true) {
        throw new InvalidInputError(
          `choice ${choice} is not available: give the index of one of the ${choices.length} choices whose tier is up`,
        )
      }
    }
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

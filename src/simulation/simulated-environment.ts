/** The simulated System Environment (HL paper, Figure 2): the fleet of section III without the fleet. */
import { ConfigError, InvalidInputError } from '../errors.ts'
import type { Choice } from '../fleet/choice.ts'
import { meetsGoal } from '../fleet/goal.ts'
import type { Tier } from '../fleet/placement.ts'
import { type Scenario, scenarioState } from '../fleet/scenarios.ts'
import { encodeState, type FleetState, isOfTableII, stateSize } from '../fleet/state.ts'
import type {
  Decision,
  Environment,
  Outcome,
  Problem,
  State,
} from '../learning/environment/environment.ts'
import { Random } from '../random.ts'
import { DEFAULT_CHOICES, RESPONSE_TIME_NOISE } from './calibration.ts'
import { endComputeMs } from './response-time.ts'
import { simulateRound } from './round.ts'
import { type RoundProfile, RoundTable } from './round-table.ts'
import { SimulatedClock } from './simulated-clock.ts'
import { type Wander, wandered } from './wander.ts'

export interface SimulationOptions {
  readonly devices: number
  readonly scenario: Scenario
  /** Lowest allowed average accuracy; 0 for none (the paper's Min). */
  readonly goalPercent: number
  readonly seed: number
  /** Devices are dealt out to the edges in turn. Default 1, as in the paper. */
  readonly edges?: number
  readonly choices?: readonly Choice[]
  /** Relative standard deviation of one response time; 0 for none. */
  readonly noise?: number
  /** Cost of a round that breaks the goal: the paper's regime. Without it the cost is always the average response time. */
  readonly penaltyMs?: number
  /** Without it the state of the scenario stays. */
  readonly wander?: Wander
}

export class SimulatedEnvironment implements Environment {
  readonly problem: Problem
  /** Simulated time; a round ends when its last answer has arrived. */
  readonly clock = new SimulatedClock()
  private readonly options: SimulationOptions
  private readonly noise: number
  private readonly tableIsExact: boolean
  private goalPercent: number
  private readonly deadTiers = new Set<Tier>()
  private noiseRandom: Random
  private wanderRandom: Random
  private fleet: FleetState
  private table: RoundTable
  private state: State

  /** @throws ConfigError naming the option that cannot be used */
  constructor(options: SimulationOptions) {
    const { devices, edges = 1, choices = DEFAULT_CHOICES, noise = RESPONSE_TIME_NOISE } = options
    checkCount('devices', devices)
    checkCount('edges', edges)
    if (choices.length === 0) throw new ConfigError('choices is empty: give at least one')
    for (const { placement } of choices) endComputeMs(placement.variant)
    if (!(noise >= 0 && noise < 1)) {
      throw new ConfigError(`noise is ${noise}: give a relative deviation from 0 to below 1`)
    }
    this.options = options
    this.noise = noise
    this.goalPercent = checkedGoal(options.goalPercent)
    this.problem = { devices, choices, stateSize: stateSize(devices, edges) }
    this.tableIsExact = RoundTable.isExactFor(choices)
    const start = this.start(options.seed)
    this.noiseRandom = start.noiseRandom
    this.wanderRandom = start.wanderRandom
    this.fleet = start.fleet
    this.table = new RoundTable(this.fleet, choices)
    this.state = this.observed()
  }

  reset(seed: number): State {
    const start = this.start(seed)
    this.noiseRandom = start.noiseRandom
    this.wanderRandom = start.wanderRandom
    this.setFleet(start.fleet)
    return this.state
  }

  /** @throws InvalidInputError if the decision has the wrong length or takes an unavailable choice */
  step(decision: Decision): Outcome {
    this.check(decision)
    const responseTimesMs = this.exactResponseTimesMs(decision)
    for (let device = 0; device < responseTimesMs.length; device++) {
      const factor = this.noise === 0 ? 1 : 1 + this.noise * this.noiseRandom.normal()
      responseTimesMs[device] = Math.max(0, (responseTimesMs[device] ?? 0) * factor)
    }
    const accuracyPercent = decision.map((choice) => this.accuracyOf(choice))
    const broken = !meetsGoal(accuracyPercent, this.goalPercent)
    const cost = broken ? (this.options.penaltyMs ?? mean(responseTimesMs)) : mean(responseTimesMs)
    this.clock.advance(Math.max(...responseTimesMs))
    if (this.options.wander !== undefined) {
      const fleet = wandered(this.fleet, this.options.wander, this.wanderRandom)
      if (fleet !== this.fleet) this.setFleet(fleet)
    }
    return { state: this.state, responseTimesMs, accuracyPercent, cost }
  }

  /** Response times that this decision has in the current state but for the noise. Shape [devices]. */
  expectedResponseTimesMs(decision: Decision): number[] {
    this.check(decision)
    return this.exactResponseTimesMs(decision)
  }

  /** Their average. */
  expectedResponseTimeMs(decision: Decision): number {
    return mean(this.expectedResponseTimesMs(decision))
  }

  /**
   * All response times of the current state but for the noise, for the oracle.
   * @throws ConfigError where a shared tier offers several variants: their mix is more than a count of users
   */
  profile(): RoundProfile {
    this.checkTable()
    return this.table.profile()
  }

  /**
   * The same as a planner reads it, of as many devices as there may be.
   * @throws ConfigError as `profile`
   */
  planningProblem() {
    this.checkTable()
    return { ...this.table.planningProblem(), goalPercent: this.goalPercent }
  }

  /** What is known before the next decision. */
  currentState(): State {
    return this.state
  }

  /** The Quality of Service Goal changes; the next state tells it. */
  setGoal(goalPercent: number): void {
    this.goalPercent = checkedGoal(goalPercent)
    this.state = this.observed()
  }

  /** A tier dies or comes back; the next state tells it. */
  setTierAlive(tier: Exclude<Tier, 'end'>, alive: boolean): void {
    if (alive) this.deadTiers.delete(tier)
    else this.deadTiers.add(tier)
    this.state = this.observed()
  }

  /** Puts the fleet into a state of one's own. @throws ConfigError if it is of another size or beyond Table II */
  setFleet(fleet: FleetState): void {
    const { devices, choices } = this.problem
    const { edges = 1 } = this.options
    if (fleet.devices.length !== devices || fleet.edges.length !== edges) {
      throw new ConfigError(
        `the fleet state has ${fleet.devices.length} devices and ${fleet.edges.length} edges: give ${devices} and ${edges}`,
      )
    }
    if (!isOfTableII(fleet)) {
      throw new ConfigError(
        'the fleet state is beyond Table II: levels 0–8 of shared processors, else 0 or 1',
      )
    }
    this.fleet = fleet
    this.table = new RoundTable(fleet, choices)
    this.state = this.observed()
  }

  private start(seed: number) {
    const { scenario, devices, edges = 1 } = this.options
    const random = new Random(seed)
    return {
      fleet: scenarioState(scenario, devices, edges),
      noiseRandom: random.fork('response time'),
      wanderRandom: random.fork('fleet state'),
    }
  }

  private observed(): State {
    return {
      features: encodeState(this.fleet),
      goalPercent: this.goalPercent,
      available: this.problem.choices.map(({ placement }) => !this.deadTiers.has(placement.tier)),
    }
  }

  private exactResponseTimesMs(decision: Decision): number[] {
    if (this.tableIsExact) return this.table.responseTimesMs(decision)
    const { choices } = this.problem
    return simulateRound(
      this.fleet,
      decision.flatMap((choice) => choices[choice]?.placement ?? []),
    )
  }

  private checkTable(): void {
    if (this.tableIsExact) return
    throw new ConfigError(
      'a profile holds one variant at each shared tier, these choices have more: use bruteForce with expectedResponseTimeMs',
    )
  }

  private accuracyOf(choice: number): number {
    return this.problem.choices[choice]?.accuracyPercent ?? 0
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

function checkCount(name: string, count: number): void {
  if (!Number.isInteger(count) || count < 1) {
    throw new ConfigError(`${name} is ${count}: give a whole number from 1`)
  }
}

function checkedGoal(goalPercent: number): number {
  if (goalPercent >= 0 && goalPercent <= 100) return goalPercent
  throw new ConfigError(`goalPercent is ${goalPercent}: give an average accuracy from 0 to 100`)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

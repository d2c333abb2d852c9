/** An agent at work where there are no rounds. */
import { mean } from 'simple-statistics'
import type { Choice } from '../../../src/fleet/choice.ts'
import type { Agent } from '../../../src/learning/agents/agent.ts'
import type { Answer, Decision } from '../../../src/learning/environment/environment.ts'
import { plan } from '../../../src/learning/planner/plan.ts'
import { SimulatedEnvironment } from '../../../src/simulation/simulated-environment.ts'
import {
  improved,
  planForTraffic,
  stationaryMs,
} from '../../../src/simulation/traffic/stationary.ts'
import { Traffic, type TrafficOptions } from '../../../src/simulation/traffic/traffic.ts'
import type { World } from '../../../src/simulation/world.ts'
import type { RunContext } from '../../experiment.ts'
import type { TrafficSettings } from '../settings.ts'
import { agentOf, optionsOf, seedFor, streamOf, worldOf } from './fleets.ts'
import { keepsGoal } from './judge.ts'

export interface TrafficOutcome {
  /** Average of the devices' average response times in each tenth of the time, ms; null where a device had no answer. */
  readonly averagesMs: readonly (number | null)[]
  /** The same over a long time without noise: of the best decision that changing single devices found, this agent's included. */
  readonly bestMs: number
  /** Of the plan on curves that traffic has. */
  readonly plannedMs: number
  /** Of the last greedy decision. */
  readonly lastMs: number
  readonly answers: number
  /** Decisions put in force. */
  readonly decisionsTaken: number
  readonly violations: number
}

/** From decision to decision of an agent that hears of every answer; what an agent that waits for rounds looks at them by. */
const DECIDE_MS = 500
const TENTHS = 10

export async function runTraffic(
  settings: TrafficSettings,
  { onProgress }: RunContext,
): Promise<TrafficOutcome> {
  const world = worldOf(settings)
  const options = { ...optionsOf(settings), pausesMs: pausesOf(settings) }
  const environment = new SimulatedEnvironment({ ...options, world })
  const { choices } = environment.problem
  const state = environment.currentState()
  const agent = agentOf(settings, environment.problem)
  let decision = agent.decide(state)
  const traffic = new Traffic(world, options, decision, seedFor(settings, 'responses'))
  const ear =
    settings.hears === 'answers' ? new AnswerEar(agent) : new RoundEar(agent, choices, decision)
  const taken = [decision]
  const tenths: Answer[][] = Array.from({ length: TENTHS }, () => [])
  const endMs = settings.seconds * 1000
  while (traffic.nowMs() < endMs) {
    const tenth = tenths[Math.floor((TENTHS * traffic.nowMs()) / endMs)]
    for (const answer of traffic.advance(DECIDE_MS)) {
      tenth?.push(answer)
      ear.hear(answer)
    }
    if (ear.learn()) {
      decision = agent.decide(state)
      traffic.decide(decision)
      ear.decided(decision)
      taken.push(decision)
    }
    await onProgress(`second ${Math.round(traffic.nowMs() / 1000)}`)
  }
  const last = agent.greedy(state)
  const { bestMs, plannedMs } = referencesOf(settings, world, options)
  const lastMs = stationaryMs(world, options, last)
  return {
    averagesMs: tenths.map((answers) => averageOf(answers, settings.users)),
    bestMs: Math.min(bestMs, lastMs),
    plannedMs,
    lastMs,
    answers: tenths.flat().length,
    decisionsTaken: taken.length,
    violations: [...taken, last].filter((each) => !keepsGoal(each, settings.goal)).length,
  }
}

/** How answers reach an agent. */
interface Ear {
  hear(answer: Answer): void
  /** @returns whether there is something new to decide on */
  learn(): boolean
  decided(decision: Decision): void
}

/** Every answer, when it comes. */
class AnswerEar implements Ear {
  private readonly agent: Agent
  private hasHeard = false

  constructor(agent: Agent) {
    this.agent = agent
  }

  hear(answer: Answer): void {
    this.agent.hear?.(answer)
    this.hasHeard = true
  }

  learn(): boolean {
    return this.hasHeard
  }

  decided(): void {
    this.hasHeard = false
  }
}

/** A round, when every device has had an answer under the decision; what was sent under an earlier one counts for none. */
class RoundEar implements Ear {
  private readonly agent: Agent
  private readonly choices: readonly Choice[]
  private decision: Decision
  private readonly answers = new Map<number, Answer>()

  constructor(agent: Agent, choices: readonly Choice[], decision: Decision) {
    this.agent = agent
    this.choices = choices
    this.decision = decision
  }

  hear(answer: Answer): void {
    if (answer.decision === this.decision) this.answers.set(answer.device, answer)
  }

  learn(): boolean {
    const { decision, answers, agent, choices } = this
    const state = answers.get(0)?.state
    if (answers.size < decision.length || state === undefined) return false
    const responseTimesMs = decision.map((_, device) => timeOf(answers.get(device)))
    const accuracyPercent = decision.map((choice) => choices[choice]?.accuracyPercent ?? 0)
    const cost = averageMs(responseTimesMs.filter((ms) => !Number.isNaN(ms)))
    agent.observe({ state, decision, outcome: { state, responseTimesMs, accuracyPercent, cost } })
    return true
  }

  decided(decision: Decision): void {
    this.decision = decision
    this.answers.clear()
  }
}

/** Each device's own, from half to twice the run's. */
function pausesOf(settings: TrafficSettings): number[] {
  const random = streamOf(settings, 'pauses')
  return Array.from(
    { length: settings.users },
    () => settings.pauseMs * 2 ** (2 * random.uniform() - 1),
  )
}

interface References {
  readonly bestMs: number
  readonly plannedMs: number
}

/** Of the fleets judged last: runs that differ in the agent alone follow each other. */
let known: { readonly key: string; readonly references: References } | undefined

function referencesOf(
  settings: TrafficSettings,
  world: World,
  options: TrafficOptions,
): References {
  const { fleet, users, goal, seed, pauseMs } = settings
  const key = JSON.stringify([fleet, users, goal, seed, pauseMs])
  if (known?.key === key) return known.references
  const inRounds = plan(new SimulatedEnvironment({ ...options, world }).planningProblem()).decision
  const inTraffic = planForTraffic(world, options)
  const references = {
    bestMs: improved(world, options, [inTraffic, inRounds]).responseTimeMs,
    plannedMs: stationaryMs(world, options, inTraffic),
  }
  known = { key, references }
  return references
}

/** Average of the devices' averages; null where a device had no answer. */
function averageOf(answers: readonly Answer[], devices: number): number | null {
  const averages = Array.from({ length: devices }, (_, device) => {
    const own = answers.filter((answer) => answer.device === device)
    return averageMs(own.map(timeOf).filter((ms) => !Number.isNaN(ms)))
  })
  const average = averageMs(averages)
  return Number.isNaN(average) ? null : average
}

function timeOf(answer: Answer | undefined): number {
  return answer?.responseTimeMs ?? Number.NaN
}

/** NaN of none. */
function averageMs(valuesMs: readonly number[]): number {
  return valuesMs.length > 0 ? mean(valuesMs) : Number.NaN
}

/** An agent at work where there are no rounds. */
import type { TrafficOutcome, TrafficRun } from '../../../../paper/index.ts'
import type { Choice } from '../../../fleet/choice.ts'
import type { Agent } from '../../../learning/agents/agent.ts'
import type { Answer, Decision } from '../../../learning/environment/environment.ts'
import { plan } from '../../../learning/planner/plan.ts'
import { SimulatedEnvironment } from '../../../simulation/simulated-environment.ts'
import { improved, planForTraffic, stationaryMs } from '../../../simulation/traffic/stationary.ts'
import { Traffic, type TrafficOptions } from '../../../simulation/traffic/traffic.ts'
import type { World } from '../../../simulation/world.ts'
import { agentOf, optionsOf, seedFor, streamOf, worldOf } from './fleets.ts'
import { keepsGoal } from './judge.ts'
import type { Pace } from './pace.ts'

/** From decision to decision of an agent that hears of every answer; what an agent that waits for rounds looks at them by. */
const DECIDE_MS = 500
const TENTHS = 10

/** @returns undefined when aborted */
export async function runTraffic(run: TrafficRun, pace: Pace): Promise<TrafficOutcome | undefined> {
  const world = worldOf(run)
  const options = { ...optionsOf(run), pausesMs: pausesOf(run) }
  const environment = new SimulatedEnvironment({ ...options, world })
  const { choices } = environment.problem
  const state = environment.currentState()
  const agent = agentOf(run, environment.problem)
  let decision = agent.decide(state)
  const traffic = new Traffic(world, options, decision, seedFor(run, 'responses'))
  const ear =
    run.hears === 'answers' ? new AnswerEar(agent) : new RoundEar(agent, choices, decision)
  const taken = [decision]
  const tenths: Answer[][] = Array.from({ length: TENTHS }, () => [])
  const endMs = run.seconds * 1000
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
    if (!(await pace.goesOn(`second ${Math.round(traffic.nowMs() / 1000)}`))) return undefined
  }
  const last = agent.greedy(state)
  const { bestMs, plannedMs } = referencesOf(run, world, options)
  const lastMs = stationaryMs(world, options, last)
  return {
    averagesMs: tenths.map((answers) => averageOf(answers, run.users)),
    bestMs: Math.min(bestMs, lastMs),
    plannedMs,
    lastMs,
    answers: tenths.flat().length,
    decisionsTaken: taken.length,
    violations: [...taken, last].filter((each) => !keepsGoal(each, run.goal)).length,
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
    const cost = mean(responseTimesMs.filter((ms) => !Number.isNaN(ms)))
    agent.observe({ state, decision, outcome: { state, responseTimesMs, accuracyPercent, cost } })
    return true
  }

  decided(decision: Decision): void {
    this.decision = decision
    this.answers.clear()
  }
}

/** Each device's own, from half to twice the run's. */
function pausesOf(run: TrafficRun): number[] {
  const random = streamOf(run, 'pauses')
  return Array.from({ length: run.users }, () => run.pauseMs * 2 ** (2 * random.uniform() - 1))
}

interface References {
  readonly bestMs: number
  readonly plannedMs: number
}

/** Of the fleets judged last: runs that differ in the agent alone follow each other. */
let known: { readonly key: string; readonly references: References } | undefined

function referencesOf(run: TrafficRun, world: World, options: TrafficOptions): References {
  const { fleet, users, goal, seed, pauseMs } = run
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
  const averages = Array.from({ length: devices }, (_, device) =>
    mean(
      answers
        .filter((answer) => answer.device === device && !Number.isNaN(answer.responseTimeMs))
        .map(timeOf),
    ),
  )
  const average = mean(averages)
  return Number.isNaN(average) ? null : average
}

function timeOf(answer: Answer | undefined): number {
  return answer?.responseTimeMs ?? Number.NaN
}

/** NaN of none. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The rounds of late, so that a request by itself is known by what was in force when it was sent. */
import type { Clock } from '../clock.ts'
import type { AnswerReport, LabelReport } from '../control/messages.ts'
import { type Choice, loadedTier, loadOf } from '../fleet/choice.ts'
import { StateLayout } from '../fleet/state.ts'
import type {
  Answer,
  Decision,
  Escalated,
  Problem,
  State,
} from '../learning/environment/environment.ts'

/** Rounds remembered. */
const MAX_ROUNDS = 64

/** What was in force in a round. */
export interface PastRound {
  readonly number: number
  readonly problem: Problem
  /** Shape [devices]. */
  readonly devices: readonly string[]
  readonly state: State
  readonly decision: Decision
}

interface Remembered extends PastRound {
  readonly beginMs: number
  /** What each device was told. Shape [devices]. */
  readonly choices: readonly (Choice | undefined)[]
  /** The shared node that each device's choice loads: edges from 0, then the cloud; -1 none. Shape [devices]. */
  readonly nodes: readonly number[]
}

/** Knows the state and decision that a report belongs to. */
export class RoundHistory {
  private readonly clock: Clock
  /** Oldest first, all of one problem. */
  private rounds: Remembered[] = []

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** A round begins. One of another problem makes the earlier ones forgotten. */
  add(round: PastRound): void {
    if (this.rounds[0]?.problem !== round.problem) this.rounds = []
    if (this.rounds.length >= MAX_ROUNDS) this.rounds.shift()
    const beginMs = this.clock.nowMs()
    const { problem, decision } = round
    const choices = decision.map((choice) => problem.choices[choice])
    this.rounds.push({ ...round, beginMs, choices, nodes: nodesOf(problem, choices) })
  }

  /** What the device of a report was told; undefined if its round or device is unknown. */
  choiceOf({ device, round }: AnswerReport): Choice | undefined {
    const sent = this.rounds.find(({ number }) => number === round)
    return sent?.choices[sent.devices.indexOf(device)]
  }

  /**
   * A report that has just come, as an agent hears of it; undefined if its round or device is unknown, or if it could have escalated
   * and does not tell what that takes.
   * @param became of a request that could escalate
   */
  answerOf(
    { device: name, round, failed, responseTimeMs }: AnswerReport,
    became?: Escalated,
  ): Answer | undefined {
    const sent = this.rounds.find(({ number }) => number === round)
    const device = sent?.devices.indexOf(name) ?? -1
    if (sent === undefined || device < 0) return undefined
    const { state, decision } = sent
    if (failed) return { state, decision, device, responseTimeMs: Number.NaN }
    if (sent.choices[device]?.escalation && !became) return undefined
    const judged = became && { escalated: became.escalated, firstMs: became.firstMs }
    const node = became?.escalated === false ? -1 : (sent.nodes[device] ?? -1)
    const awayMs = responseTimeMs - (became?.firstMs ?? 0)
    const users = node < 0 ? undefined : this.meanUsers(node, device, awayMs)
    const isAsDecided = users === undefined || users === usersOf(sent, node, device)
    return { state, decision, device, responseTimeMs, ...judged, ...(!isAsDecided && { users }) }
  }

  /** A label, as an agent hears of it: no time goes with it. Undefined where its round is forgotten. */
  labelOf({ device: name, round, correct }: LabelReport): Answer | undefined {
    const sent = this.rounds.find(({ number }) => number === round)
    const device = sent?.devices.indexOf(name) ?? -1
    if (sent === undefined || device < 0) return undefined
    const { state, decision } = sent
    return { state, decision, device, responseTimeMs: Number.NaN, correct }
  }

  /** As a device's request saw them: of the rounds that the last `lastMs` overlap, by how long; undefined where they overlap none. */
  private meanUsers(node: number, device: number, lastMs: number): number | undefined {
    const nowMs = this.clock.nowMs()
    let sum = 0
    let totalMs = 0
    for (const [index, round] of this.rounds.entries()) {
      const endMs = this.rounds[index + 1]?.beginMs ?? nowMs
      const overlapMs = endMs - Math.max(round.beginMs, nowMs - lastMs)
      if (overlapMs <= 0) continue
      sum += overlapMs * usersOf(round, node, device)
      totalMs += overlapMs
    }
    // Its own request is always among them, even where the decision had already changed.
    return totalMs > 0 ? Math.max(1, sum / totalMs) : undefined
  }
}

function nodesOf(problem: Problem, choices: Remembered['choices']): number[] {
  const { edgeOf, edges } = new StateLayout(problem)
  return choices.map((choice, device) => {
    const tier = choice && loadedTier(choice)
    if (tier === 'cloud') return edges
    return tier === 'edge' ? (edgeOf[device] ?? 0) : -1
  })
}

/** Requests at a node at once, as one device's own request finds them: of what others escalate there, their share. */
function usersOf({ choices, nodes }: Remembered, node: number, own: number): number {
  return choices.reduce((sum, choice, device) => {
    if (nodes[device] !== node || !choice) return sum
    return sum + (device === own ? 1 : loadOf(choice))
  }, 0)
}

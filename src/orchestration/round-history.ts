/** The rounds of late, so that a request by itself is known by what was in force when it was sent. */
import type { Clock } from '../clock.ts'
import type { AnswerReport } from '../control/messages.ts'
import { StateLayout } from '../fleet/state.ts'
import type { Answer, Decision, Problem, State } from '../learning/environment/environment.ts'

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
  /** The shared node each device was told to use: edges from 0, then the cloud; -1 its own. Shape [devices]. */
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
    this.rounds.push({ ...round, beginMs, nodes: nodesOf(round) })
  }

  /** A report that has just come, as an agent hears of it; undefined if its round or device is unknown. */
  answerOf({ device: name, round, failed, responseTimeMs }: AnswerReport): Answer | undefined {
    const sent = this.rounds.find(({ number }) => number === round)
    const device = sent?.devices.indexOf(name) ?? -1
    if (sent === undefined || device < 0) return undefined
    const { state, decision } = sent
    if (failed) return { state, decision, device, responseTimeMs: Number.NaN }
    const node = sent.nodes[device] ?? -1
    const users = node < 0 ? undefined : this.meanUsers(node, responseTimeMs)
    const isAsDecided = users === undefined || users === usersOf(sent, node)
    return { state, decision, device, responseTimeMs, ...(!isAsDecided && { users }) }
  }

  /** Of the rounds that the last `lastMs` overlap, by how long; undefined where they overlap none. */
  private meanUsers(node: number, lastMs: number): number | undefined {
    const nowMs = this.clock.nowMs()
    let sum = 0
    let totalMs = 0
    for (const [index, round] of this.rounds.entries()) {
      const endMs = this.rounds[index + 1]?.beginMs ?? nowMs
      const overlapMs = endMs - Math.max(round.beginMs, nowMs - lastMs)
      if (overlapMs <= 0) continue
      sum += overlapMs * usersOf(round, node)
      totalMs += overlapMs
    }
    // Its own request is always among them, even where the decision had already changed.
    return totalMs > 0 ? Math.max(1, sum / totalMs) : undefined
  }
}

function nodesOf({ problem, decision }: PastRound): number[] {
  const { edgeOf, edges } = new StateLayout(problem)
  return decision.map((choice, device) => {
    const tier = problem.choices[choice]?.placement.tier
    if (tier === 'cloud') return edges
    return tier === 'edge' ? (edgeOf[device] ?? 0) : -1
  })
}

function usersOf({ nodes }: Remembered, node: number): number {
  return nodes.filter((other) => other === node).length
}

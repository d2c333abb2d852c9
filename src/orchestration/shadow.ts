/** An agent that only proposes, beside the one that acts. One model of the fleet, taught by the same answers, judges both. */
import { mean } from 'simple-statistics'
import type { ShadowScore } from '../control/messages.ts'
import { accuraciesOf, meetsGoal } from '../fleet/goal.ts'
import type { Agent } from '../learning/agents/agent.ts'
import type {
  Answer,
  Decision,
  Problem,
  State,
  Transition,
} from '../learning/environment/environment.ts'
import { hearAnswer, observeRound } from '../learning/model/structured/learning.ts'
import { planningInput } from '../learning/model/structured/planning-input.ts'
import { StructuredModel } from '../learning/model/structured/structured-model.ts'
import { responseTimesOf } from '../learning/planner/response-times.ts'
import { meanAnsweredMs, withNumbers } from './unanswered.ts'

/** Rounds that the score is about. */
const WINDOW = 100

/** One round, as judged before it was played. */
interface Judged {
  readonly agreed: boolean
  readonly actingMs: number
  readonly proposedMs: number
  /** Of the judge's prediction for what was really taken. */
  readonly errorPercent: number
}

/** The agent that proposes, and its judge. */
export class Shadow {
  private readonly problem: Problem
  private readonly agent: Agent
  private readonly missingMs: number
  private readonly judge: StructuredModel
  private readonly judged: Judged[] = []
  private goalViolations = 0

  /** @param missingMs see `withNumbers` */
  constructor(problem: Problem, agent: Agent, missingMs: number) {
    this.problem = problem
    this.agent = agent
    this.missingMs = missingMs
    this.judge = new StructuredModel(problem)
  }

  /** Undefined before the first round. */
  get score(): ShadowScore | undefined {
    const { judged, goalViolations } = this
    if (judged.length === 0) return undefined
    const actingMs = meanOf(judged, ({ actingMs }) => actingMs)
    const proposedMs = meanOf(judged, ({ proposedMs }) => proposedMs)
    return {
      agent: this.agent.name,
      rounds: judged.length,
      agreementPercent: meanOf(judged, ({ agreed }) => (agreed ? 100 : 0)),
      savingPercent: (1 - proposedMs / actingMs) * 100,
      judgeErrorPercent: meanOf(judged, ({ errorPercent }) => errorPercent),
      goalViolations,
    }
  }

  /** Compares what it would do with what was done, then learns from the outcome. */
  observe(transition: Transition): void {
    const { state, decision, outcome } = transition
    const proposal = this.agent.greedy(state)
    const predicted = this.predict(state, [decision, proposal])
    const measuredMs = meanAnsweredMs(outcome.responseTimesMs)
    if (predicted && measuredMs > 0) {
      const [taken, proposed] = predicted
      const isAnswered = (_: number, device: number) =>
        !Number.isNaN(outcome.responseTimesMs[device] ?? Number.NaN)
      const expectedMs = mean(taken.filter(isAnswered))
      this.remember({
        agreed: proposal.every((choice, device) => choice === decision[device]),
        actingMs: mean(taken),
        proposedMs: mean(proposed),
        errorPercent: Math.abs(expectedMs / measuredMs - 1) * 100,
      })
    }
    const accuracies = accuraciesOf(proposal, this.problem.choices)
    if (!meetsGoal(accuracies, state.goalPercent)) this.goalViolations += 1
    observeRound(this.judge, transition)
    const numbers = this.agent.hear ? outcome : withNumbers(outcome, this.missingMs)
    this.agent.observe({ ...transition, outcome: numbers })
  }

  hear(answer: Answer): void {
    hearAnswer(this.judge, answer)
    this.agent.hear?.(answer)
  }

  /** Response times of both decisions by the judge; undefined where one of them cannot be played. */
  private predict(
    state: State,
    [taken, proposed]: readonly [Decision, Decision],
  ): readonly [number[], number[]] | undefined {
    const input = planningInput(this.judge, state, { kind: 'expected' }, false)
    const times = (decision: Decision) => [...responseTimesOf(input, decision)]
    const both = [times(taken), times(proposed)] as const
    return both.flat().every(Number.isFinite) ? both : undefined
  }

  private remember(judged: Judged): void {
    if (this.judged.length >= WINDOW) this.judged.shift()
    this.judged.push(judged)
  }
}

function meanOf(judged: readonly Judged[], value: (round: Judged) => number): number {
  return mean(judged.map(value))
}

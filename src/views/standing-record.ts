/** What is in force and what came of it: every change becomes an event. */
import type {
  ClosedRound,
  ExplorationBudget,
  FoundDrift,
  JointDecision,
  OrchestratorNews,
} from '../control/messages.ts'
import { agentName } from './agent-name.ts'
import type { EventLog } from './event-log.ts'
import { ownGoalWords } from './words.ts'

/** Rounds below the goal within it are one event. */
const ONE_EVENT_MS = 60_000

const PACES: Readonly<Record<FoundDrift['became'], string>> = {
  slower: 'serves slower than it did: the agent learns it anew',
  faster: 'serves faster than it did: the agent learns it anew',
  'as-before': 'serves again as it did before',
}

type AskedGoals = OrchestratorNews['deviceGoals']

/** Of the orchestrator that decides. */
export class StandingRecord {
  news: OrchestratorNews | undefined
  joint: JointDecision | undefined
  /** Of this session, as far as heard. */
  closedRounds = 0
  private readonly events: EventLog
  /** The newest rounds below the goal that are one event. */
  private below:
    | {
        readonly goalPercent: number
        readonly rounds: number
        readonly lowest: number
        readonly fromMs: number
      }
    | undefined

  constructor(events: EventLog) {
    this.events = events
  }

  /** Of several orchestrators, the one of the highest epoch is heard. */
  hearOrchestrator(news: OrchestratorNews, nowMs: number): void {
    const before = this.news
    if (before !== undefined && news.epoch < before.epoch) return
    this.news = news
    if (before?.session === news.session) this.tellChanges(before, news, nowMs)
    else {
      const text = `The orchestrator decides: goal ≥ ${news.goalPercent} %, agent ${agentName(news.agent)}`
      this.events.add('started', text, nowMs)
    }
    this.tellRefusal(before, news, nowMs)
  }

  hearJoint(joint: JointDecision, nowMs: number): void {
    const before = this.joint
    const isSameSession = before?.session === joint.session
    if (!isSameSession) this.closedRounds = 0
    this.joint = joint
    // A broker may tell the newest again.
    if (!isSameSession || joint.round !== before.round) {
      for (const { node, became } of joint.drift ?? []) {
        this.events.add('drift', `${node} ${PACES[became]}`, nowMs, node)
      }
    }
    const { closed } = joint
    if (!closed || (isSameSession && closed.round === before?.closed?.round)) return
    this.closedRounds += 1
    if (closed.violated) this.tellViolation(closed, nowMs)
  }

  /** Several within a minute are one event. */
  private tellViolation({ accuracyPercent, goalPercent }: ClosedRound, nowMs: number): void {
    const { below } = this
    const isSame = below?.goalPercent === goalPercent && nowMs - below.fromMs < ONE_EVENT_MS
    const lowest = isSame ? Math.min(below.lowest, accuracyPercent) : accuracyPercent
    const rounds = isSame ? below.rounds + 1 : 1
    this.below = { goalPercent, rounds, lowest, fromMs: isSame ? below.fromMs : nowMs }
    const what = rounds === 1 ? 'A round was' : `${rounds} rounds were`
    const text = `${what} served less accurately than the goal of ${goalPercent} %, lowest ${lowest.toFixed(2)} %`
    if (!isSame || !this.events.amend('below-goal', text)) {
      this.events.add('below-goal', text, nowMs)
    }
  }

  private tellChanges(before: OrchestratorNews, now: OrchestratorNews, nowMs: number): void {
    if (before.goalPercent !== now.goalPercent) {
      this.events.add('goal', `${before.goalPercent} % → ${now.goalPercent} %`, nowMs)
    }
    if (before.agent !== now.agent) {
      this.events.add('agent', `${agentName(before.agent)} → ${agentName(now.agent)}`, nowMs)
    }
    const [budgetBefore, budget] = [before, now].map((news) => news.explorationBudgetPercent)
    if (budgetBefore !== undefined && budget !== undefined && budgetBefore !== budget) {
      const text = `Exploring may cost ${budgetText(budget)}, before: ${budgetText(budgetBefore)}`
      this.events.add('budget', text, nowMs)
    }
    this.tellDeviceGoals(before.deviceGoals, now.deviceGoals, nowMs)
    if (before.reverted === undefined && now.reverted !== undefined) {
      this.events.add('reverted', `The fixed rule took the agent’s place: ${now.reverted}`, nowMs)
    }
    if (before.reverted !== undefined && now.reverted === undefined) {
      this.events.add('resumed', 'The agent goes on', nowMs)
    }
  }

  private tellDeviceGoals(before: AskedGoals = {}, now: AskedGoals = {}, nowMs: number): void {
    for (const device of new Set([...Object.keys(before), ...Object.keys(now)])) {
      const goalPercent = now[device]?.goalPercent
      if (goalPercent === before[device]?.goalPercent) continue
      const text = goalPercent === undefined ? 'as it was started' : ownGoalWords(goalPercent)
      this.events.add('goal', `${device}: own goal ${text}`, nowMs, device)
    }
  }

  /** The orchestrator says it again and again, but it happened once. */
  private tellRefusal(before: OrchestratorNews | undefined, now: OrchestratorNews, nowMs: number) {
    const { refusedWish: wish } = now
    if (wish === undefined) return
    const isTold = wish.reason === before?.refusedWish?.reason && newestOf(before) === newestOf(now)
    if (isTold) return
    this.events.add('refused', `Refused ${wishText(wish)}: ${wish.reason}`, nowMs)
  }
}

/** What was asked for. */
function wishText(wish: NonNullable<OrchestratorNews['refusedWish']>): string {
  const { accuracyPercent, agent, explorationBudgetPercent: budget, deviceGoal } = wish
  const told = agent === undefined ? '' : `, agent ${agent}`
  const explored = budget === undefined ? '' : `, exploring at ${budgetText(budget)}`
  const ofDevice =
    deviceGoal === undefined
      ? ''
      : `, for ${deviceGoal.device} ${ownGoalWords(deviceGoal.goalPercent)}`
  return `goal ${accuracyPercent} %${told}${explored}${ofDevice}`
}

function budgetText(budget: ExplorationBudget): string {
  return budget === 'unbounded' ? 'any response time' : `${budget} % more response time`
}

/** The wish that was answered last. */
function newestOf({ answered }: OrchestratorNews): string | undefined {
  return answered.at(-1)?.id
}

/** What an agent believes of decisions that it might take: why it takes the one it does. */
import { formatChoice } from '../../fleet/choice.ts'
import { accuraciesOf, averageAccuracyPercent, meetsGoal } from '../../fleet/goal.ts'
import type { Decision, Problem, State } from '../environment/environment.ts'
import type { Agent, Prediction } from './agent.ts'

/** One device takes another choice, and all others do as they do. */
export interface Alternative {
  /** Index of the choice. */
  readonly choice: number
  /** Of the device itself; absent where nothing is believed of it. */
  readonly responseTimeMs?: number
  /** Standard deviation of that belief. */
  readonly spreadMs?: number
  /** Average over the fleet. */
  readonly fleetMs?: number
  /** Average over the fleet. */
  readonly accuracyPercent: number
  /** Whether the device may take it now. */
  readonly isOpen: boolean
  /** Whether the fleet's average would keep the goal. */
  readonly meetsGoal: boolean
}

/** Every device takes the same choice. */
export interface BestFixed {
  /** As text: `edge/d0`. */
  readonly choice: string
  /** Average over the fleet. */
  readonly responseTimeMs: number
}

/** A fixed strategy of which so much is unknown, as a share of what it takes, is not known at all. */
const MOST_SPREAD = 0.25

/** All choices of one device; undefined where the agent cannot tell. */
export function alternativesOf(
  agent: Agent,
  { choices }: Problem,
  state: State,
  decision: Decision,
  device: number,
): Alternative[] | undefined {
  const decisions = choices.map((_, choice) => decision.with(device, choice))
  const predictions = agent.believe?.(state, decisions)
  return predictions?.map((prediction, choice) => {
    const accuracies = accuraciesOf(decisions[choice], choices)
    const isOpen = state.available[device][choice]
    return {
      choice,
      ...(isOpen && timesOf(prediction, device)),
      accuracyPercent: averageAccuracyPercent(accuracies),
      isOpen,
      meetsGoal: meetsGoal(accuracies, state.goalPercent),
    }
  })
}

/** The fastest of the strategies that every device may follow and that keep the goal; undefined where none is known well enough. */
export function bestFixed(agent: Agent, problem: Problem, state: State): BestFixed | undefined {
  const { choices, devices } = problem
  const strategies = choices.flatMap((choice, index) => {
    const decision = new Array<number>(devices).fill(index)
    const isOpen = state.available.every((open) => open[index])
    return isOpen && meetsGoal(accuraciesOf(decision, choices), state.goalPercent)
      ? [{ choice: formatChoice(choice), decision }]
      : []
  })
  const predictions = agent.believe?.(
    state,
    strategies.map(({ decision }) => decision),
  )
  return predictions
    ?.flatMap(({ responseTimesMs, spreadsMs }, index) => {
      const responseTimeMs = mean(responseTimesMs)
      const isKnown = mean(spreadsMs) <= MOST_SPREAD * responseTimeMs
      return isKnown ? [{ choice: strategies[index].choice, responseTimeMs }] : []
    })
    .sort((a, b) => a.responseTimeMs - b.responseTimeMs)[0]
}

function timesOf({ responseTimesMs, spreadsMs }: Prediction, device: number) {
  const [responseTimeMs, spreadMs] = [responseTimesMs[device], spreadsMs[device]]
  const fleetMs = mean(responseTimesMs)
  return {
    ...(Number.isFinite(responseTimeMs) && { responseTimeMs }),
    ...(Number.isFinite(spreadMs) && { spreadMs }),
    ...(Number.isFinite(fleetMs) && { fleetMs }),
  }
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

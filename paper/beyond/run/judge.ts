/** An agent at work in a fleet, beside somebody who knows what its decisions truly cost. */
import { processorClock } from '../../../src/clock.ts'
import type { Choice } from '../../../src/fleet/choice.ts'
import { accuraciesOf, meetsGoal } from '../../../src/fleet/goal.ts'
import type { Agent } from '../../../src/learning/agents/agent.ts'
import type { Decision, State } from '../../../src/learning/environment/environment.ts'
import type { SimulatedEnvironment } from '../../../src/simulation/simulated-environment.ts'
import { DEFAULT_CHOICES } from '../../../src/simulation/worlds/paper-world.ts'
import { TimedAgent } from '../../../src/trial/timed-agent.ts'

/** Steps through a fleet with an agent, and judges all its decisions, taken or greedy. */
export class Judge {
  /** Decisions below the goal, taken or greedy. */
  violations = 0
  private readonly agent: TimedAgent
  private readonly fleet: SimulatedEnvironment
  private state: State

  /** @param state what the fleet's reset told */
  constructor(agent: Agent, fleet: SimulatedEnvironment, state: State) {
    this.agent = new TimedAgent(agent, processorClock)
    this.fleet = fleet
    this.state = state
  }

  get computationSeconds(): number {
    return this.agent.computationMs / 1000
  }

  /** One real step. @returns noise-free average response time of the decision taken, ms */
  step(): number {
    const { agent, fleet, state } = this
    const decision = agent.decide(state)
    const takenMs = this.judged(decision)
    const outcome = fleet.step(decision)
    agent.observe({ state, decision, outcome })
    this.state = outcome.state
    return takenMs
  }

  /** What changed in the fleet between two steps is seen before the next. */
  look(): void {
    this.state = this.fleet.currentState()
  }

  /** Noise-free average response time of the greedy decision, ms. */
  greedyMs(): number {
    return this.judged(this.agent.greedy(this.state))
  }

  private judged(decision: Decision): number {
    const { fleet, state } = this
    const { choices } = fleet.planningProblem()
    if (!keepsGoal(decision, state.goalPercent, choices)) this.violations += 1
    return fleet.expectedResponseTimeMs(decision)
  }
}

/** @param choices with true accuracies; those of Table III in all fleets of `beyond` */
export function keepsGoal(
  decision: Decision,
  goalPercent: number,
  choices: readonly Choice[] = DEFAULT_CHOICES,
): boolean {
  return meetsGoal(accuraciesOf(decision, choices), goalPercent)
}

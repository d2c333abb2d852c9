/** An agent at work in a fleet, beside somebody who knows what its decisions truly cost. */
import { systemClock } from '../../../src/clock.ts'
import { accuraciesOf, meetsGoal } from '../../../src/fleet/goal.ts'
import type { Agent } from '../../../src/learning/agents/agent.ts'
import type { Decision, State } from '../../../src/learning/environment/environment.ts'
import type { SimulatedEnvironment } from '../../../src/simulation/simulated-environment.ts'
import { DEFAULT_CHOICES } from '../../../src/simulation/worlds/paper-world.ts'
import { TimedAgent } from '../../../src/trial/timed-agent.ts'

export class Judge {
  /** Decisions below the goal, taken or greedy. */
  violations = 0
  private readonly agent: TimedAgent
  private readonly fleet: SimulatedEnvironment
  private state: State

  /** @param state what the fleet's reset told */
  constructor(agent: Agent, fleet: SimulatedEnvironment, state: State) {
    this.agent = new TimedAgent(agent, systemClock)
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
    if (!keepsGoal(decision, state.goalPercent)) this.violations += 1
    return fleet.expectedResponseTimeMs(decision)
  }
}

/** By true accuracies, those of Table III in all these fleets. */
export function keepsGoal(decision: Decision, goalPercent: number): boolean {
  return meetsGoal(accuraciesOf(decision, DEFAULT_CHOICES), goalPercent)
}

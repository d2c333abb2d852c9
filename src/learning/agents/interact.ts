/** The loop between an agent and its environment (Figure 2); it cannot tell the simulator from the live fleet. */
import type { Environment, State, Transition } from '../environment/environment.ts'
import type { Agent } from './agent.ts'

export interface InteractOptions {
  /** Seed of the environment. */
  readonly seed: number
  /** Most steps to take; without it, until aborted. */
  readonly steps?: number
  /** Stops the loop after the step under way. */
  readonly signal?: AbortSignal
  /** Called after each step, when the agent has learned from it; a promise is waited for. */
  readonly onStep?: (transition: Transition, step: number) => void | Promise<void>
}

/**
 * Resets the environment, then decide – step – observe until done.
 * @returns the number of steps taken
 */
export async function interact(
  agent: Agent,
  environment: Environment,
  { seed, steps = Infinity, signal, onStep }: InteractOptions,
): Promise<number> {
  let state: State = await environment.reset(seed)
  let step = 0
  while (step < steps && !signal?.aborted) {
    const decision = agent.decide(state)
    const outcome = await environment.step(decision)
    const transition = { state, decision, outcome }
    agent.observe(transition)
    step += 1
    await onStep?.(transition, step)
    state = outcome.state
  }
  return step
}

/** How agents are checked: they live in a world for some steps, and what they do is compared with what was promised. */
import { isDeepStrictEqual } from 'node:util'
import { messageOf, TierwiseError } from '../../errors.ts'
import type { Agent } from '../../learning/agents/agent.ts'
import type { Decision, State } from '../../learning/environment/environment.ts'
import type { Engine } from '../../learning/nn/engine.ts'
import { feasibleDecisions, outcomeOf, type World } from './probe-worlds.ts'

/** @throws Error with the words of `otherwise` where a promise is not kept */
export function keeps(isKept: boolean, otherwise: () => string): void {
  if (!isKept) throw new Error(otherwise())
}

/**
 * @returns the message of the error that the call is refused with
 * @throws Error if it is not refused, or not by a `TierwiseError`
 */
export function refuses(call: () => unknown, what: string): string {
  try {
    call()
  } catch (error) {
    keeps(error instanceof TierwiseError, () => `it met ${what} with ${messageOf(error)}`)
    return messageOf(error)
  }
  throw new Error(`it did not refuse ${what}`)
}

/**
 * Lets the agent act from one step to another of a world's run; the world is in its first state at `from`.
 * @param ask called before each step
 * @returns the decisions taken
 */
export function live(
  agent: Agent,
  world: World,
  from: number,
  to: number,
  ask: (state: State, step: number) => void = () => {},
): Decision[] {
  let state = from === 0 ? world.states[0] : world.next(world.states[0], [], from)
  const decisions: Decision[] = []
  for (let step = from; step < to; step++) {
    ask(state, step)
    const decision = agent.decide(state)
    const outcome = outcomeOf(world, state, decision, step)
    agent.observe({ state, decision, outcome })
    decisions.push(decision)
    state = outcome.state
  }
  return decisions
}

/** @throws Error for a decision that cannot be taken in this state */
export function expectFeasible(
  { meetsGoal }: { readonly meetsGoal: boolean },
  world: World,
  decision: Decision,
  state: State,
): void {
  const within = meetsGoal ? state : { ...state, goalPercent: 0 }
  keeps(
    feasibleDecisions(world, within).some((other) => isDeepStrictEqual(other, decision)),
    () => `[${decision}] cannot be taken: a goal of ${within.goalPercent} %, ${openTo(state)}`,
  )
}

function openTo({ available }: State): string {
  const open = available.map((row) => row.flatMap((isOpen, choice) => (isOpen ? [choice] : [])))
  return open.map((row, device) => `device ${device} may take ${row.join(', ')}`).join('; ')
}

/** The same engine, and how many gradient updates it has made for anyone. */
export function counting(engine: Engine): { engine: Engine; count: () => number } {
  let updates = 0
  return {
    count: () => updates,
    engine: {
      ...engine,
      training: (...args) => {
        const training = engine.training(...args)
        const run = training.run.bind(training)
        return Object.assign(training, {
          run: (...given: Parameters<typeof run>) => {
            updates += given[0].length / 3
            return run(...given)
          },
        })
      },
    },
  }
}

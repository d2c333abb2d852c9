/** What an agent learned of one task as the start for another: of another goal, of another number of devices, or both. */
import { ConfigError } from '../../errors.ts'
import { transferDqn } from './dqn.ts'
import { transferHybrid } from './hybrid.ts'
import { transferQLearning } from './q-learning.ts'
import type { Task } from './task.ts'

/**
 * @param saved by an agent of the first task; it is left as it is
 * @returns what an agent of the same name and options for the second task can restore
 * @throws InvalidInputError if it was saved for another problem, or the tasks do not compare
 * @throws ConfigError if this agent cannot carry anything over
 */
export function transfer(saved: unknown, from: Task, to: Task): unknown {
  const variant = String((Object(saved) as { agent?: unknown }).agent)
  const [name] = variant.split(' ')
  switch (name) {
    case 'q-learning':
      return transferQLearning(saved, from, to)
    case 'dqn':
      return transferDqn(saved, from, to)
    case 'hybrid':
      return transferHybrid(saved, variant, from, to)
    default:
      throw new ConfigError(
        `agent "${name}" carries nothing over to another task: use q-learning, dqn or hybrid, or start without a warm start`,
      )
  }
}

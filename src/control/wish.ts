/** Asking a fleet for something, and waiting for what becomes of it. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '../errors.ts'
import type { ControlPlane } from './control-plane.ts'
import type { Goal, OrchestratorNews } from './messages.ts'

/** A busy machine's disk may take seconds to sync. */
const ANSWER_MS = 10_000
const LOOK_MS = 20

/** A connection to the fleet, and the newest that its orchestrator told. */
export interface Watched {
  readonly control: Pick<ControlPlane, 'publish'>
  readonly news: () => OrchestratorNews | undefined
}

/** What is asked for beside what stays as it is. */
export type Change = Partial<
  Pick<Goal, 'accuracyPercent' | 'agent' | 'revert' | 'explorationBudgetPercent' | 'deviceGoal'>
>

/**
 * Resolves when the wish is in force and outlives the orchestrator, or is refused.
 * @returns why it is refused
 * @throws UnavailableError where no orchestrator answers
 */
export async function ask(
  { control, news }: Watched,
  { accuracyPercent, revert, ...asked }: Change,
): Promise<string | undefined> {
  const now = await until(news)
  // What a broker retains is the newest wish alone: it says of a revert, too.
  const reverted = revert ?? (now.reverted === undefined ? undefined : true)
  const id = randomUUID()
  await control.publish('goal', {
    accuracyPercent: accuracyPercent ?? now.goalPercent,
    ...asked,
    ...(reverted !== undefined && { revert: reverted }),
    id,
  })
  const { refused } = await until(() => news()?.answered.find((answer) => answer.id === id))
  return refused
}

/** @throws UnavailableError when nothing is found in time */
export async function until<Found>(
  find: () => Found | undefined,
  timeoutMs = ANSWER_MS,
): Promise<Found> {
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += LOOK_MS) {
    const found = find()
    if (found !== undefined) return found
    await sleep(LOOK_MS)
  }
  throw new UnavailableError(
    `the fleet did not answer within ${timeoutMs / 1000} s: is its orchestrator (the cloud node) running?`,
  )
}

/** The page's words: those of anybody first, those of the papers beside them. */
import type { FleetEvent, Health, InForce } from '../../src/views/schemas.ts'
import { ownGoalWords, TIER_WORDS, tierOf } from '../../src/views/words.ts'

export { ownGoalWords, TIER_WORDS, tierOf }

/** `end/d4` → `on the device, d4`; with an escalation, where unsure answers go. */
export function choiceWords(choice: string): string {
  const [first = '', escalation] = choice.split('>')
  const tier = tierOf(first)
  const words = tier === undefined ? first : `${TIER_WORDS[tier]}, ${first.split('/')[1]}`
  if (escalation === undefined) return words
  const [to = '', margin] = escalation.split('@')
  return `${words}; when unsure (margin below ${margin}) ${choiceWords(to)}`
}

/** The state of a node in a word. */
export const HEALTH_WORDS: Readonly<Record<Health, string>> = {
  ready: 'ready',
  starting: 'starting',
  silent: 'silent',
  down: 'down',
  unknown: 'not heard of yet',
}

/** What an event is, in a word or two. */
export const EVENT_WORDS: Readonly<Record<FleetEvent['kind'], string>> = {
  started: 'Started',
  goal: 'Goal',
  agent: 'Agent',
  budget: 'Exploring',
  refused: 'Refused',
  reverted: 'Reverted',
  resumed: 'Resumed',
  down: 'Down',
  up: 'Back',
  doubt: 'Doubt',
  shedding: 'Sheds load',
  room: 'Room again',
  drift: 'Drift',
  'below-goal': 'Below goal',
  ended: 'Ended',
}

/** What exploring may cost. */
export function budgetWords(budget: NonNullable<InForce['explorationBudgetPercent']>): string {
  return budget === 'unbounded' ? 'Unbounded' : `≤ ${budget} % more`
}

/** `none`, `factored` …: what decides, in a sentence's words. */
export function agentWords(agent: string): string {
  if (/^fixed: \d+ decisions/.test(agent)) return 'measures what others would take'
  if (agent.startsWith('fixed:')) return 'fixed, does not learn'
  if (agent === 'oracle') return 'plans with a measured profile'
  if (agent === 'safe') return 'safe rule until an agent acts'
  return 'learning while it serves'
}

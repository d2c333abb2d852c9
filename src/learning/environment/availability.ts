/** Which choices devices may take now, and how accurate that lets the fleet be. */
import type { Choice } from '../../fleet/choice.ts'
import { accuraciesOf, averageAccuracyPercent, hundredthsOf, meetsGoal } from '../../fleet/goal.ts'
import type { Availability, Problem, State } from './environment.ts'

/** The usual case: every device may take every choice. */
export function allAvailable({
  devices,
  choices,
}: Pick<Problem, 'devices' | 'choices'>): Availability {
  const open = choices.map(() => true)
  return Array.from({ length: devices }, () => open)
}

/**
 * Index of the most accurate choice that a device may take: among equals the first listed, which is the nearest tier. -1: there is none.
 * @param open the device's row of an `Availability`; shape [choices]
 */
export function mostAccurateOpen(choices: readonly Choice[], open: readonly boolean[]): number {
  let best = -1
  for (const [choice, { accuracyPercent }] of choices.entries()) {
    if (!open[choice]) continue
    if (best < 0 || accuracyPercent > choices[best].accuracyPercent) best = choice
  }
  return best
}

/**
 * Of what a device may take, what reaches a goal of its own; where nothing does, the most accurate. Shape [choices].
 * @param open the device's row of an `Availability`; shape [choices]
 */
export function openAbove(
  choices: readonly Choice[],
  open: readonly boolean[],
  goalPercent: number,
): boolean[] {
  const best = mostAccurateOpen(choices, open)
  if (best < 0) return [...open]
  const leastPercent = Math.min(goalPercent, hundredthsOf(choices[best].accuracyPercent) / 100)
  return open.map(
    (isOpen, choice) => isOpen && meetsGoal([choices[choice].accuracyPercent], leastPercent),
  )
}

/** Average over the devices of the most accurate choice that each may take. */
export function reachablePercent(choices: readonly Choice[], available: Availability): number {
  const best = available.map((open) => mostAccurateOpen(choices, open))
  return averageAccuracyPercent(accuraciesOf(best, choices))
}

/** Why no decision can meet the goal now; undefined where one can. */
export function unreachableGoal(
  problem: Pick<Problem, 'choices' | 'names'>,
  { goalPercent, available }: Pick<State, 'goalPercent' | 'available'>,
): string | undefined {
  const { choices } = problem
  const best = available.map((open) => mostAccurateOpen(choices, open))
  const device = best.indexOf(-1)
  if (device >= 0) return noChoice(problem, device)
  if (meetsGoal(accuraciesOf(best, choices), goalPercent)) return undefined
  const percent = hundredthsOf(reachablePercent(choices, available)) / 100
  return `a goal of ${goalPercent} % cannot be met: the best reachable average accuracy is ${percent} %`
}

/** What to say of a device that may take nothing. */
export function noChoice({ names }: Pick<Problem, 'names'>, device: number): string {
  const name = names?.[device] ?? `device ${device}`
  return `no choice is available to ${name} now: start a node that serves one`
}

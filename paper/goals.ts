/** The goals of Tables V and VI by the names that the paper gives them. */
import type { Run, RunSettings } from './experiment.ts'

/** Percent. */
export const GOALS = { Min: 0, '80 %': 80, '85 %': 85, '89 %': 89, Max: 89.9 } as const

/** @returns `Min`, `80 %`, …; a goal of one's own in percent */
export function goalName(goal: number): string {
  const known = Object.entries(GOALS).find(([, percent]) => percent === goal)
  return known?.[0] ?? `${goal} %`
}

/** Goals that have runs, from the lowest. */
export function goalsIn(runs: readonly Run<RunSettings & { readonly goal: number }>[]): number[] {
  return Object.values(GOALS).filter((goal) => runs.some(({ settings }) => settings.goal === goal))
}

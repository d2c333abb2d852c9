import type { Report } from '../experiment.ts'
import type { FinishedSchedulingRun } from './run.ts'
export const title = 'Request scheduling'
export function analyse(_runs: readonly FinishedSchedulingRun[], _uniform: () => number): Report {
  return { title, method: [], summary: '', claims: [], comparisons: [], charts: [] }
}

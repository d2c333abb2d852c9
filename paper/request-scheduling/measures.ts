/** Numbers that several claims are made of, and how they are written. */
import { average, gainOf, grouped, type Pair, type Score } from './scores.ts'

export const OURS = 'uniform-fit-drop'
export const SLACK_FIT = 'slack-fit'

export function perNode(
  scores: readonly Score[],
  number: (own: readonly Score[]) => number,
): [node: string, number: number][] {
  return grouped(scores, ({ node }) => node).map(([node, own]) => [node, number(own)])
}

/** Mean over the seeds. */
export function byScenario(pairs: readonly Pair[]): [scenario: string, gain: number][] {
  return grouped(pairs, ({ own }) => own.scenario).map(([scenario, own]) => {
    return [scenario, average(own.map(gainOf))]
  })
}

export function listed(numbers: readonly (readonly [string, number])[]): string {
  return numbers.map(([name, number]) => `${name} ${signed(number)}`).join('; ')
}

export function signed(points: number): string {
  return `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(2)}`
}

/** Real steps to convergence, as the paper has them. */
import { readFileSync } from 'node:fs'

type Row = { readonly users: number; readonly goal: number } & Readonly<Record<string, number>>

const expected: { readonly rows: readonly Row[] } = JSON.parse(
  readFileSync(new URL('./expected.json', import.meta.url), 'utf8'),
)

/** @returns undefined where the table has no such row or column */
export function paperSteps(users: number, goal: number, agent: string): number | undefined {
  return expected.rows.find((row) => row.users === users && row.goal === goal)?.[agent]
}

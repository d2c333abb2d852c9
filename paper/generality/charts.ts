/** Pictures of the report: how soon, law by law, and what it takes meanwhile, agent by agent. */
import { atLeast, forestOf } from '../forest.ts'
import type { Chart, Comparison } from '../report.ts'
import { EXTRA, LAWS, REPORTED_AGENTS, ROUNDS } from './measures.ts'

/** Only of what was run. */
export function chartsOf(tables: readonly Comparison[]): Chart[] {
  const of = (measure: string) => tables.filter((each) => each.measure === measure)
  return [
    ...laws(of(`${LAWS}: ${ROUNDS}`).filter(({ cell }) => cell['within'] === '5 %')),
    ...agents(of(`${REPORTED_AGENTS}: ${EXTRA}`).filter(({ cell }) => cell['rounds'] !== 'all')),
  ]
}

function laws(points: readonly Comparison[]): Chart[] {
  return forestOf(atLeast(points, 0.5), {
    name: 'laws',
    caption:
      'Rounds until the greedy decision of factored stays within 5 % of the best, under every reported law, by what devices tell of their own times; interquartile mean and 95 % interval, on a logarithmic axis. None is drawn as 0.5; an arrow at the right: more than a quarter of the runs do not settle.',
    title: 'Rounds until within 5 % by law',
    row: 'users',
    column: 'profile',
    line: 'law',
    axisLabel: 'rounds',
  })
}

function agents(points: readonly Comparison[]): Chart[] {
  return forestOf(atLeast(points, 0.1), {
    name: 'agents',
    caption:
      'By how much the decisions taken are above the best one, under every reported law, five users, over the first 100 rounds and the last 200; mean and 95 % interval, on a logarithmic axis. Less than 0.1 % is drawn as 0.1.',
    title: 'Response time above the best decision’s by law and agent',
    row: 'rounds',
    column: 'agent',
    line: 'law',
    axisLabel: '% above the best',
  })
}

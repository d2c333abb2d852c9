import { describe, expect, test } from 'vitest'
import { COLOURS } from './colours.ts'
import { forestOf } from './forest.ts'
import type { Comparison } from './report.ts'

const comparison = (change: Partial<Comparison>, learner = 'hybrid (exact)'): Comparison => ({
  measure: 'steps',
  cell: { users: '5', learner, goal: '85 %' },
  paper: 6000,
  ours: 100,
  low: 90,
  high: 120,
  verdict: 'better',
  note: '',
  ...change,
})

const drawn = (comparisons: readonly Comparison[]) =>
  forestOf(comparisons, {
    title: 'Steps',
    row: 'users',
    column: 'goal',
    line: 'learner',
    rowLabel: (users) => `${users} users`,
    columnLabel: (goal) => `goal ${goal}`,
    axisLabel: 'real steps',
  })

const widthOf = (svg: string) => Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1])
/** Of the only line with a colour of its own: where it begins and ends. */
const barOf = (svg: string) => {
  const bar = /<line stroke="#[^>]*>/.exec(svg)?.[0] ?? ''
  const at = (name: string) => Number(new RegExp(`${name}="([\\d.]+)"`).exec(bar)?.[1])
  return [at('x1'), at('x2')] as const
}

describe('the picture', () => {
  test('has panels, lines and axis named', () => {
    const svg = drawn([comparison({}), comparison({}, 'dqn (exact)')])
    for (const label of ['5 users', 'goal 85 %', 'hybrid (exact)', 'dqn (exact)', 'real steps']) {
      expect(svg).toContain(label)
    }
  })

  test('has a dot, a bar and the paper’s cross, in the colour of the agent', () => {
    const svg = drawn([comparison({}, 'dqn (exact)')])
    expect(svg.match(/<circle/g)).toHaveLength(1)
    expect(svg).toContain(`fill="${COLOURS.dqn}"`)
    expect(svg).toContain(`stroke="${COLOURS.paper}"`)
    const [from, to] = barOf(svg)
    expect(to).toBeGreaterThan(from)
  })

  test('takes what has no upper bound to the right end, and what has no median to an arrow', () => {
    const bounded = barOf(drawn([comparison({})]))
    const svg = drawn([comparison({ ours: null, high: null })])
    expect(barOf(svg)[1]).toBeGreaterThan(bounded[1])
    expect(barOf(svg)[1]).toBeLessThanOrEqual(widthOf(svg))
    expect(svg).toContain('▸')
    expect(svg).not.toContain('<circle')
  })

  test('has no cross where the paper has no number', () => {
    expect(drawn([comparison({ paper: null })])).not.toContain(`stroke="${COLOURS.paper}"`)
  })
})

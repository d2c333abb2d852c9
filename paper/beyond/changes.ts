/** What a fleet that changes costs: resources that become slower and recover, devices that join and leave. */
import type { Comparison } from '../experiment.ts'
import { interquartileMean, median, percentile } from '../statistics.ts'
import type { Changed, Drifted } from './kinds.ts'
import { usersName } from './kinds.ts'
import { distinct, mean, measured, ratioOfMeans } from './measured.ts'
import type { DriftEvent, FinishedBeyondRun } from './run.ts'

export const REGRET =
  'regret over 120 steps while something is slower, and over 120 after its recovery (ms per device)'
export const RATIO = 'regret ÷ that of an agent that never forgets and sees no states'
export const FOUND = 'steps until the agent says that something is slower'
export const BACK = 'steps until the decision is within 1 % for the rest of the phase'
export const JOINING = 'regret over 100 steps after devices joined and left (ms per device)'
export const JOINING_RATIO = 'regret of going on ÷ that of beginning anew'

/** Of the three phases of a drift. */
const PHASES = [
  ['event', [1]],
  ['recovery', [2]],
  ['both', [1, 2]],
] as const

type Cell = Readonly<Record<string, string>>

export function changesOf(runs: readonly FinishedBeyondRun[], uniform: () => number): Comparison[] {
  const drifted = runs.flatMap((run) => (run.part === 'drift' ? [run] : []))
  const changed = runs.flatMap((run) => (run.part === 'membership' ? [run] : []))
  return [...driftsOf(drifted, uniform), ...membershipsOf(changed, uniform)]
}

function eventName({ what, factor }: DriftEvent): string {
  if (what === 'links') return '40 % of the links flip'
  return what === 'edge' ? `busiest edge × ${factor}` : `a fifth of the devices × ${factor}`
}

function remembers({ overrides }: Drifted): boolean {
  return overrides?.['forget'] === 0
}

function driftsOf(runs: readonly Drifted[], uniform: () => number): Comparison[] {
  const cells = distinct(runs.map(({ users, event }) => JSON.stringify([users, event]))).map(
    (key) => {
      const own = runs.filter(({ users, event }) => JSON.stringify([users, event]) === key)
      const { users, event } = own[0] as Drifted
      const factored = own.filter((run) => !remembers(run))
      return {
        cell: { users: usersName(users), event: eventName(event) },
        agents: [
          ['never forgets, sees no states', own.filter(remembers)],
          ['factored, sees no states', factored.filter(({ observed }) => !observed)],
          ['factored', factored.filter(({ observed }) => observed)],
        ] as const,
      }
    },
  )
  return [
    ...cells.flatMap(({ cell, agents }) =>
      agents.flatMap(([agent, own]) => regrets({ ...cell, agent }, own, uniform)),
    ),
    ...cells.flatMap(({ cell, agents: [[, never], ...others] }) =>
      others.flatMap(([agent, own]) => ratios({ ...cell, agent }, own, never, uniform)),
    ),
    ...cells.flatMap(({ cell, agents: [, ...others] }) =>
      others.flatMap(([agent, own]) => back({ ...cell, agent }, own, uniform)),
    ),
    ...cells.flatMap(({ cell, agents: [, [, hidden]] }) => found(cell, hidden, uniform)),
  ]
}

function regrets(cell: Cell, runs: readonly Drifted[], uniform: () => number): Comparison[] {
  return PHASES.flatMap(([phase, indices]) => {
    const values = runs.map((run) => regretOf(run, indices))
    const note = `interquartile mean ${interquartileMean(values).toFixed(0)}, p95 ${percentile(values, 0.95).toFixed(0)}`
    return measured({ measure: REGRET, cell: { ...cell, phase }, note }, [values], mean, uniform)
  })
}

function ratios(
  cell: Cell,
  runs: readonly Drifted[],
  never: readonly Drifted[],
  uniform: () => number,
): Comparison[] {
  return PHASES.flatMap(([phase, indices]) =>
    ratioOfMeans(
      { measure: RATIO, cell: { ...cell, phase } },
      runs.map((run) => regretOf(run, indices)),
      never.map((run) => regretOf(run, indices)),
      uniform,
    ),
  )
}

function back(cell: Cell, runs: readonly Drifted[], uniform: () => number): Comparison[] {
  return PHASES.slice(0, 2).flatMap(([phase, [index]]) => {
    const values = runs.map(({ outcome }) => outcome.phases[index]?.settledAt['1 %'] ?? Infinity)
    const never = values.filter((value) => value === Infinity).length
    const note = `p95 ${shown(percentile(values, 0.95))}; not back in ${never} of ${values.length}`
    const of = { measure: BACK, cell: { ...cell, phase }, note }
    return measured(of, [values], interquartileMean, uniform)
  })
}

/** Of those that made the decision of the moment slower: nothing else can be noticed. Flipped links become faster as well. */
function found(cell: Cell, runs: readonly Drifted[], uniform: () => number): Comparison[] {
  const values = runs.flatMap(({ event, outcome: { isHit, foundAfter } }) => {
    const counts = isHit && event.what !== 'links' && foundAfter !== undefined
    return counts ? [foundAfter ?? Infinity] : []
  })
  if (values.length === 0) return []
  const missed = values.filter((value) => value === Infinity).length
  const note = `p95 ${shown(percentile(values, 0.95))}; not found in ${missed} of ${values.length} runs that it slowed`
  return measured({ measure: FOUND, cell, note }, [values], median, uniform)
}

function membershipsOf(runs: readonly Changed[], uniform: () => number): Comparison[] {
  const changes = [
    ['a quarter joined', 1],
    ['a quarter left', 2],
  ] as const
  const of = (carriesOver: boolean) => runs.filter((run) => run.carriesOver === carriesOver)
  const [kept, anew] = [of(true), of(false)]
  return [
    ...(
      [
        ['goes on', kept],
        ['begins anew', anew],
      ] as const
    ).flatMap(([agent, own]) =>
      changes.flatMap(([change, index]) =>
        measured(
          { measure: JOINING, cell: { agent, change } },
          [own.map((run) => regretOf(run, [index]))],
          mean,
          uniform,
        ),
      ),
    ),
    ...changes.flatMap(([change, index]) =>
      ratioOfMeans(
        { measure: JOINING_RATIO, cell: { change } },
        kept.map((run) => regretOf(run, [index])),
        anew.map((run) => regretOf(run, [index])),
        uniform,
      ),
    ),
  ]
}

function regretOf({ outcome }: Drifted | Changed, phases: readonly number[]): number {
  return phases.reduce((sum, phase) => sum + (outcome.phases[phase]?.regretMs ?? 0), 0)
}

function shown(value: number): string {
  return Number.isFinite(value) ? value.toFixed(0) : '∞'
}

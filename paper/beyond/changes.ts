/** What a fleet that changes costs: resources that become slower and recover, devices that join and leave. */
import { mean, sum } from 'simple-statistics'
import { compareAll, compareMeans, compareMedian } from '../comparison.ts'
import type { Cell, Comparison } from '../report.ts'
import { grouped, runsWith, valuesOf } from '../runs.ts'
import { interquartileMean, percentile } from '../statistics.ts'
import { type BeyondRun, type Changed, type Drifted, runsOf, usersName } from './kinds.ts'
import type { DriftEvent } from './settings.ts'

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

/** Of the phases of a membership. */
const CHANGES = [
  ['a quarter joined', [1]],
  ['a quarter left', [2]],
] as const

export function changesOf(runs: readonly BeyondRun[], uniform: () => number): Comparison[] {
  return [
    ...driftsOf(runsOf(runs, 'drift'), uniform),
    ...membershipsOf(runsOf(runs, 'membership'), uniform),
  ]
}

function eventName({ what, factor }: DriftEvent): string {
  if (what === 'links') return '40 % of the links flip'
  return what === 'edge' ? `busiest edge × ${factor}` : `a fifth of the devices × ${factor}`
}

function driftsOf(runs: readonly Drifted[], uniform: () => number): Comparison[] {
  const events = valuesOf(runs, 'users').flatMap((users) =>
    grouped(runsWith(runs, { users }), ({ settings }) => eventName(settings.event)).map(
      ([event, own]) => {
        const cell = { users: usersName(users), event }
        const factored = own.filter((run) => !remembers(run))
        const of = (agent: string, ofAgent: readonly Drifted[]) => {
          return { cell: { ...cell, agent }, own: ofAgent }
        }
        return {
          cell,
          never: of('never forgets, sees no states', own.filter(remembers)),
          unseen: of('factored, sees no states', runsWith(factored, { observed: false })),
          seen: of('factored', runsWith(factored, { observed: true })),
        }
      },
    ),
  )
  return [
    ...events.flatMap(({ never, unseen, seen }) =>
      [never, unseen, seen].flatMap(({ cell, own }) => regrets(cell, own, uniform)),
    ),
    ...events.flatMap(({ never, unseen, seen }) =>
      [unseen, seen].flatMap(({ cell, own }) => ratios(cell, own, never.own, uniform)),
    ),
    ...events.flatMap(({ unseen, seen }) =>
      [unseen, seen].flatMap(({ cell, own }) => back(cell, own, uniform)),
    ),
    ...events.flatMap(({ cell, unseen }) => found(cell, unseen.own, uniform)),
  ]
}

function remembers({ settings: { overrides } }: Drifted): boolean {
  return overrides?.['forget'] === 0
}

function regrets(cell: Cell, runs: readonly Drifted[], uniform: () => number): Comparison[] {
  return PHASES.flatMap(([phase, indices]) => {
    const values = runs.map((run) => regretOf(run, indices))
    const note = `interquartile mean ${interquartileMean(values).toFixed(0)}, p95 ${percentile(values, 0.95).toFixed(0)}`
    return compareAll({ measure: REGRET, cell: { ...cell, phase }, note }, [values], mean, uniform)
  })
}

function ratios(
  cell: Cell,
  runs: readonly Drifted[],
  never: readonly Drifted[],
  uniform: () => number,
): Comparison[] {
  return PHASES.flatMap(([phase, indices]) => {
    const of = (run: Drifted) => regretOf(run, indices)
    const compared = { measure: RATIO, cell: { ...cell, phase } }
    return compareMeans(compared, runs.map(of), never.map(of), uniform)
  })
}

function back(cell: Cell, runs: readonly Drifted[], uniform: () => number): Comparison[] {
  return PHASES.slice(0, 2).flatMap(([phase, [index]]) => {
    const values = runs.map(({ result }) => result.phases[index]?.settledAt['1 %'] ?? Infinity)
    const never = values.filter((value) => value === Infinity).length
    const note = `p95 ${shown(percentile(values, 0.95))}; not back in ${never} of ${values.length}`
    const compared = { measure: BACK, cell: { ...cell, phase }, note }
    return compareAll(compared, [values], interquartileMean, uniform)
  })
}

/** Of those that made the decision of the moment slower: nothing else can be noticed. Flipped links become faster as well. */
function found(cell: Cell, runs: readonly Drifted[], uniform: () => number): Comparison[] {
  const values = runs.flatMap(({ settings: { event }, result: { isHit, foundAfter } }) => {
    const counts = isHit && event.what !== 'links' && foundAfter !== undefined
    return counts ? [foundAfter ?? Infinity] : []
  })
  const missed = values.filter((value) => value === Infinity).length
  const note = `p95 ${shown(percentile(values, 0.95))}; not found in ${missed} of ${values.length} runs that it slowed`
  return compareMedian({ measure: FOUND, cell, note }, values, uniform)
}

function membershipsOf(runs: readonly Changed[], uniform: () => number): Comparison[] {
  const kept = runsWith(runs, { carriesOver: true })
  const anew = runsWith(runs, { carriesOver: false })
  const agents = { 'goes on': kept, 'begins anew': anew }
  return [
    ...Object.entries(agents).flatMap(([agent, own]) =>
      CHANGES.flatMap(([change, phases]) => {
        const values = own.map((run) => regretOf(run, phases))
        return compareAll({ measure: JOINING, cell: { agent, change } }, [values], mean, uniform)
      }),
    ),
    ...CHANGES.flatMap(([change, phases]) => {
      const of = (run: Changed) => regretOf(run, phases)
      const compared = { measure: JOINING_RATIO, cell: { change } }
      return compareMeans(compared, kept.map(of), anew.map(of), uniform)
    }),
  ]
}

/** Over these phases. */
function regretOf({ result }: Drifted | Changed, phases: readonly number[]): number {
  return sum(phases.map((phase) => result.phases[phase]?.regretMs ?? 0))
}

function shown(value: number): string {
  return Number.isFinite(value) ? value.toFixed(0) : '∞'
}

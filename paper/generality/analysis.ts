/** Generality: how soon agents decide well in fleets that they were not made for, and what it takes meanwhile. */
import { mean, sum } from 'simple-statistics'
import { compare, type Estimate, estimate } from '../comparison.ts'
import type { Report } from '../report.ts'
import { grouped } from '../runs.ts'
import { interquartileMean, median, percentile } from '../statistics.ts'
import {
  agentsOf,
  cellsOfAgent,
  driftCells,
  type GeneralityRun,
  lastPhase,
  lawCells,
  neverForgets,
  noiseCells,
  paperCells,
  probingCells,
  type RunCell,
} from './cells.ts'
import { chartsOf } from './charts.ts'
import { claimsOf } from './claims.ts'
import { probingCost, roundsOf } from './judging.ts'
import { EXTRA, LAWS, REPORTED_AGENTS, ROUNDS } from './measures.ts'
import { METHOD } from './method.ts'
import { PROFILES } from './sweep.ts'

export const title = 'Generality: fleets that no agent was made for'

const FINAL = 'last greedy decision above the best (%)'
const PROBING = 'what trying again costs where nothing changes (points of % of the response time)'
const COMPUTATION = 'computation of a round (ms)'

const TOLERANCES = ['1 %', '2 %', '5 %'] as const
const SPANS = [
  ['first 100', 'first100'],
  ['all', 'all'],
  ['last 200', 'last200'],
] as const

/** @param uniform draws from [0, 1), for bootstrap intervals */
export function analyse(runs: readonly GeneralityRun[], uniform: () => number): Report {
  const tables = sectionsOf(runs).flatMap(({ name, cells }) => tablesOf(name, cells))
  const comparisons = compare([...tables, ...probingOf(runs), ...computationOf(runs)], uniform)
  return {
    method: METHOD,
    summary: summaryOf(runs),
    claims: claimsOf(runs),
    comparisons,
    charts: chartsOf(comparisons),
  }
}

interface Section {
  readonly name: string
  readonly cells: readonly RunCell[]
}

function sectionsOf(runs: readonly GeneralityRun[]): Section[] {
  const profiles = ['none', ...PROFILES] as const
  const sections = [
    {
      name: 'paper’s fleet',
      cells: (['fitted', 'drawn'] as const).flatMap((fit) =>
        profiles.flatMap((profile) => paperCells(runs, fit, profile)),
      ),
    },
    {
      name: LAWS,
      cells: profiles.flatMap((profile) => lawCells(runs, 'reported', profile)),
    },
    { name: 'noise', cells: noiseCells(runs, 'reported') },
    { name: 'after a change', cells: driftCells(runs, 'reported') },
    {
      name: REPORTED_AGENTS,
      cells: agentsOf(runs).flatMap((agent) => cellsOfAgent(runs, 'reported', agent)),
    },
    {
      name: 'tuning, in no claim',
      cells: [
        ...lawCells(runs, 'tuning', 'none').map((each) => renamed(each, 'law')),
        ...noiseCells(runs, 'tuning').map((each) => renamed(each, 'noise')),
        ...driftCells(runs, 'tuning').map((each) => renamed(each, 'change')),
      ],
    },
    {
      name: 'agents for tuning, in no claim',
      cells: agentsOf(runs).flatMap((agent) => cellsOfAgent(runs, 'tuning', agent)),
    },
  ]
  return sections.map(({ name, cells }) => ({
    name,
    cells: cells.filter((each) => each.runs.length > 0),
  }))
}

/** Cells of several kinds in one table. */
function renamed({ cell, runs }: RunCell, name: string): RunCell {
  return { cell: { what: cell[name] ?? '', users: cell['users'] ?? '5' }, runs }
}

function tablesOf(name: string, cells: readonly RunCell[]): Estimate[] {
  return [
    ...cells.flatMap((each) => roundsTable(`${name}: ${ROUNDS}`, each)),
    ...cells.flatMap((each) => extraTable(`${name}: ${EXTRA}`, each)),
    ...cells.flatMap((each) => finalTable(`${name}: ${FINAL}`, each)),
  ]
}

function roundsTable(measure: string, { cell, runs }: RunCell): Estimate[] {
  return TOLERANCES.flatMap((tolerance) => {
    const rounds = byGoal(runs, (own) => roundsOf(own, tolerance))
    const mostly = runs.map((run) => lastPhase(run).mostlySettledAt[tolerance] ?? Infinity)
    const note = [
      `${unsettled(rounds.flat())} of ${runs.length} not settled`,
      `95 % of the checks: ${shown(interquartileMean(mostly))}, ${unsettled(mostly)} not`,
    ].join('; ')
    const p95 = (values: readonly number[]) => percentile(values, 0.95)
    return [
      ...estimate(
        { measure, cell: { ...cell, within: tolerance }, note },
        rounds,
        interquartileMean,
      ),
      ...estimate({ measure, cell: { ...cell, within: `${tolerance} p95` } }, rounds, p95),
    ]
  })
}

function extraTable(measure: string, { cell, runs }: RunCell): Estimate[] {
  return SPANS.flatMap(([span, key]) => {
    const values = byGoal(runs, (own) => own.map((run) => lastPhase(run).extraPercent[key]))
    const note = `IQM ${shown(interquartileMean(values.flat()))}, p95 ${shown(percentile(values.flat(), 0.95))}`
    return estimate({ measure, cell: { ...cell, rounds: span }, note }, values, average)
  })
}

function finalTable(measure: string, { cell, runs }: RunCell): Estimate[] {
  const values = byGoal(runs, (own) => own.map((run) => lastPhase(run).finalPercent))
  const statistics = [
    ['mean', average],
    ['worst', (all: readonly number[]) => Math.max(...all)],
  ] as const
  return statistics.flatMap(([name, statistic]) =>
    estimate({ measure, cell: { ...cell, of: name } }, values, statistic),
  )
}

/** Pairs of equal seeds, resampled together. */
function probingOf(runs: readonly GeneralityRun[]): Estimate[] {
  const cells = probingCells(runs).filter((each) => each.runs.length > 0)
  return cells.flatMap(({ cell, runs: own }) => {
    const pairs = grouped(own, ({ settings }) => settings.seed).map(([, pair]) => probingCost(pair))
    const late = (of: readonly GeneralityRun[]) =>
      shown(average(of.map((run) => lastPhase(run).extraPercent.from500 ?? Number.NaN)))
    const never = own.filter(neverForgets)
    const note = `${late(own.filter((run) => !neverForgets(run)))} less ${late(never)} of an agent that never forgets`
    return estimate({ measure: PROBING, cell, note }, [pairs], average)
  })
}

function computationOf(runs: readonly GeneralityRun[]): Estimate[] {
  return grouped(runs, ({ settings: { agent, users } }) => `${agent} ${users}`).flatMap(
    ([, own]) => {
      const { agent = '', users = 0 } = own[0]?.settings ?? {}
      const values = own.map(({ result }) => result.msPerRound)
      const cell = { agent, users: String(users) }
      return estimate({ measure: COMPUTATION, cell }, [values], median)
    },
  )
}

/** Each goal is resampled by itself. */
function byGoal(
  runs: readonly GeneralityRun[],
  valuesOf: (runs: readonly GeneralityRun[]) => number[],
): number[][] {
  return grouped(runs, ({ settings }) => settings.goal).map(([, own]) => valuesOf(own))
}

/** Not a number of none. */
function average(values: readonly number[]): number {
  return values.length > 0 ? mean([...values]) : Number.NaN
}

function unsettled(rounds: readonly number[]): number {
  return rounds.filter((each) => !Number.isFinite(each)).length
}

function shown(value: number): string {
  return Number.isFinite(value) ? value.toLocaleString('en', { maximumSignificantDigits: 3 }) : '∞'
}

function summaryOf(runs: readonly GeneralityRun[]): string {
  const of = (name: string, cells: readonly RunCell[], tolerance: '1 %' | '5 %') => {
    const rounds = roundsOf(
      cells.flatMap((each) => each.runs),
      tolerance,
    )
    if (rounds.length === 0) return []
    return [
      `${name} within ${tolerance} after ${shown(interquartileMean(rounds))} rounds (${unsettled(rounds)} of ${rounds.length} runs do not settle)`,
    ]
  }
  const broken = sum(runs.map(({ result }) => result.violations))
  const found = [
    ...of('in the paper’s fleet', paperCells(runs, 'fitted', 'none'), '1 %'),
    ...of('under laws it does not know', lawCells(runs, 'reported', 'none'), '5 %'),
    ...of('after a change', driftCells(runs, 'reported'), '5 %'),
  ]
  return `${found.length > 0 ? `factored is ${found.join(', ')}. ` : ''}The goal was broken ${broken} times in ${runs.length.toLocaleString('en')} runs.`
}

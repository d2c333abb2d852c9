/** Runs that differ in seed, goal and local times alone, by what they have in common: the cells of the report. */
import type { Run } from '../experiment.ts'
import type { Cell } from '../report.ts'
import { distinct, runsWith, valuesOf } from '../runs.ts'
import type { GeneralityResult, Phase } from './run/outcome.ts'
import type { Change, GeneralitySettings, ProfileKind } from './settings.ts'
import { changesOf, LEARNERS, NEVER_FORGETS, SIZES, sizesOf } from './sweep.ts'
import { PAPER_FLEETS } from './worlds/paper-fleets.ts'
import { SETS, type WorldSet } from './worlds/sets.ts'

export type GeneralityRun = Run<GeneralitySettings, GeneralityResult>

export interface RunCell {
  readonly cell: Cell
  /** None where the sweep has none. */
  readonly runs: readonly GeneralityRun[]
}

/** What became of it: after the change, where there was one. */
export function lastPhase({ result }: GeneralityRun): Phase {
  const phase = result.phases.at(-1)
  if (phase === undefined) throw new Error('a run of generality has no phase')
  return phase
}

export function paperCells(
  all: readonly GeneralityRun[],
  fit: 'fitted' | 'drawn',
  profile: ProfileKind,
): RunCell[] {
  return PAPER_FLEETS.filter((world) => world.startsWith(fit)).map((world) => ({
    cell: { fleet: world, users: '5', profile },
    runs: runsWith(all, { study: 'paper', world, profile }),
  }))
}

export function lawCells(
  all: readonly GeneralityRun[],
  set: WorldSet,
  profile: ProfileKind,
): RunCell[] {
  return SETS[set].laws.flatMap((world) =>
    sizesOf(world).map((users) => ({
      cell: { law: world, users: String(users), profile },
      runs: runsWith(all, { study: 'laws', set, world, users, profile }),
    })),
  )
}

export function noiseCells(all: readonly GeneralityRun[], set: WorldSet): RunCell[] {
  return SETS[set].noises.map((noise) => ({
    cell: { noise },
    runs: runsWith(all, { study: 'noise', set, noise }),
  }))
}

export function driftCells(all: readonly GeneralityRun[], set: WorldSet): DriftCell[] {
  return SIZES.flatMap((users) => {
    const own = runsWith(all, { study: 'drift', set, users })
    return changesOf(set, users).map((change) => ({
      change,
      cell: { change: changeName(change), users: String(users) },
      runs: own.filter(({ settings }) => isSame(settings.change, change)),
    }))
  })
}

export interface DriftCell extends RunCell {
  readonly change: Change
}

function isSame(one: Change | undefined, other: Change): boolean {
  return one?.what === other.what && one.factor === other.factor
}

function changeName({ what, factor }: Change): string {
  return factor > 1 ? `${what} × ${factor}` : `${what} × 1/${Math.round(1 / factor)}`
}

/** Of both agents, one that never forgets. */
export function probingCells(all: readonly GeneralityRun[]): RunCell[] {
  return SIZES.map((users) => ({
    cell: { users: String(users) },
    runs: runsWith(all, { study: 'probing', users }),
  }))
}

export function neverForgets({ settings: { overrides } }: GeneralityRun): boolean {
  return overrides?.['forget'] === NEVER_FORGETS.forget
}

/** Of all agents, law by law. */
export function learnerCells(all: readonly GeneralityRun[], set: WorldSet): RunCell[] {
  return SETS[set].laws.map((world) => ({
    cell: { law: world },
    runs: runsWith(all, { study: 'learners', set, world }),
  }))
}

/** Law by law of one agent. */
export function cellsOfAgent(
  all: readonly GeneralityRun[],
  set: WorldSet,
  agent: string,
): RunCell[] {
  return learnerCells(all, set).map(({ cell, runs }) => ({
    cell: { ...cell, agent },
    runs: runsWith(runs, { agent }),
  }))
}

/** The learners, and own agents that were entered beside them. */
export function agentsOf(runs: readonly GeneralityRun[]): string[] {
  const known = LEARNERS.map(({ agent }) => agent)
  return distinct([...known, ...valuesOf(runsWith(runs, { study: 'learners' }), 'agent')])
}

/** Which agents are asked what in which fleets. */
import { type SweepOptions, seedsOf } from '../experiment.ts'
import { EQUAL_UPDATES } from '../learners.ts'
import { BEST_FIXED } from './run/best-fixed.ts'
import type { Change, GeneralitySettings, ProfileKind } from './settings.ts'
import type { LocalLaw } from './worlds/devices.ts'
import { isInteraction, type LawName } from './worlds/drawn-world.ts'
import { GOAL_LEVELS, type GoalLevel } from './worlds/ladder.ts'
import { PAPER_FLEETS } from './worlds/paper-fleets.ts'
import { FIRST_REPORTED_SEED, SETS, TUNING_BUDGET, type WorldSet } from './worlds/sets.ts'

const FACTORED = 'factored'
/** dqn makes as many updates as hybrid. */
export const LEARNERS: readonly Pick<GeneralitySettings, 'agent' | 'overrides'>[] = [
  { agent: FACTORED },
  { agent: 'hybrid' },
  { agent: 'dqn', overrides: { updatesPerStep: EQUAL_UPDATES } },
  { agent: 'bandit' },
  { agent: BEST_FIXED },
]
export const SIZES = [5, 20] as const
export const PROFILES = ['exact', 'off by device', 'off by choice'] as const
/** Without it nothing is ever doubted, so nothing is tried again. */
export const NEVER_FORGETS = { forget: 0 }

const USUAL_NOISE = 'normal 8 %'
const STEPS = { paper: 300, laws: 400, noise: 600, drift: 600, probing: 1500, learners: 300 }
/** Of wrong profiles, and of the agents that compute for long. */
const FEWER_SEEDS = 10

type Common = Pick<GeneralitySettings, 'set' | 'seed' | 'agent' | 'noise' | 'profile'>
interface Draw {
  readonly set: WorldSet
  readonly seed: number
  /** Of the seed in its set: what a run has one of, not all, is dealt out by it. */
  readonly index: number
}

export function sweep(options: SweepOptions): GeneralitySettings[] {
  const reported = seedsOf(options, FIRST_REPORTED_SEED)
  const tuning = seedsOf(options, 1).slice(0, TUNING_BUDGET.seeds)
  const all = [
    ...reported.flatMap((seed, index) => reportedRuns({ set: 'reported', seed, index })),
    ...tuning.flatMap((seed, index) => tuningRuns({ set: 'tuning', seed, index })),
  ]
  const run = options.quick ? all.filter(isQuick).map(shortened) : all
  return [...run, ...entered(run, options.agents ?? [])]
}

/** Own agents stand beside the other learners. */
function entered(
  runs: readonly GeneralitySettings[],
  agents: readonly string[],
): GeneralitySettings[] {
  const asked = runs.filter(({ study, agent }) => study === 'learners' && agent === FACTORED)
  return agents.flatMap((agent) => asked.map((run) => ({ ...run, agent })))
}

function reportedRuns(draw: Draw): GeneralitySettings[] {
  return [
    ...paper(draw),
    ...laws(draw),
    ...noises(draw),
    ...drift(draw),
    ...probing(draw),
    ...(draw.index < FEWER_SEEDS ? learners(draw) : []),
  ]
}

function tuningRuns(draw: Draw): GeneralitySettings[] {
  return [...laws(draw), ...noises(draw), ...drift(draw), ...learners(draw)]
}

function common({ set, seed }: Draw): Common {
  return { set, seed, agent: FACTORED, noise: USUAL_NOISE, profile: 'none' }
}

/** Seeds take the laws of local times in turn. */
function localOf({ index }: Draw): LocalLaw {
  return index % 2 === 0 ? 'free' : 'by size'
}

/** A law without interaction: where the law is not what is asked, seeds take them in turn. */
function dealtFleet(draw: Draw): Pick<GeneralitySettings, 'world' | 'local'> {
  const plain = SETS[draw.set].laws.filter((law) => !isInteraction(law))
  // The laws of local times change places from one turn to the next, or a law would always have the same.
  const turn = Math.floor(draw.index / plain.length)
  const world = plain[draw.index % plain.length] ?? 'knee'
  return { world, local: localOf({ ...draw, index: draw.index + turn }) }
}

function dealtOf({ index }: Draw, goals: readonly GoalLevel[]): GoalLevel {
  return goals[index % goals.length] ?? 'none'
}

function profilesOf({ set, index }: Draw): readonly ProfileKind[] {
  if (set === 'tuning') return ['none']
  return index < FEWER_SEEDS ? ['none', ...PROFILES] : ['none', 'exact']
}

function paper(draw: Draw): GeneralitySettings[] {
  return PAPER_FLEETS.flatMap((world) =>
    GOAL_LEVELS.flatMap((goal) =>
      profilesOf(draw).map((profile) => ({
        ...common(draw),
        study: 'paper' as const,
        world,
        users: 5,
        goal,
        profile,
        steps: STEPS.paper,
      })),
    ),
  )
}

/** The best decision of a fleet that interacts is found by trying all: five users have few enough. */
export function sizesOf(law: LawName): readonly number[] {
  return isInteraction(law) ? [5] : SIZES
}

function laws(draw: Draw): GeneralitySettings[] {
  return SETS[draw.set].laws.flatMap((world) =>
    sizesOf(world).flatMap((users) =>
      GOAL_LEVELS.flatMap((goal) =>
        profilesOf(draw).map((profile) => ({
          ...common(draw),
          study: 'laws' as const,
          world,
          local: localOf(draw),
          users,
          goal,
          profile,
          steps: STEPS.laws,
        })),
      ),
    ),
  )
}

function noises(draw: Draw): GeneralitySettings[] {
  return SETS[draw.set].noises.flatMap((noise) =>
    GOAL_LEVELS.map((goal) => ({
      ...common(draw),
      ...dealtFleet(draw),
      study: 'noise' as const,
      noise,
      users: 5,
      goal,
      steps: STEPS.noise,
    })),
  )
}

/** One device of many moves no optimum. */
export function changesOf(set: WorldSet, users: number): Change[] {
  const targets = ['edge', 'cloud', 'one device', 'all devices'] as const
  return targets
    .filter((what) => what !== 'one device' || users === 5)
    .flatMap((what) => SETS[set].factors.map((factor) => ({ what, factor })))
}

/** For tuning five users: with more, the flat tuning laws keep the cloud in use. */
function drift(draw: Draw): GeneralitySettings[] {
  const sizes = draw.set === 'reported' ? SIZES : [5]
  return sizes.flatMap((users) =>
    changesOf(draw.set, users).map((change) => ({
      ...common(draw),
      ...dealtFleet(draw),
      study: 'drift' as const,
      users,
      // Where all must be accurate no shared node is idle that could become quicker.
      goal: change.factor < 1 ? dealtOf(draw, ['none', 'middle']) : dealtOf(draw, GOAL_LEVELS),
      change,
      steps: STEPS.drift,
    })),
  )
}

function probing(draw: Draw): GeneralitySettings[] {
  return SIZES.flatMap((users) =>
    [{}, { overrides: NEVER_FORGETS }].map((agent) => ({
      ...common(draw),
      ...dealtFleet(draw),
      ...agent,
      study: 'probing' as const,
      users,
      goal: dealtOf(draw, GOAL_LEVELS),
      steps: STEPS.probing,
    })),
  )
}

/** With five users: the others score all joint decisions. */
function learners(draw: Draw): GeneralitySettings[] {
  return SETS[draw.set].laws.flatMap((world) =>
    LEARNERS.map((agent) => ({
      ...common(draw),
      ...agent,
      steps: STEPS.learners,
      study: 'learners' as const,
      world,
      local: localOf(draw),
      users: 5,
      goal: dealtOf(draw, GOAL_LEVELS),
    })),
  )
}

/** A few cells of every study. */
function isQuick({ study, world, users, goal, profile, change }: GeneralitySettings): boolean {
  const isFew = users === 5 && (goal === 'high' || study === 'drift' || study === 'learners')
  if (study === 'paper') return isFew && world.endsWith('D') && profile !== 'off by choice'
  if (study === 'learners') return world === 'memory bus' || world === 'swapping'
  if (study === 'drift') return isFew && change?.what !== 'all devices'
  return study === 'probing' ? users === 5 : isFew && profile !== 'off by device'
}

function shortened(run: GeneralitySettings): GeneralitySettings {
  return { ...run, steps: Math.min(run.steps, run.study === 'probing' ? 700 : 300) }
}

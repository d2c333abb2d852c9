/** What is asked of agents in fleets that they were not made for, set before anything was measured. What was not run fails. */
import type { Claim } from '../report.ts'
import {
  cellsOfAgent,
  driftCells,
  type GeneralityRun,
  lawCells,
  learnerCells,
  noiseCells,
  paperCells,
  probingCells,
  type RunCell,
} from './cells.ts'
import {
  atMost,
  EARLY_EXTRA,
  iqm,
  judged,
  MEAN_FINAL,
  PROBING_COST,
  p95,
  REGRET_RATIO,
  unsettled,
  WORST_FINAL,
} from './judging.ts'
import { PROFILES } from './sweep.ts'
import { isInteraction } from './worlds/drawn-world.ts'

type Runs = readonly GeneralityRun[]

export function claimsOf(all: Runs): Claim[] {
  return [
    ...paperClaims(all),
    ...lawClaims(all),
    ...noiseClaims(all),
    ...driftClaims(all),
    probingClaim(all),
    goalClaim(all),
    ...hybridClaims(all),
  ]
}

function paperClaims(all: Runs): Claim[] {
  return (['fitted', 'drawn'] as const).flatMap((fit) => {
    const fleets =
      fit === 'fitted'
        ? 'The paper’s fleet under other names, A to D'
        : 'The same, drawn within the errors of Table V'
    const [plain, told] = [
      paperCells(all, fit, 'none'),
      profiled((each) => paperCells(all, fit, each)),
    ]
    return [
      judged(
        `${fleets}: within 1 % after at most 12 rounds (interquartile mean).`,
        plain,
        iqm('1 %'),
        atMost(12),
      ),
      judged(
        `${fleets}: within 1 % after at most 50 rounds (95th percentile).`,
        plain,
        p95('1 %'),
        atMost(50),
      ),
      judged(`${fleets}: every run settles within 1 %.`, plain, unsettled('1 %'), atMost(0)),
      judged(
        `${fleets}, with profiles: within 1 % after at most 3 rounds (interquartile mean).`,
        told,
        iqm('1 %'),
        atMost(3),
      ),
    ]
  })
}

function lawClaims(all: Runs): Claim[] {
  const plain = lawCells(all, 'reported', 'none')
  const told = profiled((each) => lawCells(all, 'reported', each))
  return [
    judged(
      'Every reported law, 5 and 20 users: within 5 % after at most 10 rounds (interquartile mean).',
      plain,
      iqm('5 %'),
      atMost(10),
    ),
    judged(
      'Every reported law: at most 1 run in 20 does not settle within 5 %.',
      plain,
      unsettled('5 %'),
      atMost(1 / 20),
    ),
    judged(
      'Every reported law: the worst final decision is at most 5 % above the best.',
      plain,
      WORST_FINAL,
      atMost(5),
    ),
    judged(
      'Every reported law, with profiles: within 5 % after at most 2 rounds (interquartile mean).',
      told,
      iqm('5 %'),
      atMost(2),
    ),
    judged(
      'Every reported law, with profiles: every run settles within 5 %.',
      told,
      unsettled('5 %'),
      atMost(0),
    ),
    judged(
      'Every reported law, with profiles: at most 8 % extra time over the first 100 rounds (mean).',
      told,
      EARLY_EXTRA,
      atMost(8),
    ),
  ]
}

function noiseClaims(all: Runs): Claim[] {
  const of = (...names: readonly string[]) =>
    noiseCells(all, 'reported').filter(({ cell }) => names.includes(cell['noise'] ?? ''))
  return [
    judged(
      'Lognormal noise of 0.5: within 5 % after at most 120 rounds (interquartile mean).',
      of('lognormal 0.5'),
      iqm('5 %'),
      atMost(120),
    ),
    judged(
      'Lognormal noise of 0.5: the final decision is at most 3 % above the best (mean).',
      of('lognormal 0.5'),
      MEAN_FINAL,
      atMost(3),
    ),
    judged(
      'Pareto noise of 2.2: within 5 % after at most 15 rounds (interquartile mean).',
      of('Pareto 2.2'),
      iqm('5 %'),
      atMost(15),
    ),
    judged(
      'Noise that lasts, or that all devices share: no final decision is beyond 5 %.',
      of('AR(1) 0.15', 'common 0.2'),
      WORST_FINAL,
      atMost(5),
    ),
  ]
}

function driftClaims(all: Runs): Claim[] {
  const cells = driftCells(all, 'reported')
  const slower = cells.filter(({ change }) => change.factor > 1)
  const quicker = cells.filter(
    ({ change: { factor, what } }) => factor < 1 && what !== 'all devices',
  )
  return [
    judged(
      'A device, an edge or the cloud becomes four times as quick, unseen: within 5 % after at most 50 rounds (interquartile mean).',
      quicker,
      iqm('5 %'),
      atMost(50),
    ),
    judged('And it is missed in at most 2 runs of 20.', quicker, unsettled('5 %'), atMost(2 / 20)),
    judged(
      'What becomes 2 or 4 times as slow, unseen: within 5 % after at most 10 rounds (interquartile mean).',
      slower,
      iqm('5 %'),
      atMost(10),
    ),
  ]
}

function probingClaim(all: Runs): Claim {
  return judged(
    'Where nothing changes, trying again costs at most 0.7 % (rounds 500 to 1,500, less those of an agent that never forgets).',
    probingCells(all),
    PROBING_COST,
    atMost(0.7),
  )
}

function goalClaim(all: Runs): Claim {
  const broken = all.filter(({ result }) => result.violations > 0).length
  return {
    claim: 'The goal is never broken, by no decision, taken or greedy, of no agent in no run.',
    measured: `${broken} of ${all.length.toLocaleString('en')} runs broke it`,
    holds: all.length > 0 && broken === 0,
  }
}

function hybridClaims(all: Runs): Claim[] {
  const interacting = learnerCells(all, 'reported').filter(({ cell }) =>
    isInteraction(cell['law'] ?? ''),
  )
  return [
    judged(
      'hybrid is stuck beyond 5 % in at most 10 % of the runs, in every reported law.',
      cellsOfAgent(all, 'reported', 'hybrid'),
      unsettled('5 %'),
      atMost(1 / 10),
    ),
    judged(
      'Where the bandit’s form is wrong, hybrid takes less extra time than the bandit over the first 100 rounds (ratio of means).',
      interacting,
      REGRET_RATIO,
      (ratio) => ratio < 1,
    ),
  ]
}

/** Of every kind of profile. */
function profiled(cellsOf: (profile: (typeof PROFILES)[number]) => RunCell[]): RunCell[] {
  return PROFILES.flatMap(cellsOf)
}

/** What was asked of the factored agent before it was measured, judged by the runs. */
import { claimOfAll } from '../claims.ts'
import { type Cell, type Claim, type Comparison, inCell } from '../report.ts'
import { valuesOf } from '../runs.ts'
import { BROKEN, CAREFUL } from './accuracies.ts'
import { FOUND, JOINING_RATIO, RATIO as REGRET_RATIO } from './changes.ts'
import { EXTRA, RULE_PRICE } from './costs.ts'
import { SAVED } from './delivery.ts'
import type { BeyondRun } from './kinds.ts'
import { CONVERGED, FLEET_STEPS, LEARNER_STEPS, SLOW_STEPS } from './steps.ts'
import { TRAFFIC_LAST } from './traffic.ts'

/** Fewer show nothing: a quick sweep makes no claims. */
const FEWEST_SEEDS = 5
/** Real steps of hybrid with five users, HL paper, Table VI. */
const PAPER_STEPS = 6000

export function claimsOf(runs: readonly BeyondRun[], comparisons: readonly Comparison[]): Claim[] {
  if (valuesOf(runs, 'seed').length < FEWEST_SEEDS) return []
  const of = (measure: string, cell: Cell = {}) =>
    inCell(comparisons, cell).filter((each) => each.measure === measure)
  return [
    ...stepClaims(of),
    ...tailClaims(of),
    ...costClaims(runs, of),
    ...changeClaims(of),
    ...otherClaims(of),
  ]
}

type Find = (measure: string, cell?: Cell) => Comparison[]

function stepClaims(of: Find): Claim[] {
  const scenarios = { learner: 'factored', goal: 'all' }
  const settled = (cell: Cell) => [
    ...of(FLEET_STEPS, { ...cell, within: '1 %' }),
    ...of(FLEET_STEPS, { ...cell, within: '1 % p95' }),
  ]
  const five = of(FLEET_STEPS, { users: '5', within: '1 %' })
  const larger = [
    ...of(FLEET_STEPS, { users: '20', within: '1 %' }),
    ...of(FLEET_STEPS, { users: '100', within: '1 %' }),
  ]
  const highOf = (fleet: string | undefined) =>
    five.find(({ cell }) => cell['fleet'] === fleet)?.high ?? 0
  return [
    ...claim(
      'Scenarios A to D, five users, 8 % noise: within 1 % and staying there after at most 5 real steps (interquartile mean) and 50 (95th percentile).',
      [
        ...of(LEARNER_STEPS, { ...scenarios, within: '1 %' }),
        ...of(LEARNER_STEPS, { ...scenarios, within: '1 % p95' }),
      ],
      isWithin(5, 50),
    ),
    ...(['classes', 'unique'] as const).flatMap((fleet) =>
      claim(
        `Fleets drawn at random (${fleet}), five users: after at most 15 real steps (interquartile mean) and 60 (95th percentile).`,
        settled({ fleet, users: '5' }),
        isWithin(15, 60),
      ),
    ),
    ...claim(
      'No growth: with 20 and 100 users the interquartile mean is not above the interval of that with five.',
      larger,
      ({ ours, cell }) => (ours ?? Number.POSITIVE_INFINITY) <= highOf(cell['fleet']),
    ),
    ...claim(
      `At least 100 times fewer real steps than hybrid takes in the paper (${PAPER_STEPS.toLocaleString('en')}), by the rule of Table VI, at every goal (medians).`,
      of(CONVERGED, { learner: 'factored' }),
      ({ ours }) => ours !== null && PAPER_STEPS / ours >= 100,
    ),
  ]
}

function tailClaims(of: Find): Claim[] {
  const slow = of(SLOW_STEPS, { within: '1 %' }).filter(({ cell }) =>
    /times as long$/.test(cell['responses'] ?? ''),
  )
  return [
    ...claim(
      'With 3 % of the responses 3 or 10 times as long: at most 18 real steps (interquartile mean), and fewer than 3 % of the runs not settled.',
      slow,
      ({ ours, note }) => {
        const [unsettled = 1, all = 1] = note.match(/\d+/g)?.map(Number) ?? []
        return ours !== null && ours <= 18 && unsettled / all < 0.03
      },
    ),
    ...claim(
      'Where no response is slow, the rule against slow ones costs at most 10 % more regret over 100 steps.',
      of(RULE_PRICE),
      ({ ours }) => ours !== null && ours <= 1.1,
    ),
  ]
}

function costClaims(runs: readonly BeyondRun[], of: Find): Claim[] {
  const known = runs.filter(({ settings }) => settings.study !== 'accuracies')
  const broken = known.filter(({ result }) => result.violations > 0)
  const plain = (during: string) =>
    of(EXTRA, { learner: 'factored', during }).filter(
      ({ cell }) =>
        !cell['fleet']?.includes(',') && !['1,000', '10,000'].includes(cell['users'] ?? ''),
    )
  return [
    {
      claim: 'The goal is never broken, by no decision, taken or greedy, in no run.',
      measured: `${broken.length} of ${known.length.toLocaleString('en')} runs broke it`,
      holds: broken.length === 0,
    },
    ...claim(
      'Learning takes at most 4 % extra response time over the first 100 rounds, up to 100 users.',
      plain('first 100 rounds'),
      isAtMost(4),
    ),
    ...claim(
      'And at most 0.5 % over the first 1,000, with five.',
      plain('first 1,000 rounds'),
      isAtMost(0.5),
    ),
  ]
}

function changeClaims(of: Find): Claim[] {
  const found = of(FOUND).filter(({ cell }) => cell['event']?.endsWith('× 2'))
  return [
    ...claim(
      'What becomes twice as slow unseen is found within 6 steps (median).',
      found,
      isAtMost(6),
    ),
    ...(['factored, sees no states', 'factored'] as const).flatMap((agent) => [
      ...claim(
        `Drift (${agent}): regret over 120 steps at most 1/4 of that of never forgetting and seeing nothing.`,
        of(REGRET_RATIO, { agent, phase: 'event' }),
        isAtMost(0.25),
      ),
      ...claim(
        `Recovery (${agent}): regret over the 120 steps after the event’s end at most 1/2 of that of the same agent.`,
        of(REGRET_RATIO, { agent, phase: 'recovery' }),
        isAtMost(0.5),
      ),
      ...claim(
        `Event and recovery together (${agent}): at most 1/4, of what slows a node.`,
        of(REGRET_RATIO, { agent, phase: 'both' }).filter(({ cell }) =>
          cell['event']?.includes('×'),
        ),
        isAtMost(0.25),
      ),
    ]),
    ...claim(
      'When devices join and leave, going on with what is known has at most half the regret of beginning anew.',
      of(JOINING_RATIO),
      isAtMost(0.5),
    ),
  ]
}

function otherClaims(of: Find): Claim[] {
  return [
    ...claim(
      'Without rounds, each device at its own pace, the last decision is within 2 % of the best found (interquartile mean), at every goal, lost answers or not.',
      of(TRAFFIC_LAST),
      isAtMost(2),
    ),
    ...claim(
      'Pushed decisions have at least 40 % lower response times than consulted ones in scenario D without a goal.',
      of(SAVED, { scenario: 'D', goal: 'Min' }),
      ({ ours }) => ours !== null && ours >= 40,
    ),
    ...claim(
      'And higher ones nowhere: the interval of what is saved does not lie below nothing.',
      of(SAVED),
      ({ high }) => high !== null && high >= 0,
    ),
    ...claim(
      'Where accuracies are only measured, at most 5 % of the runs ever break the goal that is to hold with 95 % confidence.',
      of(BROKEN, { agent: CAREFUL }),
      isAtMost(5),
    ),
  ]
}

function isAtMost(most: number) {
  return ({ ours }: Comparison) => ours !== null && ours <= most
}

/** Of interquartile means and of 95th percentiles. */
function isWithin(mean: number, p95: number) {
  return ({ ours, cell }: Comparison) => {
    const most = cell['within']?.endsWith('p95') ? p95 : mean
    return ours !== null && ours <= most
  }
}

function claim(
  text: string,
  own: readonly Comparison[],
  holds: (each: Comparison) => boolean,
): Claim[] {
  const measured = own.map((each) => (holds(each) ? told(each) : `${told(each)} ✗`)).join('; ')
  return claimOfAll(text, own, holds, measured)
}

/** `classes 5 1 %: 12.3 [10, 15]`. */
function told({ cell, ours, low, high }: Comparison): string {
  const [value, from, to] = [ours, low, high].map((number) =>
    number === null ? '∞' : number.toLocaleString('en', { maximumSignificantDigits: 3 }),
  )
  const names = Object.entries(cell).filter(([name]) => name !== 'learner' && name !== 'agent')
  return `${names.map(([, each]) => each).join(' ')}: ${value} [${from}, ${to}]`
}

/** What we claim of escalation, judged by the runs. */
import { claimOfAll } from '../claims.ts'
import { type Claim, type Comparison, inCell } from '../report.ts'
import { type EscalationRun, STRATEGIES } from './settings.ts'
import { ROUNDS } from './sweep.ts'

/** Percent. */
const LEAST_SAVED = 45
const MOST_GAP = 0.5
const MOST_BROKEN = 1
/** Nothing is left out then: rounding alone. */
const EXACT = 1e-6

/** Of promises only where there are rounds enough. */
export function claimsOf(
  runs: readonly EscalationRun[],
  { saved, broken, paired }: Readonly<Record<'saved' | 'broken' | 'paired', readonly Comparison[]>>,
): Claim[] {
  const top = { strategy: 'everywhere', goal: 'top − 0.2' }
  const small = inCell(saved, { ...top, fleet: 'small devices' })
  const gaps = runs.map(({ result }) => (result.proven ? 0 : 100 * result.gap))
  const isLong = runs.every(({ settings }) => settings.rounds >= ROUNDS)
  const promises = (own: readonly Comparison[]) => (isLong ? own : [])
  return [
    ...claimOfAll(
      `Small devices, a goal 0.2 points below the most accurate variant: escalation takes at least ${LEAST_SAVED} % less time than the best mix of variants, in A and D.`,
      small,
      ({ ours }) => ours !== null && ours >= LEAST_SAVED,
      range(small),
    ),
    ...claimOfAll(
      `Every plan is proven, or at most ${MOST_GAP} % from the best.`,
      gaps,
      (gap) => gap <= MOST_GAP,
      `${gaps.filter((gap) => gap === 0).length} of ${gaps.length} proven, largest gap ${Math.max(...gaps).toFixed(2)} %`,
    ),
    ...keptClaim(
      'small devices',
      promises(inCell(broken, { fleet: 'small devices', strategy: 'everywhere' })),
    ),
    ...keptClaim('all fleets', promises(inCell(broken, { strategy: 'everywhere' }))),
    ...pairedClaim(
      'Variants alone, which all arrive at once',
      EXACT,
      promises(inCell(paired, { strategy: 'variants' })),
    ),
    ...pairedClaim(
      'Escalation everywhere',
      MOST_BROKEN,
      promises(inCell(paired, { strategy: 'everywhere' })),
    ),
    ...claimOfAll(
      'No strategy is slower than one that may do less, and none breaks its goal.',
      runs,
      (run) => isNoSlower(runs, run) && run.result.accuracyPercent >= run.result.goalPercent - 1e-9,
      `${runs.length} plans`,
    ),
  ]
}

function keptClaim(fleets: string, own: readonly Comparison[]): Claim[] {
  return claimOfAll(
    `Escalation everywhere, ${fleets}: ${ROUNDS} rounds take what was promised within ${MOST_BROKEN} %, on average over the seeds.`,
    own,
    ({ ours }) => ours !== null && Math.abs(ours) <= MOST_BROKEN,
    range(own),
  )
}

function pairedClaim(what: string, most: number, own: readonly Comparison[]): Claim[] {
  return claimOfAll(
    `${what}: rounds take what pairs of services make expect within ${most} %.`,
    own,
    ({ ours }) => ours !== null && Math.abs(ours) <= most,
    range(own),
  )
}

/** Than the strategy before, in the same cell. */
function isNoSlower(runs: readonly EscalationRun[], { settings, result }: EscalationRun): boolean {
  const before = STRATEGIES[STRATEGIES.indexOf(settings.strategy) - 1]
  const other = runs.find(({ settings: each }) =>
    Object.entries({ ...settings, strategy: before }).every(
      ([name, value]) => Reflect.get(each, name) === value,
    ),
  )
  return other === undefined || result.promisedMs <= other.result.promisedMs * (1 + 1e-9)
}

function range(own: readonly Comparison[]): string {
  const values = own.flatMap(({ ours }) => ours ?? [])
  return `${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)} %, ${own.length} cells`
}

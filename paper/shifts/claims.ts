/** What we claim of shifts, judged by the runs. */
import { claimOfAll, claimOfMost } from '../claims.ts'
import type { Claim } from '../report.ts'
import type { ShiftRun } from './settings.ts'

/** Of accuracy: less is within what two samples of pictures differ by. */
const COSTLY_POINTS = 5
/** Answers. */
const SOON = 300
const LATE = 5000
const MOST_BELOW_LARGE = 2
const MOST_RUNS = 0.95

/** Points of accuracy that the cascade loses to the shift. */
export function lostPoints({ result: { clean, shifted } }: ShiftRun): number {
  return clean.cascade - shifted.cascade
}

export function claimsOf(runs: readonly ShiftRun[]): Claim[] {
  const clean = runs.filter(({ settings }) => settings.shift === 'none')
  const turned = runs.filter(
    ({ settings }) => settings.shift === 'rotation' && settings.strength >= 15,
  )
  const costly = runs.filter((run) => lostPoints(run) >= COSTLY_POINTS)
  const below = runs.map(({ result: { shifted } }) => shifted.large - shifted.cascade)
  const isWithin = (answers: number | null, most: number) => answers !== null && answers <= most
  const alarms = clean.map(({ result }) => result.falseAlarms)
  const answers = clean.reduce((sum, { settings }) => sum + settings.cleanAnswers, 0)
  const total = alarms.reduce((sum, count) => sum + count, 0)
  return [
    ...claimOfAll(
      'Clean traffic: at most one false alarm in 100,000 answers.',
      alarms,
      () => total <= answers / 1e5,
      `${total} in ${answers.toLocaleString('en')} answers`,
    ),
    ...claimOfMost(
      `Pictures turned by 15° or more: an alarm within ${SOON} answers, in ${100 * MOST_RUNS} % of the runs.`,
      turned,
      ({ result }) => isWithin(result.alarms.first, SOON),
      { share: MOST_RUNS },
    ),
    ...claimOfMost(
      `Shifts that cost ${COSTLY_POINTS} points of accuracy or more: an alarm within ${LATE.toLocaleString('en')} answers, in ${100 * MOST_RUNS} % of the runs.`,
      costly,
      ({ result }) => isWithin(result.alarms.first, LATE),
      { share: MOST_RUNS },
    ),
    ...claimOfMost(
      `Of those, the share of unsure answers alone sees as many.`,
      costly,
      ({ result: { alarms } }) => isWithin(alarms.share, LATE) || !isWithin(alarms.first, LATE),
      { share: MOST_RUNS },
    ),
    ...claimOfAll(
      `No shift leaves the cascade more than ${MOST_BELOW_LARGE} points below its large variant alone.`,
      below,
      (points) => points <= MOST_BELOW_LARGE,
      `at most ${Math.max(...below).toFixed(1)} points`,
    ),
  ]
}

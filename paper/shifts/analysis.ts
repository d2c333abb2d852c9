/** What shifts cost, and how soon they are seen. */
import { mean } from 'simple-statistics'
import { type Compared, compare, type Estimate, estimate, medianOf } from '../comparison.ts'
import { forestOf } from '../forest.ts'
import { type Comparison, inCell, type Report } from '../report.ts'
import { runsBy } from '../runs.ts'
import { claimsOf, lostPoints } from './claims.ts'
import type { Alarms, Shift, ShiftRun, ShiftSettings } from './settings.ts'

/** Of the report. */
export const title = 'Shifted pictures: what they cost, and how soon it is seen without labels'

const LOST = 'accuracy that the cascade loses (points)'
const BESIDE = 'accuracy of the cascade less that of its large variant alone (points)'
const ESCALATED = 'answers that are unsure (%)'
const AGREED = 'sure answers that the large variant gives too (%)'
const ANSWERS = 'answers until the alarm'
const WRONG = 'wrong answers, beyond those of clean pictures, until the alarm'
const FALSE = 'false alarms in 100,000 clean answers'

const METHOD = [
  'One device serves the 2,000 test pictures of models/fashion, drawn by lot with replacement, 10 a second: 20,000 clean answers, then shifted pictures until the first alarm, 20,000 at most. Both variants of a pair are run on every picture by the runtime that serves. Small variants escalate to w100; of the catalogue’s thresholds, which were chosen on held-out pictures, the one whose share is nearest to 20 % on the test pictures.',
  'Shifts: normal noise on each pixel, its standard deviation in percent of the range of pixels; a Gaussian blur; a rotation about the centre; a black square at a place drawn by lot; pixels that are some percent darker. Seeds draw the noise, the square’s place, the order of pictures and which answers are audited.',
  'Share: the device’s own watch on the share of unsure answers (CUSUM for 1.5 times the believed share), which costs nothing. Audits: 2 % of the sure answers are asked of the large variant too, and the same watch hears how often it disagrees. First: both together, as a device has them.',
  'Accuracy is that of the answers given: the small variant’s where it is sure, the large one’s where not. Medians (alarms) and means over the seeds with their 95 % bootstrap intervals. An alarm that does not come counts as infinitely many answers. No paper reports these numbers.',
]

const SEEN_BY: readonly (keyof Alarms)[] = ['share', 'audit', 'first']

/** Of every shift: accuracies, alarms. */
export function analyse(runs: readonly ShiftRun[], uniform: () => number): Report {
  const shifts = runsBy(
    runs.filter(({ settings }) => settings.shift !== 'none'),
    'shift',
    'strength',
    'small',
  ).filter(([, own]) => own.length > 0)
  const means = (measure: string, value: (run: ShiftRun) => number) =>
    compare(
      shifts.flatMap(([cell, own]): Estimate[] =>
        estimate({ measure, cell: cellOf(cell) }, [own.map(value)], mean),
      ),
      uniform,
    )
  const alarms = (measure: string, of: (run: ShiftRun, answers: number) => number) =>
    compare(
      shifts.flatMap(([cell, own]) =>
        SEEN_BY.flatMap((by) => {
          const compared: Compared = { measure, cell: { ...cellOf(cell), 'seen by': by } }
          return medianOf(
            compared,
            own.map((run) => of(run, run.result.alarms[by] ?? Number.POSITIVE_INFINITY)),
          )
        }),
      ),
      uniform,
    )
  const answers = alarms(ANSWERS, (_, count) => count)
  return {
    method: METHOD,
    summary: summaryOf(runs, answers),
    claims: claimsOf(runs),
    comparisons: [
      ...means(LOST, lostPoints),
      ...means(BESIDE, ({ result: { shifted } }) => shifted.cascade - shifted.large),
      ...means(ESCALATED, ({ result }) => result.shifted.escalated),
      ...means(AGREED, ({ result }) => result.shifted.agreed),
      ...answers,
      ...alarms(WRONG, (run, count) => (Math.max(0, lostPoints(run)) / 100) * count),
      ...compare(falseAlarms(runs), uniform),
    ],
    charts: forestOf(answers, {
      name: 'alarms',
      caption:
        'Answers until the alarm, by what sees it: median over the seeds and 95 % interval. An arrow: no alarm in 20,000 answers.',
      title,
      ...{ row: 'small', column: 'seen by', line: 'shift' },
      axisLabel: 'answers',
    }),
  }
}

function cellOf({ shift, strength, small }: Pick<ShiftSettings, 'shift' | 'strength' | 'small'>) {
  return { shift: nameOf(shift, strength), small }
}

function nameOf(shift: Shift, strength: number): string {
  const units = {
    none: '',
    noise: ' %',
    blur: ' px',
    rotation: '°',
    occlusion: ' px',
    darkness: ' %',
  }
  return `${shift} ${strength}${units[shift]}`
}

/** Of clean traffic alone. */
function falseAlarms(runs: readonly ShiftRun[]): Estimate[] {
  return runsBy(runs, 'small').flatMap(([{ small }, own]) =>
    estimate(
      { measure: FALSE, cell: { small } },
      [
        own.flatMap(({ settings, result }) =>
          settings.shift === 'none' ? [(1e5 * result.falseAlarms) / settings.cleanAnswers] : [],
        ),
      ],
      mean,
    ),
  )
}

function summaryOf(runs: readonly ShiftRun[], answers: readonly Comparison[]): string {
  const first = inCell(answers, { 'seen by': 'first' })
  const seen = first.flatMap(({ ours }) => ours ?? [])
  const lost = runs.map(lostPoints)
  return `Shifts cost up to ${Math.max(...lost).toFixed(0)} points of accuracy. Of ${first.length} cells ${seen.length} ring in the median run, after ${Math.min(...seen)} to ${Math.max(...seen)} answers.`
}

import { combinations, type SweepOptions, seedsOf } from '../experiment.ts'
import { type Shift, type ShiftSettings, SMALL, STRENGTHS } from './settings.ts'

/** Long enough for all that the watch learns of a device: of 200 audits, at 2 % of the sure answers. */
const CLEAN_ANSWERS = 20_000
/** Of runs in which nothing is shifted: what false alarms are counted in. */
const CLEAN_TRAFFIC = 100_000
const SHIFTED_ANSWERS = 20_000

/** Quickly: the middle strength of each shift. */
export function sweep(options: SweepOptions): ShiftSettings[] {
  const { quick } = options
  const shifts = Object.entries(STRENGTHS).flatMap(([shift, strengths]) =>
    strengths
      .filter((_, index) => !quick || strengths.length === 1 || index === 1)
      .map((strength) => ({ shift: shift as Shift, strength })),
  )
  return combinations({ seed: seedsOf(options), small: SMALL, shift: shifts }).map(
    ({ seed, small, shift }) => {
      const isShifted = shift.shift !== 'none'
      const lengths = isShifted
        ? { cleanAnswers: CLEAN_ANSWERS, shiftedAnswers: SHIFTED_ANSWERS }
        : { cleanAnswers: CLEAN_TRAFFIC, shiftedAnswers: 0 }
      return { seed, small, ...shift, ...lengths }
    },
  )
}

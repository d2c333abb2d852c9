/** Shifted pictures: what accuracy they cost, and how soon the watch over a device's answers sees it without any label. */
import { Random } from '../../src/random.ts'
import type { Experiment, RunContext } from '../experiment.ts'
import { analyse, title } from './analysis.ts'
import { type Answer, answersTo, cascadeOf, measured, testPictures } from './answers.ts'
import { shifted } from './pictures.ts'
import type { ShiftResult, ShiftSettings } from './settings.ts'
import { sweep } from './sweep.ts'
import { type Told, WatchedDevice } from './watching.ts'

/** Of pictures that no seed changes: they are the same in every run. */
const known = new Map<string, Promise<Answer[]>>()

/** One device. */
export async function run(
  settings: ShiftSettings,
  { onProgress }: Pick<RunContext, 'onProgress'>,
): Promise<ShiftResult> {
  const { seed, small, cleanAnswers, shiftedAnswers } = settings
  const { escalatedPercent, accuracyPercent } = await cascadeOf(small)
  const random = new Random(seed)
  await onProgress('clean pictures')
  const clean = await answersUnder({ small, shift: 'none', strength: 0 }, random)
  await onProgress('shifted pictures')
  const after = await answersUnder(settings, random.fork('pictures'))
  await onProgress('answers')
  const watched = (told: Told) => {
    const device = new WatchedDevice(told, escalatedPercent / 100, random.fork('answers'))
    for (let answer = 0; answer < cleanAnswers; answer++) device.answer(clean)
    const falseAlarms = device.doubts
    return { falseAlarms, alarm: device.answersUntilDoubt(after, shiftedAnswers) }
  }
  const both = watched({ shares: true, audits: true })
  return {
    promised: { cascade: accuracyPercent, escalated: escalatedPercent },
    clean: measured(clean),
    shifted: measured(after),
    alarms: {
      share: watched({ shares: true, audits: false }).alarm,
      audit: watched({ shares: false, audits: true }).alarm,
      first: both.alarm,
    },
    falseAlarms: both.falseAlarms,
  }
}

/** Answers to all test pictures, shifted. */
function answersUnder(
  { small, shift, strength }: Pick<ShiftSettings, 'small' | 'shift' | 'strength'>,
  random: Random,
): Promise<Answer[]> {
  const answer = async () => {
    const { pictures, labels } = await testPictures()
    const changed = pictures.map((picture) => shifted(picture, { shift, strength }, random))
    return answersTo(small, { pictures: changed, labels })
  }
  if (shift === 'noise' || shift === 'occlusion') return answer()
  const key = [small, shift, strength].join()
  const answers = known.get(key) ?? answer()
  known.set(key, answers)
  return answers
}

/** As `tierwise reproduce` takes it. */
export const experiment: Experiment<ShiftSettings, ShiftResult> = {
  name: 'shifts',
  title,
  defaultSeeds: { full: 10, quick: 1 },
  sweep,
  label: ({ small, shift, strength, seed }) => ({
    kind: shift,
    cell: `${small}, strength ${strength}, seed ${seed}`,
  }),
  run,
  analyse,
}

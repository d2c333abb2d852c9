/** What devices tell of their own inference before the first round. */
import type { Problem } from '../../../src/learning/environment/environment.ts'
import type { Random } from '../../../src/random.ts'
import type { World } from '../../../src/simulation/world.ts'
import type { ProfileKind } from '../settings.ts'
import { between } from '../worlds/draws.ts'

/** What is told is off by at most this share. */
const MOST_OFF = 0.3

export function profileOf(
  kind: ProfileKind,
  { choices, times, start }: World,
  random: Random,
): Pick<Problem, 'localTimesMs'> {
  if (kind === 'none') return {}
  const off = () => between(1 - MOST_OFF, 1 + MOST_OFF, random)
  const localTimesMs = times(start).own.map((row) => {
    const ofDevice = kind === 'off by device' ? off() : 1
    return row.map(({ computeMs }, choice) => {
      if (choices[choice]?.placement.tier !== 'end') return undefined
      return computeMs * (kind === 'off by choice' ? off() : ofDevice)
    })
  })
  return { localTimesMs }
}

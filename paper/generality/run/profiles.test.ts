import { expect, test } from 'vitest'
import { Random } from '../../../src/random.ts'
import { distinct } from '../../runs.ts'
import { drawnWorld } from '../worlds/drawn-world.ts'
import { profileOf } from './profiles.ts'

const world = drawnWorld({ law: 'knee', users: 5, local: 'free' }, new Random(4))
const { own } = world.times(world.start)

/** What is told over what is true. Shape [devices][local choices]. */
function ratios(kind: 'exact' | 'off by device' | 'off by choice'): number[][] {
  const { localTimesMs = [] } = profileOf(kind, world, new Random(1))
  return localTimesMs.map((row = [], device) =>
    row.flatMap((ms, choice) => {
      const { tier } = world.choices[choice]?.placement ?? {}
      expect(ms === undefined).toBe(tier !== 'end')
      return ms === undefined ? [] : ms / (own[device]?.[choice]?.computeMs ?? 0)
    }),
  )
}

test('nothing is told by default', () => {
  expect(profileOf('none', world, new Random(1))).toEqual({})
})

test('exact is the truth, of what each device serves itself', () => {
  expect(
    ratios('exact')
      .flat()
      .every((ratio) => Math.abs(ratio - 1) < 1e-12),
  ).toBe(true)
})

test('others are off by at most 30 %: one factor for a device, or one for every choice', () => {
  for (const kind of ['off by device', 'off by choice'] as const) {
    const all = ratios(kind)
    expect(all.flat().every((ratio) => ratio >= 0.7 && ratio <= 1.3)).toBe(true)
    const inFirst = distinct((all[0] ?? []).map((ratio) => ratio.toFixed(9)))
    expect(inFirst.length === 1).toBe(kind === 'off by device')
    expect(distinct(all.map(([ratio = 0]) => ratio.toFixed(9)))).toHaveLength(5)
  }
})

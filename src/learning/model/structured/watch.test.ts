import { expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import { follow, freshWatch, hasRecovered, isDue, use } from './watch.ts'

/** Responses until an alarm; `most` if there is none. */
function stepsUntilAlarm(surprise: () => number, most: number): number {
  const watch = freshWatch<string>(undefined, 0)
  for (let step = 1; step <= most; step++) if (follow(watch, surprise())) return step
  return most
}

it('finds a resource twice as slow after four responses', () => {
  expect(stepsUntilAlarm(() => 8, 100)).toBe(4)
})

it('tells slower from faster', () => {
  const watch = freshWatch<string>(undefined, 0)
  for (let step = 0; step < 3; step++) expect(follow(watch, -8)).toBeUndefined()
  expect(follow(watch, -8)).toBe('faster')
})

it('finds a quarter more within ten responses', () => {
  const random = new Random(1)
  const steps = Array.from({ length: 200 }, () =>
    stepsUntilAlarm(() => 2.5 + random.normal(), 100),
  ).sort((a, b) => a - b)
  expect(steps[100]).toBeLessThanOrEqual(10)
})

it('hardly ever takes slow responses for a change', () => {
  const random = new Random(2)
  const surprise = () => (random.uniform() < 0.03 ? 14 : random.normal())
  let alarms = 0
  for (let run = 0; run < 200; run++) if (stepsUntilAlarm(surprise, 300) < 300) alarms++
  expect(alarms).toBeLessThan(10)
})

it('believes in a recovery that one response shows clearly, and in none that none does', () => {
  expect(hasRecovered(freshWatch('before', 0), 50)).toBe(true)
  const doubtful = freshWatch('before', 0)
  expect(hasRecovered(doubtful, 1)).toBe(false)
  expect(hasRecovered(doubtful, 1)).toBe(true)
  const refuted = freshWatch('before', 0)
  for (let step = 0; step < 20; step++) {
    expect(hasRecovered(refuted, 1)).toBe(false)
    expect(hasRecovered(refuted, -5)).toBe(false)
  }
})

it('tries what became slower after a pause, and later after every try in vain', () => {
  expect(isDue(freshWatch(undefined, 0), 1000)).toBe(false)
  const watch = freshWatch('before', 100)
  expect(isDue(watch, 115)).toBe(false)
  expect(isDue(watch, 116)).toBe(true)
  hasRecovered(watch, -3)
  use(watch, 116)
  expect(isDue(watch, 146)).toBe(false)
  expect(isDue(watch, 147)).toBe(true)
  use(watch, 147)
  // The pause does not grow for ever.
  expect(isDue(watch, 178)).toBe(true)
})

it('tries again at once while there is hope', () => {
  const watch = freshWatch('before', 100)
  hasRecovered(watch, 1)
  use(watch, 116)
  expect(isDue(watch, 117)).toBe(true)
})

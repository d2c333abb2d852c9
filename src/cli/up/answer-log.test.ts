import { expect, test } from 'vitest'
import { testAnswer } from '../../views/test-answer.fixture.ts'
import { AnswerLog, type SeenAnswer } from './answer-log.ts'

function seen(round: number, right: boolean | undefined, more: Partial<SeenAnswer> = {}) {
  const answer: SeenAnswer = {
    ...{ device: 'one', decided: 'end/d0', round, escalated: false },
    ...more,
  }
  const { device, decided, escalated } = answer
  if (right === undefined) return answer
  const test = testAnswer({ device, decided, escalated, atMs: round, picture: round, right })
  return { ...answer, test }
}

test('counts what was right, of all rounds or of some, and nothing where the truth is not known', () => {
  const log = new AnswerLog()
  expect(log.measured()).toBeUndefined()
  log.add(seen(1, undefined))
  expect(log.measured()).toBeUndefined()
  for (const [round, right] of [
    [1, true],
    [1, true],
    [2, false],
    [2, true],
  ] as const) {
    log.add(seen(round, right))
  }
  expect(log.measured()).toMatchObject({ answers: 4, accuracyPercent: 75 })
  expect(log.measured([2])).toMatchObject({ answers: 2, accuracyPercent: 50 })
  // A round that was measured twice counts once; one that is not known, not at all.
  expect(log.measured([1, 1, 9])).toMatchObject({ answers: 2, accuracyPercent: 100 })
  // Wilson: 3 of 4.
  const [low, high] = log.measured()?.interval ?? [0, 0]
  expect([low, high]).toEqual([expect.closeTo(30.06, 1), expect.closeTo(95.44, 1)])
})

test('counts escalations of decisions that escalate, by device', () => {
  const log = new AnswerLog()
  const decided = 'end/d3>edge/d0@0.5'
  log.add(seen(1, true, { device: 'two', decided, escalated: true }))
  log.add(seen(2, true, { device: 'two', decided }))
  log.add(seen(2, true, { device: 'one', decided }))
  log.add(seen(3, true, { device: 'three' }))
  expect(log.escalatedBy).toEqual({
    one: { answers: 1, escalated: 0 },
    two: { answers: 2, escalated: 1 },
  })
})

test('keeps a handful of each device, newest first, and none whose truth is not known', () => {
  const log = new AnswerLog()
  log.add(seen(1, undefined))
  expect(log.tests).toEqual({ answers: [] })
  for (let round = 1; round <= 9; round++) {
    log.add(seen(round, round !== 2))
    log.add(seen(round, true, { device: 'two' }))
  }
  const { measured, answers } = log.tests
  expect(measured?.answers).toBe(18)
  const of = (name: string) => answers.filter(({ device }) => device === name)
  expect(of('one').map(({ picture }) => picture)).toEqual([9, 8, 7, 6, 5, 2])
  expect(of('two').map(({ picture }) => picture)).toEqual([9, 8, 7, 6, 5, 4])
  expect(answers.map(({ atMs }) => atMs)).toEqual([9, 9, 8, 8, 7, 7, 6, 6, 5, 5, 4, 2])
})

test('keeps the newest rounds, within a bound', () => {
  const log = new AnswerLog()
  for (let round = 0; round < 20_001; round++) log.add(seen(round, round > 0))
  // The first round, whose answer was wrong, is forgotten.
  expect(log.measured()).toMatchObject({ answers: 20_000, accuracyPercent: 100 })
})

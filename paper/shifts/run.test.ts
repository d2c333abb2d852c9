import { describe, expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { analyse } from './analysis.ts'
import { type Answer, answersTo, cascadeOf, measured, testPictures } from './answers.ts'
import type { Measured, ShiftResult, ShiftRun, ShiftSettings } from './settings.ts'
import { sweep } from './sweep.ts'
import { WatchedDevice } from './watching.ts'

const ANSWER: Answer = {
  isUnsure: false,
  isSmallRight: true,
  isLargeRight: true,
  isAgreed: true,
}
const answersOf = (...groups: [count: number, answer: Partial<Answer>][]) =>
  groups.flatMap(([count, answer]) => Array<Answer>(count).fill({ ...ANSWER, ...answer }))

test('the sweep has every strength of every shift, and clean traffic', () => {
  expect(sweep({ quick: false, seeds: 3 })).toHaveLength(3 * 2 * (1 + 5 * 3))
  const quick = sweep({ quick: true, seeds: 1 })
  expect(quick).toHaveLength(2 * (1 + 5))
  expect(quick.filter(({ shift }) => shift === 'none')).toHaveLength(2)
})

test('accuracies are those of the answers given', () => {
  const answers = answersOf(
    [70, {}],
    [10, { isSmallRight: false, isAgreed: false }],
    [15, { isUnsure: true, isSmallRight: false, isAgreed: false }],
    [5, { isUnsure: true, isLargeRight: false, isAgreed: false }],
  )
  expect(measured(answers)).toEqual({
    small: 75,
    large: 95,
    cascade: 85,
    escalated: 20,
    agreed: 87.5,
  })
})

test('the shipped models answer the shipped pictures', async () => {
  const { pictures, labels } = await testPictures()
  expect(pictures).toHaveLength(2000)
  const answers = await answersTo('w025s2', { pictures: pictures.slice(0, 100), labels })
  const { small, large, cascade, escalated } = measured(answers)
  expect(Math.min(small, large, cascade)).toBeGreaterThan(80)
  const { escalatedPercent, margin } = await cascadeOf('w025s2')
  expect(Math.abs(escalatedPercent - 20)).toBeLessThan(3)
  expect(margin).toBeGreaterThan(0.5)
  expect(Math.abs(escalated - escalatedPercent)).toBeLessThan(15)
})

describe('a watched device', () => {
  const device = (told: { shares: boolean; audits: boolean }) =>
    new WatchedDevice(told, 0.2, new Random(3))
  const clean = answersOf([80, {}], [20, { isUnsure: true }])
  const unsure = answersOf([40, {}], [60, { isUnsure: true }])
  const disagreeing = answersOf([40, {}], [40, { isAgreed: false }], [20, { isUnsure: true }])

  test('is in no doubt of clean pictures', () => {
    const watched = device({ shares: true, audits: true })
    expect(watched.answersUntilDoubt(clean, 30_000)).toBeNull()
    expect(watched.doubts).toBe(0)
  })

  test.each([
    [{ shares: true, audits: false }, unsure, disagreeing],
    [{ shares: false, audits: true }, disagreeing, unsure],
  ])('sees what it is told of, %j', (told, seen, unseen) => {
    const watched = device(told)
    for (let answer = 0; answer < 20_000; answer++) watched.answer(clean)
    expect(watched.answersUntilDoubt(unseen, 5000)).toBeNull()
    expect(watched.answersUntilDoubt(seen, 5000)).toBeGreaterThan(0)
    expect(watched.doubts).toBe(1)
    expect(watched.answersUntilDoubt(seen, 5000)).toBe(0)
  })
})

describe('claims', () => {
  const CLEAN: Measured = { small: 90, large: 93, cascade: 93, escalated: 20, agreed: 98 }
  const example = (
    settings: Partial<ShiftSettings>,
    result: Partial<ShiftResult> = {},
  ): ShiftRun => ({
    settings: {
      ...{ seed: 101, small: 'w025s2', shift: 'rotation', strength: 15 },
      ...{ cleanAnswers: 100_000, shiftedAnswers: 20_000, ...settings },
    },
    result: {
      promised: { cascade: 93, escalated: 20 },
      clean: CLEAN,
      shifted: { ...CLEAN, large: 80, cascade: 80 },
      alarms: { share: 100, audit: null, first: 100 },
      falseAlarms: 0,
      ...result,
    },
    provenance: { commit: '', machine: '' },
  })
  const clean = (falseAlarms: number) =>
    example({ shift: 'none', strength: 0 }, { shifted: CLEAN, falseAlarms })
  const analysed = (...runs: ShiftRun[]) => {
    const random = new Random(1)
    return analyse(runs, () => random.uniform())
  }
  const verdicts = (...runs: ShiftRun[]) => analysed(...runs).claims.map(({ holds }) => holds)

  test('hold by the numbers', () => {
    expect(verdicts(clean(1), example({}))).toEqual([true, true, true, true, true])
  })

  test('fail by the numbers', () => {
    expect(verdicts(clean(2), example({}))[0]).toBe(false)
    const late = { share: 301, audit: null, first: 301 }
    expect(verdicts(clean(0), example({}, { alarms: late }))[1]).toBe(false)
    const never = { share: null, audit: 5001, first: 5001 }
    expect(verdicts(clean(0), example({}, { alarms: never })).slice(2, 4)).toEqual([false, true])
    const byAudit = { share: null, audit: 100, first: 100 }
    expect(verdicts(clean(0), example({}, { alarms: byAudit })).slice(2, 4)).toEqual([true, false])
    const worse = { ...CLEAN, large: 85, cascade: 82 }
    expect(verdicts(clean(0), example({}, { shifted: worse }))[4]).toBe(false)
  })

  test('what costs little need not be seen', () => {
    const slight = { ...CLEAN, large: 89, cascade: 89 }
    const unseen = { share: null, audit: null, first: null }
    const turned = example({ strength: 5 }, { shifted: slight, alarms: unseen })
    expect(verdicts(clean(0), turned)).toEqual([true, true])
  })

  test('tables have every shift by pair, and alarms by what sees them', () => {
    const { comparisons, summary } = analysed(clean(0), example({}))
    const of = (measure: string) => comparisons.filter((each) => each.measure.startsWith(measure))
    expect(of('accuracy that')[0]).toMatchObject({ cell: { shift: 'rotation 15°' }, ours: 13 })
    const alarms = of('answers until').map(({ cell, ours }) => [cell['seen by'], ours])
    expect(alarms).toEqual([
      ['share', 100],
      ['audit', null],
      ['first', 100],
    ])
    expect(of('wrong answers').map(({ ours }) => ours)).toEqual([13, null, 13])
    expect(of('false alarms')[0]?.ours).toBe(0)
    expect(summary).toContain('1 ring in the median run')
  })
})

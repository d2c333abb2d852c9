import { expect, test } from 'vitest'
import { closedRound } from './closed-rounds.fixture.ts'
import { RoundLog } from './round-log.ts'
import { progressLine, sparkline } from './screen.ts'

test('a sparkline scales from zero to the largest value and averages what does not fit', () => {
  expect(sparkline([8, 1, 4], 10)).toBe('█▂▅')
  expect(sparkline([8, 8, 2, 2], 2)).toBe('█▃')
  expect(sparkline([], 10)).toBe('')
})

test('the progress line says how many steps were real, and how the newest rounds went', () => {
  const log = new RoundLog()
  expect(progressLine(log)).toBe('waiting for the first round')
  log.add({
    session: 's',
    round: 1,
    agent: 'hybrid',
    goalPercent: 85,
    placements: {},
    accuracyPercent: 85.4,
    progress: { realSteps: 1, plannedSteps: 100, updates: 200 },
    goalViolations: 0,
    closed: closedRound(0, { 'device-1': 'end/d4' }, { 'device-1': 40 }, { accuracyPercent: 88.9 }),
  })
  expect(progressLine(log)).toBe(
    'round 1 · 1 real + 100 planned steps · 40.0 ms · accuracy 88.9 % (goal 85 %)',
  )
})

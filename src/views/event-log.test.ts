import { expect, test } from 'vitest'
import { EventLog } from './event-log.ts'

const textsSince = (log: EventLog, fromMs: number, most?: number) =>
  log.since(fromMs, most).map(({ text }) => text)

test('events are numbered, and say which node they are about where there is one', () => {
  const log = new EventLog()
  log.add('goal', '85 % → 90 %', 10)
  log.add('down', 'camera-1 is gone', 20, 'camera-1')
  expect(log.since(0)).toEqual([
    { id: 0, kind: 'goal', text: '85 % → 90 %', atMs: 10 },
    { id: 1, kind: 'down', text: 'camera-1 is gone', atMs: 20, node: 'camera-1' },
  ])
})

test('of those since a time the newest are told, oldest first', () => {
  const log = new EventLog()
  for (let at = 1; at <= 5; at++) log.add('goal', `e${at}`, at)
  expect(textsSince(log, 3)).toEqual(['e3', 'e4', 'e5'])
  expect(textsSince(log, 2, 2)).toEqual(['e4', 'e5'])
  expect(textsSince(log, 6)).toEqual([])
})

test('a thousand are kept, and none has another’s number', () => {
  const log = new EventLog()
  for (let at = 0; at < 1003; at++) log.add('up', `e${at}`, at)
  const kept = log.since(0)
  expect([kept.length, kept[0]?.id, kept.at(-1)?.id]).toEqual([1000, 3, 1002])
})

test('a long sentence is cut, and says so, also when it is told in other words', () => {
  const log = new EventLog()
  log.add('refused', 'x'.repeat(600), 0)
  log.add('refused', 'y'.repeat(601), 1)
  expect(textsSince(log, 0)).toEqual(['x'.repeat(600), `${'y'.repeat(600)}…`])
  log.amend('refused', 'z'.repeat(601))
  expect(textsSince(log, 1)).toEqual([`${'z'.repeat(600)}…`])
})

test('the newest event alone is told in other words, where it is of the kind', () => {
  const log = new EventLog()
  expect(log.amend('below-goal', 'none yet')).toBe(false)
  log.add('below-goal', 'A round was', 1, 'cloud')
  expect(log.amend('below-goal', '2 rounds were')).toBe(true)
  expect(log.since(0)).toEqual([
    { id: 0, kind: 'below-goal', text: '2 rounds were', atMs: 1, node: 'cloud' },
  ])
  log.add('up', 'camera-1 is back', 2)
  expect(log.amend('below-goal', '3 rounds were')).toBe(false)
  expect(textsSince(log, 0)).toEqual(['2 rounds were', 'camera-1 is back'])
})

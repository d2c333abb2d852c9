import { expect, it } from 'vitest'
import { parseTrace } from '../simulation/workload/trace-file.ts'
import { ArrivalLog } from './arrival-log.ts'

it('is a trace from 0 on, which the simulator reads', () => {
  const log = new ArrivalLog()
  log.note(5000, 80, 5)
  log.note(5012.5, Number.POSITIVE_INFINITY, 1)
  log.note(5020.25, 150.5, 9)
  expect(log.trace()).toBe('0.000000 80.000 5\n0.020250 150.500 9\n')
  const [, second] = parseTrace(log.trace(), 'arrival-times')
  expect(second).toMatchObject({ arrivalMs: 20.25, deadlineMs: 150.5, priority: 9 })
})

it('keeps the latest alone, in order', () => {
  const log = new ArrivalLog(3)
  for (let index = 0; index < 8; index++) log.note(1000 * index, 10, 5)
  const times = log
    .trace()
    .trim()
    .split('\n')
    .map((line) => Number(line.split(' ')[0]))
  expect(times).toEqual([0, 1, 2])
  log.note(10_000, 10, 5)
  expect(log.trace().trim().split('\n')).toHaveLength(3)
  expect(log.trace()).toContain('4.000000 10.000 5\n')
})

it('tells when the latest came, how long most of them could wait, and how many came in all', () => {
  const log = new ArrivalLog(3)
  for (const [atMs = 0, deadlineMs = 0] of [
    [1, 900],
    [2, 50],
    [4, 70],
    [8, 60],
  ])
    log.note(atMs, deadlineMs, 5)
  expect(log.latest()).toEqual({ arrivalsMs: Float64Array.of(2, 4, 8), usualDeadlineMs: 60 })
  expect(log.total).toBe(4)
})

it('is empty at first', () => {
  expect(new ArrivalLog().trace()).toBe('')
})

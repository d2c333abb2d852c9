import { pino } from 'pino'
import { beforeEach, expect, it } from 'vitest'
import type { DeviceDecision } from '../control/messages.ts'
import { OrchestratorInForce } from './orchestrator-in-force.ts'

const decisionOf = (session: string, epoch: number, round = 1): DeviceDecision => ({
  ...{ session, epoch, round, device: 'dev1', fallbackAccuracyPercent: 0 },
  placement: { tier: 'end', variant: 'd7' },
})

let lines: string[]
let inForce: OrchestratorInForce
beforeEach(() => {
  lines = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })
  inForce = new OrchestratorInForce(logger)
})

it('obeys who announced itself, and refuses lower epochs and unknown sessions, once in the log', () => {
  inForce.announce({ session: 'a', epoch: 5 })
  expect(inForce.judge(decisionOf('a', 5))).toBe('obey')
  expect(inForce.judge(decisionOf('NOBODY', 5))).toBe('refuse')
  expect(inForce.judge(decisionOf('a', 4))).toBe('refuse')
  for (let again = 0; again < 100; again++) inForce.judge(decisionOf('nobody', 4))
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('not from the orchestrator in force')
  expect(inForce.judge(decisionOf('a', 5))).toBe('obey')
})

it('follows a higher epoch, and no lower one after it', () => {
  inForce.announce({ session: 'a', epoch: 5 })
  inForce.announce({ session: 'b', epoch: 6 })
  expect(inForce.judge(decisionOf('b', 6))).toBe('obey')
  expect(inForce.announce({ session: 'a', epoch: 5 })).toBeUndefined()
  expect(inForce.judge(decisionOf('a', 5))).toBe('refuse')
  expect(inForce.judge(decisionOf('b', 6))).toBe('obey')
})

it('of two of one epoch follows the session that is later in the alphabet, as orchestrators do', () => {
  inForce.announce({ session: 'b', epoch: 6 })
  inForce.announce({ session: 'a', epoch: 6 })
  expect(inForce.judge(decisionOf('a', 6))).toBe('refuse')
  inForce.announce({ session: 'c', epoch: 6 })
  expect(inForce.judge(decisionOf('c', 6))).toBe('obey')
  expect(inForce.judge(decisionOf('b', 6))).toBe('refuse')
})

it('lets a decision wait for its announcement: topics may overtake each other', () => {
  expect(inForce.judge(decisionOf('a', 5, 1))).toBe('wait')
  expect(inForce.judge(decisionOf('forged', 9))).toBe('wait')
  expect(inForce.judge(decisionOf('a', 5, 2))).toBe('wait')
  expect(inForce.announce({ session: 'a', epoch: 5 })).toEqual(decisionOf('a', 5, 2))
  expect(inForce.announce({ session: 'a', epoch: 5 })).toBeUndefined()
  expect(lines).toEqual([])
})

it('bounds what waits', () => {
  for (let count = 0; count < 1000; count++) inForce.judge(decisionOf(`s${count}`, 5))
  expect(inForce.announce({ session: 's0', epoch: 5 })).toBeUndefined()
})

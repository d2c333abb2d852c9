import { pino } from 'pino'
import { afterEach, expect, test, vi } from 'vitest'
import { isLoopback, refuseExposure, warnOfExposure } from './exposure.ts'

afterEach(() => vi.useRealTimers())

const node = {
  host: '0.0.0.0',
  name: 'edge-1',
  tier: 'edge',
  hasCredentials: false,
  insecure: false,
} as const

test.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.7', false],
  ['127.evil.example', false],
])('%s is of this machine alone: %s', (host, is) => {
  expect(isLoopback(host)).toBe(is)
})

test('open to other machines without credentials is refused, with the two commands that mend it', () => {
  expect(() => refuseExposure(node)).toThrow('tierwise access init fleet')
  expect(() => refuseExposure(node)).toThrow(
    'tierwise access add edge-1 --tier edge --authority fleet',
  )
  refuseExposure({ ...node, host: '127.0.0.1' })
  refuseExposure({ ...node, hasCredentials: true })
  refuseExposure({ ...node, insecure: true })
})

test('who lets everybody in is told at once and every minute', () => {
  vi.useFakeTimers()
  const lines: string[] = []
  const logger = pino({}, { write: (line: string) => lines.push(line) })
  const stop = warnOfExposure({ ...node, insecure: true }, logger)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('INSECURE')
  vi.advanceTimersByTime(180_000)
  expect(lines).toHaveLength(4)
  stop()
  vi.advanceTimersByTime(180_000)
  warnOfExposure({ ...node, insecure: true, host: '::1' }, logger)
  warnOfExposure({ ...node, hasCredentials: true }, logger)
  expect(lines).toHaveLength(4)
})

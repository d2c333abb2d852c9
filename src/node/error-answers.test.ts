import { pino } from 'pino'
import { beforeEach, expect, it } from 'vitest'
import { DeadlineError, InvalidInputError } from '../errors.ts'
import { ErrorAnswers } from './error-answers.ts'

let nowMs: number
let codes: string[]
let lines: Readonly<Record<string, unknown>>[]
let answers: ErrorAnswers

beforeEach(() => {
  nowMs = 0
  codes = []
  lines = []
  answers = new ErrorAnswers({
    count: (code) => codes.push(code),
    logger: pino(
      { level: 'debug' },
      { write: (line: string) => void lines.push(JSON.parse(line)) },
    ),
    clock: { nowMs: () => nowMs, sleep: async () => {} },
  })
})

const refused = { requestId: 'mine-7', request: 'POST /v2/models/m/infer?key=secret' }

it('counts by code, and names the request, its path and the reason', () => {
  answers.note(new DeadlineError('too late'), refused)
  expect(codes).toEqual(['deadline'])
  expect(lines[0]).toMatchObject({
    level: 40,
    requestId: 'mine-7',
    request: 'POST /v2/models/m/infer',
    status: 503,
    code: 'deadline',
    reason: 'too late',
  })
  expect(JSON.stringify(lines)).not.toContain('secret')
})

it('warns once a minute for each code, and tells the others to who debugs', () => {
  for (nowMs of [0, 1000, 61_000]) answers.note(new DeadlineError('too late'), refused)
  answers.note(new TypeError('a fault'), refused)
  expect(lines.map(({ level, code }) => [level, code])).toEqual([
    [40, 'deadline'],
    [20, 'deadline'],
    [40, 'deadline'],
    [40, 'internal'],
  ])
})

it('warns of no client’s fault', () => {
  answers.note(new InvalidInputError('no such input'), refused)
  answers.note(Object.assign(new Error('too large'), { statusCode: 413, code: 'FST_TOO' }), refused)
  expect(lines.map(({ level, status }) => [level, status])).toEqual([
    [20, 400],
    [20, 413],
  ])
  expect(codes).toEqual(['invalid-input', 'FST_TOO'])
})

import { pino } from 'pino'
import { expect, test } from 'vitest'
import { refusalLog } from './refusal-log.ts'

function logged() {
  const lines: string[] = []
  const log = refusalLog(pino({}, { write: (line: string) => void lines.push(line) }))
  return { log, texts: () => lines.map((line) => JSON.parse(line).msg) }
}

test('who keeps trying is told once, others by themselves', () => {
  const { log, texts } = logged()
  for (let time = 0; time < 100; time++) log('camera-1', 'wrong password')
  log('camera-2', 'wrong password, too')
  log(undefined, 'nobody')
  expect(texts()).toEqual(['wrong password', 'wrong password, too', 'nobody'])
})

test('it remembers a thousand', () => {
  const { log, texts } = logged()
  for (let name = 0; name < 1001; name++) log(String(name), 'x')
  log('1000', 'x')
  expect(texts()).toHaveLength(1001)
  log('0', 'forgotten, so told again')
  expect(texts().at(-1)).toBe('forgotten, so told again')
})

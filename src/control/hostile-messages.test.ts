/** Ten thousand seeded messages, good ones with something broken in them: none throws, and what is heard keeps to its schema. */
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { Random } from '../random.ts'
import { decisionOf, liveTelemetry, observationOf } from './control-plane.conformance.ts'
import { Inbox } from './inbox.ts'
import { type MessageKind, schemas } from './messages.ts'

const MESSAGES = 10_000
const ODD = [null, -1, 1.7e308, 3_600_001, '', '__proto__', [], {}, true, 'x'.repeat(5000), [[[]]]]
const GOOD = [
  ['tw/telemetry/device-1', liveTelemetry],
  ['tw/observation/device-1', observationOf(1)],
  ['tw/decision/device-1', decisionOf('device-1', 1)],
  ['tw/goal', { accuracyPercent: 85, agent: 'hybrid' }],
] as const

/** The same with something odd in one place, or in none. */
function broken(message: object, random: Random): unknown {
  const copy: Record<string, unknown> = structuredClone({ ...message })
  const keys = Object.keys(copy)
  const key = keys[random.integer(keys.length)] ?? ''
  const field = copy[key]
  const isDeep = typeof field === 'object' && field !== null && random.uniform() < 0.7
  copy[key] = isDeep ? broken(field, random) : ODD[random.integer(ODD.length)]
  return copy
}

it(`takes ${MESSAGES} broken messages (fuzz)`, () => {
  const random = new Random(14)
  const inbox = new Inbox(
    'tw',
    { nowMs: () => 0, sleep: async () => {} },
    pino({ level: 'silent' }),
  )
  let heard = 0
  for (const kind of Object.keys(schemas) as MessageKind[]) {
    inbox.listen(kind, undefined, (message) => {
      heard += 1
      expect(schemas[kind].safeParse(message).success).toBe(true)
    })
  }
  for (let count = 0; count < MESSAGES; count++) {
    const [topic, message] = GOOD[random.integer(GOOD.length)] ?? GOOD[0]
    const text = JSON.stringify(random.uniform() < 0.9 ? broken(message, random) : message)
    const bytes = Buffer.from(text)
    if (random.uniform() < 0.2) bytes[random.integer(bytes.length)] = random.integer(256)
    inbox.receive(random.uniform() < 0.95 ? topic : `${topic}/x`, bytes)
  }
  expect(heard + inbox.dropped).toBe(MESSAGES)
  expect(heard).toBeGreaterThan(500)
  expect(inbox.dropped).toBeGreaterThan(5000)
})

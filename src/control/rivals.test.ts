import { pino } from 'pino'
import { expect, it } from 'vitest'
import { startBroker } from './broker.ts'
import { connectControlPlane } from './mqtt-control-plane.ts'
import { RECONNECT_PERIOD_MS, Rivals } from './rivals.ts'

function watched() {
  const lines: { level: number; msg: string }[] = []
  const logger = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) })
  return { lines, logger, rivals: new Rivals('edge', 'mqtt://host', logger) }
}

it('notices a rival by connections that end within seconds, says so once, and makes way', () => {
  const { lines, rivals } = watched()
  const periodsMs: number[] = []
  for (let nowMs = 0, time = 0; time < 12; time++, nowMs += 1000) {
    rivals.connected(nowMs)
    periodsMs.push(rivals.closed(nowMs + 100))
  }
  expect(periodsMs.slice(0, 5)).toEqual([500, 500, 1000, 2000, 4000])
  expect(periodsMs.at(-1)).toBe(60_000)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatchObject({ level: 50, msg: expect.stringContaining('"edge"') })
  rivals.connected(1e6)
  expect(rivals.closed(2e6)).toBe(RECONNECT_PERIOD_MS)
})

it('takes attempts that fail, and connections that held, for no rival', () => {
  const { lines, rivals } = watched()
  for (let time = 0; time < 10; time++) {
    expect(rivals.closed(time * 100_000)).toBe(RECONNECT_PERIOD_MS)
    rivals.connected(time * 100_000)
    expect(rivals.closed(time * 100_000 + 20_000)).toBe(RECONNECT_PERIOD_MS)
  }
  expect(lines).toEqual([])
})

it('tells two clients of one name at a broker', async () => {
  const { lines, logger } = watched()
  const broker = await startBroker({ port: 0, host: '127.0.0.1', logger })
  const connect = () =>
    connectControlPlane({ url: broker.url, clientId: 'edge', logger, startOffline: true })
  const planes = [await connect(), await connect()]
  const errors = () => lines.filter(({ level }) => level === 50)
  await expect.poll(() => errors().length, { timeout: 20_000 }).toBeGreaterThan(0)
  expect(errors()[0]?.msg).toContain('another node of that name')
  for (const plane of planes) await plane.close()
  await broker.close()
}, 30_000)

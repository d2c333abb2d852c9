import { gunzipSync } from 'node:zlib'
import fastify from 'fastify'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SharedAnswer } from './compressed.ts'

const LARGE = { text: 'é'.repeat(1000) }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A route of what is made, as fresh as 100 ms, and how to ask it. */
function routeOf(make: () => Promise<unknown>) {
  const shared = new SharedAnswer(make, 100)
  const app = fastify()
  app.get('/', (request, reply) => shared.send(request, reply))
  const ask = (encoding?: string) =>
    app.inject({ url: '/', headers: encoding === undefined ? {} : { 'accept-encoding': encoding } })
  return { shared, ask }
}

describe('an answer', () => {
  test('is made once for all who ask while it is fresh', async () => {
    let made = 0
    const { shared, ask } = routeOf(async () => ({ made: ++made }))
    const told = async () => (await ask()).json().made
    expect(await Promise.all([told(), told(), told()])).toEqual([1, 1, 1])
    vi.advanceTimersByTime(100)
    expect(await told()).toBe(1)
    vi.advanceTimersByTime(1)
    expect(await told()).toBe(2)
    shared.renew()
    expect(await told()).toBe(3)
  })

  test('that could not be made is made anew later', async () => {
    let isBroken = true
    const { ask } = routeOf(async () => {
      if (isBroken) throw new Error('no fleet')
      return {}
    })
    expect((await ask()).statusCode).toBe(500)
    isBroken = false
    vi.advanceTimersByTime(101)
    expect((await ask()).statusCode).toBe(200)
  })
})

describe('an answer is compressed', () => {
  const { ask } = routeOf(async () => LARGE)

  test.each(['gzip', 'GZIP', 'br, gzip;q=0.5', 'deflate, gzip', '*'])(
    'for who takes it: %s',
    async (encoding) => {
      const { headers, rawPayload } = await ask(encoding)
      expect(headers['content-encoding']).toBe('gzip')
      expect(JSON.parse(gunzipSync(rawPayload).toString())).toEqual(LARGE)
      expect(rawPayload.length).toBeLessThan(200)
      expect(headers).toMatchObject({ vary: 'accept-encoding', 'cache-control': 'no-store' })
    },
  )

  test.each([undefined, '', 'identity', 'br', 'gzip;q=0', 'gzip; q=0.0, br', 'gzipped'])(
    'and not for who does not: %s',
    async (encoding) => {
      const answer = await ask(encoding)
      expect(answer.headers).not.toHaveProperty('content-encoding')
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
      expect(answer.json()).toEqual(LARGE)
    },
  )

  test('where it is worth it: from 1024 bytes on, not characters', async () => {
    // Two quotes and letters of two bytes.
    const codingOf = async (letters: number) =>
      (await routeOf(async () => 'é'.repeat(letters)).ask('gzip')).headers['content-encoding']
    expect([await codingOf(510), await codingOf(511)]).toEqual([undefined, 'gzip'])
  })
})

import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { WireBody } from '../../protocol/messages.ts'
import { driveOpenLoop, type OpenLoopOptions } from './open-loop.ts'

const wires: WireBody[] = ['one', 'two'].map((text) => {
  return { body: Buffer.from(`{}${text}`), jsonLength: 2 }
})

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** @param answer how the server answers, the whole request being read */
async function drive(
  answer: RequestListener,
  options: Partial<OpenLoopOptions> | ((url: string) => Partial<OpenLoopOptions>) = {},
) {
  const listening = createServer((request, response) => {
    request.resume().on('end', () => answer(request, response))
  })
  server = listening
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  const { port } = listening.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return driveOpenLoop({
    urls: [url],
    model: 'd 0',
    wires,
    arrivalsMs: Float64Array.of(0, 20, 40),
    timeoutMs: 2000,
    inFlightLimit: 8,
    signal: new AbortController().signal,
    ...(typeof options === 'function' ? options(url) : options),
  })
}

const answered: RequestListener = (_request, response) =>
  response
    .setHeader('x-tierwise-decision', 'edge/d4')
    .setHeader('x-tierwise-accuracy', '88.9')
    .end('{}')

test('sends every request once, as encoded, in turn', async () => {
  const seen: unknown[] = []
  const answers = await drive((request, response) => {
    const { method, url, headers } = request
    const length = headers['inference-header-content-length']
    seen.push([method, url, length, headers['content-length']])
    answered(request, response)
  })
  expect(seen).toEqual(Array(3).fill(['POST', '/v2/models/d%200/infer', '2', '5']))
  expect(answers.map(({ outcome }) => outcome)).toEqual(
    Array(3).fill({ kind: 'answered', variant: 'd4', tier: 'edge', accuracyPercent: 88.9 }),
  )
  expect(answers.map(({ intendedMs }) => intendedMs)).toEqual([0, 20, 40])
  for (const { lagMs } of answers) expect(lagMs).toBeGreaterThan(-1)
})

test('sends to several nodes in turn', async () => {
  const other = createServer((request, response) => {
    request.resume().on('end', () => response.setHeader('x-tierwise-decision', 'end/d7').end('{}'))
  })
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const answers = await drive(answered, (first) => ({ urls: [first, url] }))
  other.closeAllConnections()
  other.close()
  expect(answers.map(({ outcome }) => outcome)).toEqual([
    expect.objectContaining({ variant: 'd4', tier: 'edge' }),
    { kind: 'answered', variant: 'd7', tier: 'end', accuracyPercent: Number.NaN },
    expect.objectContaining({ variant: 'd4', tier: 'edge' }),
  ])
})

test('does not wait for a slow server, and counts from the intended time', async () => {
  let here = 0
  let most = 0
  const answers = await drive((request, response) => {
    most = Math.max(most, ++here)
    setTimeout(() => {
      here -= 1
      answered(request, response)
    }, 300)
  })
  expect(most).toBe(3)
  for (const { responseTimeMs } of answers) expect(responseTimeMs).toBeGreaterThanOrEqual(295)
})

test('sends no more than may be on their way, and says which were not sent', async () => {
  const answers = await drive(
    (request, response) => setTimeout(() => answered(request, response), 300),
    { inFlightLimit: 2 },
  )
  expect(answers.map(({ outcome, lagMs }) => [outcome.kind, lagMs === undefined])).toEqual([
    ['answered', false],
    ['answered', false],
    ['failed', true],
  ])
  expect(answers[2]?.outcome).toEqual({ kind: 'failed', reason: 'not sent' })
})

test('tells drops by their reason, and failures from drops', async () => {
  const bodies = [
    [503, '{"error":"dropped (expired): the deadline was 3.0 ms away"}'],
    [503, '{"error":"the queue is full: 64 requests wait already; try later"}'],
    [500, '{"error":"boom"}'],
  ] as const
  let next = 0
  const answers = await drive((_request, response) => {
    const [status, body] = bodies[next++] ?? [200, '']
    response.writeHead(status).end(body)
  })
  expect(answers.map(({ outcome }) => outcome)).toEqual([
    { kind: 'dropped', reason: 'expired' },
    { kind: 'dropped', reason: 'queue-full' },
    { kind: 'failed', reason: 'status 500' },
  ])
})

test('a request cut off is a failure, not the end', async () => {
  const cut = await drive((request) => request.socket.destroy())
  expect(cut.map(({ outcome }) => outcome.kind)).toEqual(['failed', 'failed', 'failed'])
})

test('ends at once when aborted', async () => {
  const aborted = new AbortController()
  const startMs = performance.now()
  setTimeout(() => aborted.abort(), 50)
  const arrivalsMs = Float64Array.of(0, 60_000)
  const answers = await drive(() => {}, { arrivalsMs, signal: aborted.signal })
  expect(performance.now() - startMs).toBeLessThan(5000)
  expect(answers.length).toBeLessThanOrEqual(1)
})

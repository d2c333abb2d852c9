/** What the client makes of servers that are not ours, whatever they say. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  BadGatewayError,
  DeadlineError,
  TierwiseClient,
  TierwiseError,
  TimeoutError,
  UnauthorizedError,
  UnavailableError,
} from './client.ts'

let answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void
let requests: IncomingMessage[]
const server = createServer(async (request, response) => {
  requests.push(request)
  answer(request, response, Buffer.concat(await request.toArray()))
})
let url: string
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  requests = []
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
const says = (status: number, body: unknown, headers = {}) => {
  answer = (_, response) => response.writeHead(status, headers).end(JSON.stringify(body))
}
const infer = (options = {}, client = new TierwiseClient(url)) =>
  client.infer('m', new Uint8Array([1, 2]), options)

it('is sent a picture as it is, what is asked in the address, and the token', async () => {
  let received: Uint8Array = new Uint8Array()
  const outputs = [
    { name: 'y', datatype: 'BYTES', shape: [1, 2], data: ['0.9:7:a:b', '0.1:2'] },
    { name: 'z', datatype: 'FP32', shape: [1, 2], data: [[1, 2]] },
  ]
  answer = (_, response, body) => {
    received = body
    const headers = { 'x-tierwise-response-ms': '1.250' }
    const said = { model_name: 'm', parameters: { label: 'a:b' }, outputs }
    response.writeHead(200, headers).end(JSON.stringify(said))
  }
  const client = new TierwiseClient(url, { token: 'secret' })
  const options = { id: 'a b', deadlineMs: 80, minAccuracy: 70, priority: 1, classes: 2 }
  const { label, classes, responseTimeMs, servedBy, ...rest } = await infer(options, client)
  expect([...received]).toEqual([1, 2])
  expect(requests[0]?.url).toBe(
    '/v2/models/m/infer?id=a+b&classification=2&deadline_ms=80&min_accuracy=70&priority=1',
  )
  expect(requests[0]?.headers.authorization).toBe('Bearer secret')
  expect({ label, responseTimeMs, servedBy }).toEqual({ label: 'a:b', responseTimeMs: 1.25 })
  expect(classes).toEqual([
    { score: 0.9, index: 7, label: 'a:b' },
    { score: 0.1, index: 2 },
  ])
  expect(rest.outputs[1]?.data).toEqual([1, 2])
})

it('is asked once for the names of the outputs that are wanted as classes', async () => {
  const asked: string[] = []
  answer = (request, response, body) => {
    asked.push(`${request.method} ${body}`)
    const outputs = [{ name: 'y', datatype: 'BYTES', shape: [1], data: ['2:0'] }]
    response.end(JSON.stringify({ outputs }))
  }
  const client = new TierwiseClient(url)
  const tensor = { name: 'x', datatype: 'FP32', shape: [1], data: [5] } as const
  await client.infer('m', [tensor], { classes: 1 })
  const { classes } = await client.infer('m', [tensor], { classes: 1, deadlineMs: 9 })
  expect(classes).toEqual([{ score: 2, index: 0 }])
  expect(asked.map((text) => text.split(' ')[0])).toEqual(['GET', 'POST', 'POST'])
  expect(JSON.parse(asked[2]?.slice(5) ?? '')).toEqual({
    parameters: { deadline_ms: 9 },
    outputs: [{ name: 'y', parameters: { classification: 1 } }],
    inputs: [tensor],
  })
})

it('may refuse in its own words: the status tells the error', async () => {
  says(401, { error: 'who are you?' })
  await expect(infer()).rejects.toThrow(UnauthorizedError)
  says(418, 'tea')
  await expect(infer()).rejects.toMatchObject({ code: 'remote-error', status: 418 })
  answer = (_, response) => response.writeHead(502).end('<html>proxy')
  await expect(infer()).rejects.toThrow('answered 502: <html>proxy')
})

it('is asked again only where it says when, the deadline is not over, and time is left', async () => {
  says(503, { error: 'no' })
  await expect(infer()).rejects.toThrow(UnavailableError)
  says(503, { error: 'no' }, { 'retry-after': '60' })
  await expect(infer()).rejects.toMatchObject({ retryAfterMs: 60_000 })
  says(503, { error: 'no' }, { 'retry-after-ms': '1', 'x-tierwise-error': 'deadline' })
  await expect(infer({ deadlineMs: 10 })).rejects.toThrow(DeadlineError)
  expect(requests).toHaveLength(3)
  says(503, { error: 'no' }, { 'retry-after': '0' })
  await expect(infer()).rejects.toThrow(UnavailableError)
  expect(requests).toHaveLength(6)
})

it.each([
  ['no JSON', 'hello'],
  ['no outputs', '{"outputs":{}}'],
  ['an output without data', '{"outputs":[{"name":"y","datatype":"FP32","shape":[1]}]}'],
  ['a datatype nobody knows', '{"outputs":[{"name":"y","datatype":"FP8","shape":[1],"data":[1]}]}'],
  [
    'fewer bytes than it says',
    '{"outputs":[{"name":"y","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}}]}',
  ],
])('may answer %s: that is its fault', async (_, body) => {
  answer = (_request, response) => response.end(body)
  await expect(infer()).rejects.toThrow(BadGatewayError)
})

it('may be silent, or gone', async () => {
  answer = () => {}
  const hasty = new TierwiseClient(url, { timeoutMs: 30 })
  await expect(infer({}, hasty)).rejects.toThrow(TimeoutError)
  const nobody = new TierwiseClient('http://127.0.0.1:1')
  await expect(infer({}, nobody)).rejects.toThrow(UnavailableError)
})

it('is left alone when the caller does not want the answer any more, also between two tries', async () => {
  answer = () => {}
  const reason = new Error('enough')
  const silent = AbortSignal.abort(reason)
  await expect(infer({ signal: silent })).rejects.toBe(reason)
  says(503, { error: 'no' }, { 'retry-after': '5' })
  const abort = new AbortController()
  const waiting = infer({ signal: abort.signal })
  setTimeout(() => abort.abort(reason), 20)
  await expect(waiting).rejects.toBe(reason)
  expect(requests.length).toBeLessThan(3)
})

it('is told labels', async () => {
  let body = ''
  answer = (_, response, received) => {
    body = received.toString()
    response.end('{}')
  }
  await new TierwiseClient(url).feedback('7', 'boot')
  expect([requests[0]?.url, JSON.parse(body)]).toEqual([
    '/v2/tierwise/feedback',
    { id: '7', label: 'boot' },
  ])
})

it('has errors that are all of one kind', () => {
  expect(new DeadlineError('x')).toBeInstanceOf(TierwiseError)
})

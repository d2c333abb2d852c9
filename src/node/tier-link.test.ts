import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, expect, it, vi } from 'vitest'
import { systemClock } from '../clock.ts'
import { DeadlineError } from '../errors.ts'
import { decodeInferRequest } from '../protocol/codec.ts'
import type { InferCall } from '../protocol/inference-handler.ts'
import type { InferRequest } from '../protocol/messages.ts'
import { silent } from './start-node.fixture.ts'
import { TierLink } from './tier-link.ts'

const servers: Server[] = []
/** Stands for the decoder of pictures: its tensor has one element. */
const pictures = {
  prepare: async ({ id, parameters }: InferRequest): Promise<InferRequest> => ({
    ...(id !== undefined && { id }),
    ...(parameters && { parameters }),
    inputs: [{ name: 'x', datatype: 'UINT8', shape: [1], data: Uint8Array.of(9) }],
  }),
}
const links: TierLink[] = []
afterEach(async () => {
  for (const link of links.splice(0)) await link.close()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function linkTo(answer: RequestListener, timeoutMs = 300) {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  const url = `http://127.0.0.1:${address.port}`
  const link = new TierLink({ url, timeoutMs, pictures, clock: systemClock, logger: silent })
  links.push(link)
  return link
}

function call(size = 100) {
  const abort = new AbortController()
  const inferCall = {
    model: 'm',
    wire: { body: new Uint8Array(size).fill(7), jsonLength: 3 },
    headers: {},
    signal: abort.signal,
    decode: () => {
      throw new Error('a forwarded body is never decoded')
    },
  } satisfies InferCall
  return { abort, inferCall }
}

it('passes the body on as it is and brings the answer and its times back as they are', async () => {
  const received: unknown[] = []
  const link = await linkTo((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const length = request.headers['inference-header-content-length']
      received.push(request.url, length, Buffer.concat(chunks))
      response.writeHead(200, {
        'inference-header-content-length': '2',
        'x-tierwise-queue-ms': '1.5',
        'x-tierwise-compute-ms': '12',
      })
      response.end('{}tail')
    })
  })
  const { inferCall } = call()
  expect(await link.forward('d0', inferCall, 300, 85)).toEqual({
    content: { body: new Uint8Array(Buffer.from('{}tail')), jsonLength: 2 },
    queueMs: 1.5,
    computeMs: 12,
  })
  expect(received).toEqual(['/v2/models/d0/infer', '3', Buffer.alloc(100, 7)])
  expect(link.takeBandwidthMbps()).toBeUndefined()
})

/** The call of a picture. */
function pictureCall() {
  const frame = { mediaType: 'image/png' as const, query: 'id=7&deadline_ms=90' }
  const wire = { body: Buffer.from('\x89PNG…'), picture: frame }
  const metadata = { name: 'm', platform: 'p', inputs: [], outputs: [] }
  const decode = () => decodeInferRequest(wire, () => metadata)
  return { ...call().inferCall, wire, decode }
}

/** A tier that keeps what it is sent. @param extensions it announces; undefined: it answers 404 */
async function keepingTier(extensions?: readonly string[]) {
  const received: unknown[] = []
  const link = await linkTo((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      if (request.method === 'GET') {
        response.writeHead(extensions ? 200 : 404)
        response.end(JSON.stringify({ name: 'other', version: '1', extensions }))
        return
      }
      received.push(request.url, request.headers['content-type'], Buffer.concat(chunks))
      response.writeHead(200, { 'x-tierwise-label': 'gr%C3%BCn 5%25' })
      response.end('{"model_name":"d0","outputs":[]}')
    })
  }, 5000)
  return { link, received }
}

it('passes a picture on encoded, with its query, and brings its label back', async () => {
  const { link, received } = await keepingTier(['image'])
  const answer = await link.forward('d0', pictureCall(), 5000, 85)
  expect(received).toEqual([
    '/v2/models/d0/infer?id=7&deadline_ms=90',
    'image/png',
    Buffer.from('\x89PNG…'),
  ])
  expect(answer?.content).toMatchObject({ label: 'grün 5%' })
})

it.each([[['binary_tensor_data']], [undefined]])(
  'sends a picture’s tensor to a tier that announces %j, and decodes the answer',
  async (extensions) => {
    const { link, received } = await keepingTier(extensions)
    const answer = await link.forward('d0', pictureCall(), 5000, 85)
    const [url, type, body] = received
    expect([url, type]).toEqual(['/v2/models/d0/infer', 'application/octet-stream'])
    expect(String(body)).toMatch(/^\{"id":"7","parameters":\{"deadline_ms":90,.*\} *\t$/)
    expect(answer?.content).toEqual({ model_name: 'd0', outputs: [] })
  },
)

it('measures bandwidth from large bodies, once', async () => {
  const link = await linkTo((request, response) => {
    request.resume().on('end', () => setTimeout(() => response.end('{}'), 100))
  })
  await link.forward('d0', call(1_000_000).inferCall, 300, 85)
  const mbps = link.takeBandwidthMbps()
  // 8 Mbit in at least 100 ms.
  expect(mbps).toBeGreaterThan(1)
  expect(mbps).toBeLessThan(81)
  expect(link.takeBandwidthMbps()).toBeUndefined()
})

it.each([
  ['hangs', () => {}],
  ['fails', (_request, response) => response.writeHead(500).end('{"error":"oh"}')],
  ['is overloaded', (_request, response) => response.writeHead(503).end()],
  ['cuts the connection', (request) => request.socket.destroy()],
] satisfies [string, RequestListener][])('is down when the tier %s', async (_what, answer) => {
  const link = await linkTo(answer)
  expect(await link.forward('d0', call().inferCall, 300, 85)).toBeUndefined()
  expect(link.up).toBe(false)
})

it('waits no longer than it may', async () => {
  const link = await linkTo(() => {}, 60_000)
  expect(await link.forward('d0', call().inferCall, 50, 85)).toBeUndefined()
  expect(await link.forward('d0', call().inferCall, 0, 85)).toBeUndefined()
})

it('stays up where an answer is of no use any more before it is due', async () => {
  const link = await linkTo(() => {})
  const { inferCall } = call()
  expect(await link.forward('d0', inferCall, 300, 0, 20)).toBeUndefined()
  expect(link.up).toBe(true)
  expect(await link.forward('d0', inferCall, 300, 0, 0)).toBeUndefined()
  expect(link.up).toBe(true)
  expect(await link.forward('d0', inferCall, 20, 0, 300)).toBeUndefined()
  expect(link.up).toBe(false)
})

it('is up again once the tier says that it is ready', async () => {
  let ready = false
  const link = await linkTo((request, response) => {
    const status = request.method === 'GET' && ready ? 200 : 503
    request.resume().on('end', () => response.writeHead(status).end('{}'))
  })
  await link.forward('d0', call().inferCall, 300, 85)
  await new Promise((resolve) => setTimeout(resolve, 250))
  expect(link.up).toBe(false)
  ready = true
  await vi.waitFor(() => expect(link.up).toBe(true), { timeout: 5000 })
})

it('passes on the client’s error, and stays up', async () => {
  const link = await linkTo((_request, response) => {
    response.writeHead(400).end('{"error":"odd shape"}')
  })
  const forwarded = link.forward('d0', call().inferCall, 300, 85)
  await expect(forwarded).rejects.toMatchObject({ status: 400 })
  await expect(forwarded).rejects.toThrow('odd shape')
  expect(link.up).toBe(true)
})

it('stays up when the tier only dropped the request for its deadline', async () => {
  const link = await linkTo((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(503, { 'x-tierwise-error': 'deadline' }).end('{"error":"too late"}')
    })
  })
  await expect(link.forward('d0', call().inferCall, 300, 85)).rejects.toThrow(DeadlineError)
  expect(link.up).toBe(true)
})

it('leaves a tier that has no room alone until it expects to have', async () => {
  const link = await linkTo((request, response) => {
    const headers = { 'x-tierwise-error': 'overloaded', 'retry-after-ms': '80' }
    request.resume().on('end', () => response.writeHead(503, headers).end('{"error":"full"}'))
  })
  const refused = link.forward('d0', call().inferCall, 300, 85)
  await expect(refused).rejects.toMatchObject({ code: 'overloaded', retryAfterMs: 80 })
  expect(link.up).toBe(false)
  await expect.poll(() => link.up).toBe(true)
})

it('tells the tier what is left of the deadline', async () => {
  let told: unknown
  const link = await linkTo((request, response) => {
    told = request.headers['x-tierwise-deadline-ms']
    response.end('{}')
  })
  await link.forward('d0', call().inferCall, 300, 85, 42.5)
  expect(told).toBe('42.500')
  await link.forward('d0', call().inferCall, 300, 85)
  expect(told).toBeUndefined()
})

it('tells the tier what the goal leaves room for, and hears which variant served', async () => {
  let goal: unknown
  const link = await linkTo((request, response) => {
    goal = request.headers['x-tierwise-goal-accuracy']
    response.writeHead(200, { 'x-tierwise-decision': 'edge/d5' }).end('{}')
  })
  const answer = await link.forward('d0', call().inferCall, 300, 84.9)
  expect([goal, answer?.variant]).toEqual(['84.9', 'd5'])
})

it('ends with the client that goes away, and stays up', async () => {
  let ended = false
  const link = await linkTo((request) => {
    request.socket.once('close', () => {
      ended = true
    })
  }, 5000)
  const { abort, inferCall } = call()
  const forwarded = link.forward('d0', inferCall, 5000, 85)
  setTimeout(() => abort.abort(), 50)
  await expect(forwarded).rejects.toThrow()
  expect(link.up).toBe(true)
  await vi.waitFor(() => expect(ended).toBe(true))
})

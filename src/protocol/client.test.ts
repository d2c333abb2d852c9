import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  BadGatewayError,
  InvalidInputError,
  NotFoundError,
  OverloadedError,
  TierwiseError,
  TimeoutError,
  UnavailableError,
} from '../errors.ts'
import { InferenceClient } from './client.ts'
import { encodeInferRequest } from './codec.ts'
import { bytesOf, viewFloat32 } from './datatypes.ts'
import { DoublingHandler } from './doubling-handler.fixture.ts'
import type { InferRequest } from './messages.ts'
import { createInferenceServer } from './server.ts'

const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const request: InferRequest = {
  id: 'é',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: bytesOf(Float32Array.of(1, 2, 3)) }],
}

function clientOf(url: string, timeoutMs = 5_000, connections = 2): InferenceClient {
  const client = new InferenceClient(url, { timeoutMs, connections })
  cleanUps.push(() => client.close())
  return client
}

/** A bare server that answers as told. */
async function serverOf(answer: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(async () => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: `http://127.0.0.1:${port}`, server }
}

const failure = (promise: Promise<unknown>) => promise.then(String, (error: unknown) => error)

const handler = new DoublingHandler()

/** A client of a real server of `handler`, anew for every test of the group. */
async function startDoubling(): Promise<InferenceClient> {
  handler.before = async () => {}
  const server = createInferenceServer(handler, { bodyLimitBytes: 10_000, port: 0 })
  await server.listen()
  cleanUps.push(server.close)
  return clientOf(`${server.url}/`)
}

describe('against a real server', () => {
  let client: InferenceClient
  beforeEach(async () => {
    client = await startDoubling()
  })

  it('asks for health and metadata', async () => {
    expect([await client.live(), await client.ready()]).toEqual([true, true])
    handler.isReady = false
    expect([await client.live(), await client.ready()]).toEqual([true, false])
    handler.isReady = true
    expect(await client.serverMetadata()).toEqual(handler.serverMetadata())
    expect(await client.modelMetadata('a/b c')).toEqual(handler.modelMetadata('a/b c'))
  })

  it.each([true, false])('infers with binary %s', async (binary) => {
    const response = await client.infer('double', request, { binary })
    expect(response).toMatchObject({ model_name: 'double', id: 'é', parameters: { seconds: 1 } })
    expect(response.outputs.map(({ name }) => name)).toEqual(['doubled', 'sum'])
    expect(response.outputs.map(viewFloat32)).toEqual([
      Float32Array.of(2, 4, 6),
      Float32Array.of(6),
    ])
  })

  it('forwards a body as it is, with headers both ways', async () => {
    let seen: string | undefined
    handler.before = async ({ headers }) => {
      seen = headers['x-trace']
    }
    const wire = encodeInferRequest(request, { binary: true })
    const answer = await client.forward('double', wire, { 'x-trace': '7' })
    expect(seen).toBe('7')
    expect(answer.status).toBe(200)
    expect(answer.headers['x-tierwise-decision']).toBe('end/d0')
    expect(answer.wire.jsonLength).toBeGreaterThan(0)
  })
})

describe('against a real server that refuses', () => {
  let client: InferenceClient
  beforeEach(async () => {
    client = await startDoubling()
  })

  it('throws the server’s own error', async () => {
    const unknown = await failure(client.infer('none', request, { binary: true }))
    expect(unknown).toBeInstanceOf(NotFoundError)
    expect(String(unknown)).toContain('there is no model "none"')
    const empty = await failure(client.infer('double', { inputs: [] }, { binary: false }))
    expect(empty).toBeInstanceOf(InvalidInputError)
    handler.before = () => Promise.reject(new OverloadedError('the queue is full'))
    const overloaded = await failure(client.infer('double', request, { binary: true }))
    expect(overloaded).toBeInstanceOf(OverloadedError)
    expect(String(overloaded)).toContain('the queue is full')
  })

  it('stops the call on the server when its caller cancels', async () => {
    const cancel = new AbortController()
    const stopped = new Promise<void>((resolve) => {
      handler.before = async ({ signal }) => {
        signal.addEventListener('abort', () => resolve())
        cancel.abort()
        await stopped
      }
    })
    const { signal } = cancel
    const error = await failure(client.infer('double', request, { binary: true, signal }))
    expect(error).toBeInstanceOf(UnavailableError)
    expect(String(error)).toContain('cancelled by its caller')
    await stopped
    handler.before = async () => {}
    const late = await failure(client.infer('double', request, { binary: true, signal }))
    expect(late).toBeInstanceOf(UnavailableError)
  })
})

describe('against a failing server', () => {
  it('times out when the answer, or the rest of it, does not come', async () => {
    const { url } = await serverOf((incoming, response) => {
      if (incoming.url?.includes('half'))
        response.writeHead(200, { 'content-length': 9 }).write('x')
    })
    const client = clientOf(url, 60)
    for (const model of ['none', 'half']) {
      const error = await failure(client.infer(model, request, { binary: true }))
      expect(error).toBeInstanceOf(TimeoutError)
      expect(String(error)).toContain('within 60 ms')
    }
    expect(await client.live()).toBe(false)
  })

  it('is unavailable when nothing listens or the connection breaks', async () => {
    const { url, server } = await serverOf((incoming) => incoming.socket.destroy())
    const client = clientOf(url)
    const broken = await failure(client.infer('m', request, { binary: true }))
    expect(broken).toBeInstanceOf(UnavailableError)
    await new Promise((resolve) => server.close(resolve))
    const refused = await failure(client.infer('m', request, { binary: true }))
    expect(refused).toBeInstanceOf(UnavailableError)
    expect(String(refused)).toContain('ECONNREFUSED')
    expect([await client.live(), await client.ready()]).toEqual([false, false])
  })

  it('reports answers that are not of the protocol', async () => {
    const answers = [
      { status: 418, body: '<html>teapot</html>', problem: 'answered 418: <html>teapot</html>' },
      { status: 500, body: '', problem: 'answered 500: no message' },
      { status: 200, body: 'not JSON', problem: 'not of the protocol' },
      { status: 200, body: '{"outputs":[]}', problem: 'not of the protocol' },
    ]
    for (const { status, body, problem } of answers) {
      const { url } = await serverOf((_, response) => response.writeHead(status).end(body))
      const error = await failure(clientOf(url).infer('m', request, { binary: true }))
      expect(error).toBeInstanceOf(TierwiseError)
      expect(error).not.toBeInstanceOf(InvalidInputError)
      expect(String(error)).toContain(problem)
    }
    const { url } = await serverOf((_, response) => response.end('<html>'))
    expect(await failure(clientOf(url).modelMetadata('m'))).toBeInstanceOf(BadGatewayError)
  })

  it('refuses more than it may keep waiting', async () => {
    const { url } = await serverOf(() => {})
    const client = clientOf(url, 200, 1)
    const errors = await Promise.all(
      Array.from({ length: 65 }, () => failure(client.serverMetadata())),
    )
    expect(errors.filter((error) => error instanceof TimeoutError)).toHaveLength(64)
    expect(errors[64]).toBeInstanceOf(OverloadedError)
  })

  it('ends what is in flight when closed', async () => {
    const { url } = await serverOf(() => {})
    const client = clientOf(url)
    const pending = failure(client.serverMetadata())
    await client.close()
    expect(await pending).toBeInstanceOf(UnavailableError)
  })
})

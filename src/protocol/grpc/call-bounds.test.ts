import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import { status } from '@grpc/grpc-js'
import { afterEach, expect, it, vi } from 'vitest'
import { DoublingHandler } from '../doubling-handler.fixture.ts'
import type { InferCall } from '../inference-handler.ts'
import type { ServerBounds } from '../server-bounds.ts'
import { type GrpcClient, grpcClient } from './client.fixture.ts'
import { createGrpcServer, type GrpcServer } from './server.ts'

const MIB = 2 ** 20
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function started(bounds: Partial<ServerBounds> = {}) {
  const handler = new DoublingHandler()
  const server: GrpcServer = createGrpcServer(handler, { bodyLimitBytes: 4 * MIB, port: 0, bounds })
  await server.listen()
  ends.push(() => server.close())
  const client: GrpcClient = grpcClient(server.address)
  ends.push(() => client.close())
  return { handler, server, client }
}

const request = {
  model_name: 'double',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], contents: { fp32_contents: [1, 2, 3] } }],
}
const infer = (client: GrpcClient, options = {}) => client.call('ModelInfer', request, options)

/** An inference whose message is still to come. */
function callOf(session: ClientHttp2Session): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/inference.GRPCInferenceService/ModelInfer',
    'content-type': 'application/grpc',
    te: 'trailers',
  })
  return stream.on('error', () => {})
}

/** Sends so many bytes of a message that is announced as four MiB, and no more. @returns the status of the call, once it has one */
function stalled(session: ClientHttp2Session, bytes: number): Promise<number> {
  const stream = callOf(session)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(4 * MIB, 1)
  stream.write(Buffer.concat([head, Buffer.alloc(bytes)]))
  return statusOf(stream)
}

function statusOf(stream: ClientHttp2Stream): Promise<number> {
  return new Promise((resolve) => {
    const tell = (headers: { 'grpc-status'?: string | string[] | undefined }) => {
      if (headers['grpc-status'] !== undefined) resolve(Number(headers['grpc-status']))
    }
    stream.on('response', tell).on('trailers', tell).resume()
  })
}

async function sessionTo(server: GrpcServer): Promise<ClientHttp2Session> {
  const session = connect(`http://${server.address}`)
  ends.push(() => session.destroy())
  session.on('error', () => {})
  return session
}

it('ends messages that stall, and bounds what all of them hold', async () => {
  const { client, server } = await started({ bodyTimeoutMs: 400, inFlightLimitBytes: 2 * MIB })
  const session = await sessionTo(server)
  // Three quarters of a MiB each: two have room, the third has not.
  const calls = Array.from({ length: 3 }, () => stalled(session, 0.75 * MIB))
  expect((await Promise.all(calls)).toSorted()).toEqual([
    status.DEADLINE_EXCEEDED,
    status.DEADLINE_EXCEEDED,
    status.RESOURCE_EXHAUSTED,
  ])
  expect((await infer(client)).model_name).toBe('double')
})

it('bounds calls that are open at the same time', async () => {
  const { client, handler } = await started({ maxConnections: 1 })
  let release = () => {}
  handler.before = () =>
    new Promise((resolve) => {
      release = resolve
    })
  const first = infer(client)
  await vi.waitFor(() =>
    infer(client).then(
      () => {
        throw new Error('it is taken')
      },
      ({ code }) => expect(code).toBe(status.RESOURCE_EXHAUSTED),
    ),
  )
  release()
  expect((await first).model_name).toBe('double')
})

it('tells the handler when a call is cancelled or nobody waits any more', async () => {
  const { client, handler } = await started()
  const seen: InferCall[] = []
  const ended = () =>
    new Promise<void>((resolve) => {
      handler.before = (call) => {
        seen.push(call)
        return new Promise((done) => {
          call.signal.addEventListener('abort', () => {
            resolve()
            done()
          })
        })
      }
    })
  const aborted = ended()
  const asked = client.start('ModelInfer', request)
  await vi.waitFor(() => expect(seen).toHaveLength(1))
  asked.cancel()
  await aborted
  expect((await asked.ended)?.code).toBe(status.CANCELLED)
  const late = ended()
  const waited = infer(client, { deadline: Date.now() + 200 })
  await expect(waited).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED })
  await late
  const { timeout } = (await seen[1]?.decode())?.parameters ?? {}
  // µs: what was left of the 200 ms when the call came.
  expect(Number(timeout)).toBeGreaterThan(0)
  expect(Number(timeout)).toBeLessThanOrEqual(200_000)
})

it('answers what is in flight before it closes, and refuses what comes after', async () => {
  const { client, handler, server } = await started()
  let closed: Promise<void> | undefined
  handler.before = async () => {
    closed = server.close(5000)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  expect((await infer(client)).model_name).toBe('double')
  await closed
  await expect(infer(client)).rejects.toMatchObject({ code: status.UNAVAILABLE })
})

it('serves a message that was on its way when the handler ended, and no later one', async () => {
  const { client, handler, server } = await started()
  const message = Buffer.concat([Buffer.of(0x0a, 6), Buffer.from('double')])
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  const stream = callOf(await sessionTo(server))
  stream.write(head)
  const looked = vi.spyOn(handler, 'refusal')
  await vi.waitFor(() => expect(looked).toHaveBeenCalled())
  handler.isReady = false
  await expect(infer(client)).rejects.toMatchObject({ code: status.UNAVAILABLE })
  const answered = statusOf(stream)
  stream.end(message)
  // It is read: it has no inputs.
  expect(await answered).toBe(status.INVALID_ARGUMENT)
})

it('says that it is not ready, and why', async () => {
  const { client, handler } = await started()
  handler.isReady = false
  expect(await client.call('ServerReady', {})).toEqual({ ready: false })
  const error = await infer(client).catch((caught: unknown) => caught)
  expect(error).toMatchObject({
    code: status.UNAVAILABLE,
    details: 'model "double" is not ready yet: try again',
  })
})

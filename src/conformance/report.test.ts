import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GrpcSurface } from './grpc-surface.ts'
import { judge } from './report.ts'
import { RestSurface } from './rest-surface.ts'

/** What the server says that it can do. */
let claims: readonly string[] = []

/** A server that answers everything alike, whatever is asked. */
function carelessServer(request: IncomingMessage, response: ServerResponse): void {
  request.resume()
  const say = (body: object) => response.end(JSON.stringify(body))
  if (request.url === '/v2') say({ name: 'careless', version: '0', extensions: claims })
  else if (request.method === 'GET') {
    const input = { name: 'x', datatype: 'FP32', shape: [-1, 4] }
    say({ name: 'm', platform: 'none', inputs: [input], outputs: [{ ...input, name: 'y' }] })
  } else say({ model_name: 'm', id: null, outputs: [] })
}

describe('a server that checks nothing', () => {
  const server = createServer(carelessServer)
  let rest: RestSurface
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    rest = await RestSurface.open({ url: address(), model: 'm', timeoutMs: 5000 })
  })
  const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  afterAll(async () => {
    await rest.close()
    server.close()
  })

  it('fails where it does otherwise, and nowhere else', async () => {
    const { points, failed } = await judge({ rest })
    const verdicts = new Map(points.map(({ what, verdict }) => [what, verdict]))
    expect(verdicts.get('live, ready and model ready answer 200')).toBe('pass')
    expect(points.filter(({ verdict }) => verdict === 'fail').map(({ point }) => point)).toEqual([
      2, 3, 5, 6, 8, 9, 10, 11, 12, 14, 17, 17, 18,
    ])
    expect(failed).toBe(13)
  })

  it('is held to what it claims', async () => {
    claims = ['binary_tensor_data', 'statistics', 'model_configuration', 'model_repository']
    const claiming = await RestSurface.open({ url: address(), model: 'm', timeoutMs: 5000 })
    claims = []
    const { points } = await judge({ rest: claiming })
    await claiming.close()
    const claimed = points.filter(({ point }) => point >= 21 && point <= 38)
    expect(claimed.filter(({ verdict }) => verdict === 'fail').map(({ point }) => point)).toEqual([
      22, 23, 24, 25, 36, 37, 38,
    ])
  })

  it('is not held to what it does not claim', async () => {
    const { points } = await judge({ rest })
    const binary = points.filter(({ point }) => point >= 21 && point <= 27)
    expect(binary.map(({ verdict }) => verdict)).toEqual(Array(7).fill('skipped'))
  })
})

/** The report on a REST server that answers everything so. */
async function reportOn(answer: RequestListener, timeoutMs = 300) {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const rest = await RestSurface.open({ url: `http://127.0.0.1:${port}`, timeoutMs })
  const report = await judge({ rest })
  await rest.close()
  server.closeAllConnections()
  server.close()
  return report
}

describe('a server that speaks another language', () => {
  const json = (body: string): RequestListener => {
    return (_, response) => response.setHeader('content-type', 'application/json').end(body)
  }
  it.each<[string, RequestListener, string]>([
    ['answers with a page', (_, response) => response.end('<html>'), 'the answer is no JSON'],
    ['answers null', json('null'), 'expected object, received null'],
    ['hangs', () => {}, 'timeout'],
    ['closes at once', ({ socket }) => socket.destroy(), 'other side closed'],
    [
      'sends elsewhere',
      (_, response) => response.writeHead(302, { location: '/login' }).end(),
      'GET /v2 → 302 to /login',
    ],
    [
      'breaks off',
      (_, response) => {
        response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy())
      },
      'other side closed',
    ],
  ])('that %s fails its metadata, and is asked about no model', async (_, answer, why) => {
    const { points, failed, server, model } = await reportOn(answer)
    expect({ server, model }).toEqual({
      server: { name: '', version: '', extensions: [] },
      model: '',
    })
    const metadata = points.find(({ point }) => point === 4)
    expect(metadata?.verdict).toBe('fail')
    expect(metadata?.evidence).toContain(why)
    expect(failed).toBeGreaterThan(0)
    expect(points.filter(({ point, verdict }) => point > 4 && verdict !== 'skipped')).toEqual([])
  })

  it('is judged by gRPC beside REST that works, and the other way about', async () => {
    const server = createServer(carelessServer)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const rest = await RestSurface.open({ url: `http://${address}`, model: 'm', timeoutMs: 300 })
    const grpc = await GrpcSurface.open({ address, model: 'm', timeoutMs: 300 })
    const { points } = await judge({ rest, grpc })
    grpc.close()
    await rest.close()
    server.close()
    expect(points.find(({ point }) => point === 1)?.verdict).toBe('pass')
    const byGrpc = points.filter(({ surface }) => surface === 'gRPC')
    expect(byGrpc.find(({ point }) => point === 30)?.verdict).toBe('fail')
    expect(byGrpc.find(({ point }) => point === 28)?.evidence).toContain('its model is not known')
  })
})

it('runs all points of a model whose server has no list of extensions', async () => {
  claims = JSON.parse('null')
  const server = createServer(carelessServer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const rest = await RestSurface.open({ url, model: 'm', timeoutMs: 5000 })
  const { points } = await judge({ rest })
  claims = []
  await rest.close()
  server.close()
  expect(points.find(({ point }) => point === 4)?.verdict).toBe('fail')
  expect(points.find(({ point }) => point === 10)?.verdict).toBe('fail')
})

it('is an error where nobody is, and where a server lists no models', async () => {
  const nowhere = RestSurface.open({ url: 'http://127.0.0.1:1', timeoutMs: 5000 })
  await expect(nowhere).rejects.toThrow('http://127.0.0.1:1 cannot be reached: ')
  const server = createServer(carelessServer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await expect(RestSurface.open({ url, timeoutMs: 5000 })).rejects.toThrow('name one by --model')
  server.close()
})

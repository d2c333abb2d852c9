import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

it('says so when nobody speaks the protocol there', async () => {
  const server = createServer((_, response) => response.end('hello'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const opening = RestSurface.open({ url: `http://127.0.0.1:${port}`, timeoutMs: 5000 })
  await expect(opening).rejects.toThrow(
    /does not answer as a server of the Open Inference Protocol v2: GET \/v2 → 200 hello\n/,
  )
  server.close()
})

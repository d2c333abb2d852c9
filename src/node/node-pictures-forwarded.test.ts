import { readFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { type Broker, startBroker } from '../control/broker.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { packageFile } from '../package-files.ts'
import { encodeInferRequest } from '../protocol/codec.ts'
import { loadCatalogue } from '../serving/models/catalogue.ts'
import { pictureTensor } from '../serving/shipped-pictures.ts'
import { colourCatalogue, picture } from './colour-model.fixture.ts'
import { decide } from './decide.fixture.ts'
import type { RunningNode } from './node-options.ts'
import { post, silent, TestNodes } from './start-node.fixture.ts'

const PICTURES = ['bicycle', 'boat', 'cat', 'cup', 'mountain', 'traffic-light']

const nodes = new TestNodes()
const servers: Server[] = []
let broker: Broker
beforeAll(async () => {
  broker = await startBroker({ port: 0, host: '127.0.0.1', logger: silent })
})
afterEach(async () => {
  await nodes.closeAll()
  for (const server of servers.splice(0)) server.close()
})
afterAll(() => broker.close())

/** A link that counts the bytes sent to a node. */
async function meteredLink(to: RunningNode) {
  const sockets = new Set<Socket>()
  const link = { sentBytes: 0, url: '', cut: () => {} }
  const server = createServer((near) => {
    const far = connect(Number(new URL(to.url).port), '127.0.0.1')
    near.on('data', (chunk) => {
      link.sentBytes += chunk.byteLength
    })
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
    }
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  link.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  link.cut = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return link
}

async function wholeAnswer(to: RunningNode, body: Buffer, query = '') {
  const answer = await send(to, 'colours', body, query)
  return { headers: answer.headers, json: await answer.json() }
}

const send = (to: RunningNode, model: string, body: Buffer, query = '') =>
  fetch(`${to.url}/v2/models/${model}/infer${query}`, { method: 'POST', body })

it('takes a ninth of the bytes of its tensor on the way to the edge', async () => {
  const file = await colourCatalogue({ side: 224, datatype: 'UINT8' })
  const catalogue = await loadCatalogue(file)
  const edge = await nodes.start({ name: 'edge', tier: 'edge', catalogue: file })
  const link = await meteredLink(edge)
  const options = { catalogue: file, edgeUrl: link.url, variants: [], requestTimeoutMs: 10_000 }
  const device = await nodes.start({ name: 'device', tier: 'end', ...options })
  await Promise.all([edge.ready, device.ready])
  const bytesOf = async (ask: () => Promise<{ status: number }>) => {
    const before = link.sentBytes
    expect((await ask()).status).toBe(200)
    return link.sentBytes - before
  }
  // The device asks once what the edge takes.
  const first = await readFile(packageFile('pictures/cat.jpg'))
  await bytesOf(() => send(device, catalogue.model, first))
  let encodedBytes = 0
  let tensorBytes = 0
  for (const name of PICTURES) {
    const path = packageFile(`pictures/${name}.jpg`)
    const encoded = await readFile(path)
    const asPicture = await bytesOf(() => send(device, catalogue.model, encoded))
    const tensor = await pictureTensor(path, catalogue.input)
    const wire = encodeInferRequest({ inputs: [tensor] }, { binary: true })
    const asTensor = await bytesOf(() => post(device, catalogue.model, wire))
    encodedBytes += asPicture
    tensorBytes += asTensor
  }
  // Headers included: 101 KB of 905 KB.
  expect(encodedBytes).toBeLessThan(0.12 * tensorBytes)
})

it('brings the edge’s label back, and decodes here when the edge is gone', async () => {
  const catalogue = await colourCatalogue()
  const edge = await nodes.start({ name: 'edge', tier: 'edge', catalogue })
  const link = await meteredLink(edge)
  const options = { catalogue, edgeUrl: link.url, broker: broker.url }
  const device = await nodes.start({ name: 'device', tier: 'end', ...options })
  await Promise.all([edge.ready, device.ready])
  const control = await connectControlPlane({ url: broker.url, clientId: 'test', logger: silent })
  await decide(control, {
    session: 's',
    round: 1,
    device: 'device',
    placement: { tier: 'edge', variant: 'small' },
    fallbackAccuracyPercent: 85,
  })
  const answered = async (colour: 'red' | 'grün' | 'blue') =>
    wholeAnswer(device, await picture(colour, 'jpeg'), '?id=7')
  await vi.waitFor(async () => {
    const { headers } = await answered('red')
    expect(headers.get('x-tierwise-decision')).toBe('edge/small')
  })
  const forwarded = await answered('grün')
  expect(forwarded.headers.get('x-tierwise-label')).toBe('gr%C3%BCn')
  expect(forwarded.json).toMatchObject({ id: '7', parameters: { label: 'grün', class: 1 } })
  link.cut()
  const fallenBack = await answered('blue')
  expect(fallenBack.headers.get('x-tierwise-fallback')).toBe('1')
  expect(fallenBack.headers.get('x-tierwise-decision')).toBe('end/large')
  expect(fallenBack.headers.get('x-tierwise-label')).toBe('blue')
  expect(fallenBack.json).toMatchObject({ id: '7', parameters: { label: 'blue', class: 2 } })
  await control.close()
})

it('escalates a picture that the small variant is unsure of', async () => {
  const catalogue = await colourCatalogue()
  const edge = await nodes.start({ name: 'edge', tier: 'edge', catalogue })
  const options = { catalogue, edgeUrl: edge.url, broker: broker.url }
  const device = await nodes.start({ name: 'escalating', tier: 'end', ...options })
  await Promise.all([edge.ready, device.ready])
  const control = await connectControlPlane({ url: broker.url, clientId: 'test', logger: silent })
  await decide(control, {
    session: 's',
    round: 1,
    device: 'escalating',
    placement: { tier: 'end', variant: 'small' },
    escalation: { to: { tier: 'edge', variant: 'large' }, margin: 0.99, share: 1 },
    fallbackAccuracyPercent: 0,
  })
  const body = await picture('grün')
  await vi.waitFor(async () => {
    const { headers } = await send(device, 'colours', body)
    expect(headers.get('x-tierwise-decision')).toBe('edge/large')
  })
  const { headers, ...answer } = await wholeAnswer(device, body)
  expect(headers.get('x-tierwise-label')).toBe('gr%C3%BCn')
  expect(answer.json).toMatchObject({ model_name: 'large', parameters: { label: 'grün' } })
  await control.close()
})

it('answers what the edge refuses', async () => {
  const catalogue = await colourCatalogue()
  const edge = await nodes.start({ name: 'edge', tier: 'edge', catalogue })
  const options = { catalogue, edgeUrl: edge.url, variants: [] }
  const device = await nodes.start({ name: 'device', tier: 'end', ...options })
  await Promise.all([edge.ready, device.ready])
  const whole = await picture('red', 'png', { width: 90, height: 90 })
  const damaged = await send(device, 'colours', whole.subarray(0, 60))
  expect([damaged.status, await damaged.text()]).toEqual([400, expect.stringContaining('decoded')])
  const inputs = [{ name: 'image', datatype: 'BYTES', shape: [1], data: ['aGVsbG8='] }]
  const none = await send(device, 'colours', Buffer.from(JSON.stringify({ inputs })))
  expect([none.status, await none.text()]).toEqual([415, expect.stringContaining('JPEG')])
})

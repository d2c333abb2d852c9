import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ConfigError } from '../errors.ts'
import { GraphBuilder } from '../onnx/graph-builder.ts'
import { loadCatalogue, writeCatalogue } from '../serving/models/catalogue.ts'
import { binaryWire, post, TestNodes, testCatalogueFile } from './start-node.fixture.ts'

const nodes = new TestNodes()

/** Its inputs and outputs are right: only who loads it finds the fault. */
function modelOfUnknownOperator(): Uint8Array {
  const graph = new GraphBuilder('unknown')
  const input = graph.input('input', 'uint8', [1, 3, 224, 224])
  graph.node('NoSuchOperator', [input], {}, { output: 'probabilities' })
  graph.output('probabilities', 'float32', [1, 1000])
  return graph.model()
}

afterEach(() => nodes.closeAll())

describe('start and end', () => {
  it('is live but not ready until its models are warm', async () => {
    const node = await nodes.start({ name: 'cold', tier: 'end' })
    const status = async (path: string) => (await fetch(`${node.url}/v2${path}`)).status
    expect(await status('/health/live')).toBe(200)
    expect(await status('/health/ready')).toBe(503)
    expect(await status('/models/mobilenet/ready')).toBe(503)
    expect((await post(node, 'mobilenet', binaryWire)).status).toBe(503)
    await node.ready
    expect(await status('/health/ready')).toBe(200)
    expect(await status('/models/mobilenet/ready')).toBe(200)
  })

  it('answers what is in flight when it closes', async () => {
    const dilation = { variant: 'd0', targetMs: 1000 }
    const node = await nodes.start({ name: 'slow', tier: 'end', dilation })
    await node.ready
    const answers = [post(node, 'd0', binaryWire), post(node, 'd0', binaryWire)]
    await vi.waitFor(async () => {
      const metrics = await (await fetch(`${node.url}/metrics`)).text()
      expect(metrics).toContain('tierwise_busy_workers 1\n')
      expect(metrics).toContain('tierwise_pending_requests 1\n')
    })
    await node.close()
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200])
    await expect(post(node, 'd0', binaryWire)).rejects.toThrow()
  })

  it('has its state folder alone, until it is closed', async () => {
    const stateFolder = await mkdtemp(join(tmpdir(), 'tierwise-state-'))
    const start = (name: string) =>
      nodes.start({ name, tier: 'end', variants: ['d7'], stateFolder })
    const first = await start('first')
    await expect(start('second')).rejects.toThrow(
      `the state folder ${stateFolder} is in use by process ${process.pid}`,
    )
    await first.close()
    await (await start('second')).close()
  })

  it('names the model file that cannot be loaded, and stays not ready', async () => {
    const catalogue = await loadCatalogue(await testCatalogueFile())
    const folder = await mkdtemp(join(tmpdir(), 'tierwise-corrupt-'))
    await writeFile(`${folder}/corrupt.onnx`, modelOfUnknownOperator())
    const variants = catalogue.variants.map((variant) =>
      variant.name === 'd3' ? { ...variant, file: `${folder}/corrupt.onnx` } : variant,
    )
    await writeCatalogue(`${folder}/catalogue.yaml`, { ...catalogue, variants })
    const node = await nodes.start({
      name: 'corrupt',
      tier: 'end',
      catalogue: `${folder}/catalogue.yaml`,
    })
    await expect(node.ready).rejects.toThrow('corrupt.onnx')
    expect((await fetch(`${node.url}/v2/health/ready`)).status).toBe(503)
  })
})

describe('a node that ends', () => {
  it('serves what has begun to come when it closes, and tells others that it is shutting down', async () => {
    const node = await nodes.start({ name: 'closing', tier: 'end' })
    await node.ready
    const { body, jsonLength } = binaryWire
    const { port } = new URL(node.url)
    const socket = connect(Number(port), '127.0.0.1')
    let heard = ''
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1')
    })
    const ended = new Promise((resolve) => socket.once('close', resolve))
    const headers = `Content-Length: ${body.length}\r\nInference-Header-Content-Length: ${jsonLength}`
    socket.write(`POST /v2/models/d0/infer HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n\r\n`)
    socket.write(body.subarray(0, 1000))
    await once(node.app.server, 'request')
    // Whether it is admitted is decided once its headers have been looked at.
    await new Promise(setImmediate)
    const closed = node.close()
    const refused = await fetch(`${node.url}/v2/models/d0/infer`, {
      ...{ method: 'POST', body: '{}' },
      headers: { 'content-type': 'application/json' },
    })
    expect(refused.status).toBe(503)
    expect(await refused.text()).toContain('shutting down')
    socket.write(body.subarray(1000))
    await closed
    await ended
    expect(heard).toContain('200 OK')
  })

  it('serves on for its drain delay, though no longer ready', async () => {
    const node = await nodes.start({ name: 'leaving', tier: 'end', drainDelayMs: 1500 })
    await node.ready
    const closed = node.close()
    expect((await fetch(`${node.url}/v2/health/ready`)).status).toBe(503)
    expect((await post(node, 'd0', binaryWire)).status).toBe(200)
    await closed
    await expect(post(node, 'd0', binaryWire)).rejects.toThrow()
  })
})

describe('what cannot be used', () => {
  it.each([
    ['a name with a slash', { name: 'a/b' }, '"a/b"'],
    ['a catalogue that is not there', { catalogue: '/nowhere/catalogue.yaml' }, '/nowhere'],
  ])('refuses %s', async (_what, options, named) => {
    const start = nodes.start({ name: 'bad', tier: 'end', ...options })
    await expect(start).rejects.toThrow(ConfigError)
    await expect(start).rejects.toThrow(named)
  })

  it('refuses a port in use', async () => {
    const first = await nodes.start({ name: 'first', tier: 'edge' })
    const port = Number(new URL(first.url).port)
    const start = nodes.start({ name: 'second', tier: 'edge', port })
    await expect(start).rejects.toThrow(`port ${port}`)
  })
})

import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Broker, startBroker } from '../control/broker.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { decodeInferResponse } from '../protocol/codec.ts'
import { decide } from './decide.fixture.ts'
import { binaryWire, post, silent, TestNodes } from './start-node.fixture.ts'

const nodes = new TestNodes()
let broker: Broker
beforeAll(async () => {
  broker = await startBroker({ port: 0, host: '127.0.0.1', logger: silent })
})
afterAll(async () => {
  await nodes.closeAll()
  await broker.close()
})

it('delays what a device sends over a weak link, which counts as network and tells in its state', async () => {
  const edge = await nodes.start({ name: 'edge', tier: 'edge' })
  const weak = { upDelayMs: 40, downDelayMs: 10 }
  const device = await nodes.start({
    name: 'weak',
    tier: 'end',
    edgeUrl: edge.url,
    broker: broker.url,
    links: { edge: weak, broker: weak },
  })
  await Promise.all([edge.ready, device.ready])
  const control = await connectControlPlane({ url: broker.url, clientId: 'test', logger: silent })
  const placement = { tier: 'edge' as const, variant: 'd3' }
  await decide(control, {
    session: 's',
    round: 1,
    device: 'weak',
    placement,
    fallbackAccuracyPercent: 0,
  })
  const served = await vi.waitFor(async () => {
    const answer = await post(device, 'mobilenet', binaryWire)
    expect(answer.header('decision')).toBe('edge/d3')
    return answer
  })
  expect(Number(served.header('network-ms'))).toBeGreaterThan(49.5)
  const direct = await post(edge, 'd3', binaryWire)
  expect(decodeInferResponse(served.wire).outputs).toEqual(decodeInferResponse(direct.wire).outputs)
  const bandwidths: number[] = []
  await control.subscribe(
    'telemetry',
    (message) => message.alive && bandwidths.push(message.state.bandwidth),
    'weak',
  )
  await vi.waitFor(() => expect(bandwidths.at(-1)).toBe(1))
  await control.close()
})

it('takes as long as the emulated speed says, and reports the error', async () => {
  const dilation = { variant: 'd0', targetMs: 150 }
  const node = await nodes.start({ name: 'slow', tier: 'end', dilation, broker: broker.url })
  await node.ready
  const { header } = await post(node, 'd0', binaryWire)
  expect(Number(header('compute-ms'))).toBeGreaterThan(50)
  const control = await connectControlPlane({ url: broker.url, clientId: 'test', logger: silent })
  const errors: (number | undefined)[] = []
  await control.subscribe(
    'telemetry',
    (message) => message.alive && errors.push(message.dilationErrorPercent),
    'slow',
  )
  await vi.waitFor(() => expect(errors.at(-1)).toBeGreaterThan(0))
  await control.close()
})

/** A retained decision under a session that nobody knows: refused by a real device over a real broker. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Broker, startBroker } from '../control/broker.ts'
import type { DeviceDecision } from '../control/messages.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
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

it.each(['before the device starts', 'while it serves'])('published %s', async (when) => {
  const options = { url: broker.url, clientId: `orchestrator-${when.length}`, logger: silent }
  const control = await connectControlPlane(options)
  const name = `dev-${when.length}`
  const forged: DeviceDecision = {
    ...{ session: 'nobody', epoch: 1, round: 9, device: name, fallbackAccuracyPercent: 0 },
    placement: { tier: 'end', variant: 'd7' },
  }
  if (when.startsWith('before')) await control.publish('decision', forged)
  const device = await nodes.start({ name, tier: 'end', broker: broker.url })
  await device.ready
  const decisionOfAnswer = async () =>
    (await post(device, 'mobilenet', binaryWire)).header('decision')
  expect(await decisionOfAnswer()).toBe('end/d0')
  const placement = { tier: 'end', variant: 'd3' } as const
  const ours = { session: 's', round: 1, device: name, placement, fallbackAccuracyPercent: 85 }
  await decide(control, ours)
  await vi.waitFor(async () => expect(await decisionOfAnswer()).toBe('end/d3'))
  await control.publish('decision', forged)
  await decide(control, { ...ours, round: 2, placement: { tier: 'end', variant: 'd4' } })
  await vi.waitFor(async () => expect(await decisionOfAnswer()).toBe('end/d4'))
  await control.publish('decision', { ...forged, session: 's', epoch: 0 })
  for (let count = 0; count < 5; count++) expect(await decisionOfAnswer()).toBe('end/d4')
  await control.close()
})

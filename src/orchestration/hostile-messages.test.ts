/** What strangers may say to an orchestrator: it goes on, and forgets nothing of what it knew. */
import mqtt from 'mqtt'
import { expect, it } from 'vitest'
import { telemetryOf, until } from './fake-fleet.fixture.ts'
import { always, useFleet } from './orchestrated-fleet.fixture.ts'

const fleet = useFleet()

it('goes on with 1,000 devices, most of names as long as can be, and decides for each', async () => {
  const orchestrator = await fleet.orchestrate({ scripted: always('end/d0') }, { graceMs: 60_000 })
  const decided = new Set<string>()
  await fleet.user.subscribe('decision', ({ device }) => decided.add(device))
  const client = await mqtt.connectAsync(fleet.url, { clientId: 'flood' })
  const names = Array.from({ length: 1000 }, (_, device) => `d${device}`.padEnd(127, 'x'))
  for (const name of names) {
    const telemetry = JSON.stringify(telemetryOf(name, 'end'))
    client.publish(`${fleet.prefix}/telemetry/${name}`, telemetry)
  }
  await until(() => decided.size === 1000, 'a decision for each of 1,000 devices', 30_000)
  expect(orchestrator.devices).toHaveLength(1000)
  const told = () => {
    const { placements, leftOut = 0 } = fleet.joint.at(-1) ?? { placements: {} }
    return { devices: Object.keys(placements).length + leftOut, leftOut }
  }
  await until(() => told().devices === 1000, 'a joint decision of them all')
  expect(told().leftOut).toBeGreaterThan(0)
  await client.endAsync(true)
}, 60_000)

it('drops what no device can have measured, and learns from the rest', async () => {
  await fleet.orchestrate({ scripted: always('end/d0') }, { expectedDevices: 1 })
  const one = await fleet.joinFleet('one')
  await until(() => fleet.closedBy('scripted').length > 0, 'a round of the agent')
  const dropped = fleet.control.droppedMessages
  const { last } = one
  const wrong = [-1, 1.7e308, 3_600_001]
  if (last) for (const responseTimeMs of wrong) one.observe(last, { responseTimeMs })
  await until(() => fleet.control.droppedMessages === dropped + 3, 'three dropped reports')
  const seen = fleet.agents.get('scripted')?.seen ?? []
  const rounds = seen.length
  await until(() => seen.length > rounds + 2, 'more rounds')
  expect(seen.flatMap(({ outcome }) => [...outcome.responseTimesMs])).toEqual(
    seen.flatMap(() => [10]),
  )
})

import { expect, test } from 'vitest'
import { type Device, emptyFleet, type FleetView } from './fleet.ts'
import { nextFlows, noFlows } from './flow.ts'

function fleetWith(devices: Readonly<Record<string, Partial<Device>>>): FleetView {
  const entries = Object.entries(devices).map(([name, change]): [string, Device] => [
    name,
    {
      served: { tier: 'edge', variant: 'd0' },
      fallback: false,
      failed: false,
      requests: 0,
      responseTimesMs: [],
      ...change,
    },
  ])
  return { ...emptyFleet, devices: new Map(entries) }
}

test('one flow for each device that was answered since the last drawing', () => {
  const first = nextFlows(noFlows, fleetWith({ a: { requests: 3 }, b: { requests: 0 } }))
  expect(first.drawings).toEqual([[{ key: 'a/3', device: 'a', tier: 'edge', failed: false }]])
  const second = nextFlows(
    first,
    fleetWith({ a: { requests: 3 }, b: { requests: 9, failed: true } }),
  )
  expect(second.drawings.at(-1)).toEqual([{ key: 'b/9', device: 'b', tier: 'edge', failed: true }])
})

test('flows go after five drawings, however many requests there are', () => {
  let flows = noFlows
  for (let requests = 100; requests <= 900; requests += 100) {
    flows = nextFlows(flows, fleetWith({ a: { requests } }))
  }
  expect(flows.drawings.flat().map(({ key }) => key)).toEqual([
    'a/500',
    'a/600',
    'a/700',
    'a/800',
    'a/900',
  ])
})

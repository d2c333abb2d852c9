import { expect, test } from 'vitest'
import { nodeSettings } from '../settings/node.ts'
import { upSettings } from '../settings/up.ts'
import { deviceNames, fleetSettings } from './fleet-settings.ts'

test('the fleet of scenario B: its weak devices delay what they send, its weak edge what comes back', async () => {
  const settings = upSettings.parse({ scenario: 'B', port: 0 })
  const { nodes, applications, brokerUrl } = await fleetSettings(
    settings,
    '/models/catalogue.yaml',
    '/tmp/run',
    'd0',
  )
  expect(nodes.map(({ name }) => name)).toEqual([
    'cloud',
    'edge',
    'device-1',
    'device-2',
    'device-3',
    'device-4',
    'device-5',
  ])
  expect(nodes.map(({ workers }) => workers)).toEqual([4, 2, 1, 1, 1, 1, 1])
  const [, edge, regular, weak] = nodes
  expect(regular?.links?.edge).toEqual({ upDelayMs: 0, downDelayMs: 1.2000000000000002 })
  expect(weak?.links?.cloud?.upDelayMs).toBeCloseTo(15.4)
  expect(edge?.dilation).toEqual({ variant: 'd0', targetMs: expect.closeTo(70.2) })
  expect(edge?.broker).toBe(brokerUrl)
  expect(nodes[0]?.broker).toBeUndefined()
  expect(new Set(nodes.map(({ port }) => port)).size).toBe(7)
  expect(applications.map(({ device }) => device)).toEqual(nodes.slice(2).map(({ name }) => name))
  for (const node of nodes) expect(() => nodeSettings.parse(node)).not.toThrow()
})

test('without emulation there are no delays and no dilation', async () => {
  const settings = upSettings.parse({ scenario: 'D', port: 0, emulation: false })
  const { nodes } = await fleetSettings(settings, '/models/catalogue.yaml', '/tmp/run', 'd0')
  for (const { links, dilation } of nodes) expect([links, dilation]).toEqual([undefined, undefined])
})

test('device names sort in the order of the devices', () => {
  expect(deviceNames(3)).toEqual(['device-1', 'device-2', 'device-3'])
  const names = deviceNames(12)
  expect([...names].sort()).toEqual(names)
})

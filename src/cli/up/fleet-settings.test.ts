import { expect, test } from 'vitest'
import { nodeSettings } from '../settings/node.ts'
import { upSettings } from '../settings/up.ts'
import { deviceNames, fleetSettings } from './fleet-settings.ts'

const variant = (name: string, accuracyPercent: number, bytes: number) => {
  return { name, file: `/models/${name}.onnx`, precision: 'FP32', accuracyPercent, bytes } as const
}
const FILES = {
  catalogue: '/models/catalogue.yaml',
  variants: [variant('d0', 89.9, 900), variant('d1', 80, 500), variant('d2', 70, 100)].map(
    (known) => ({ ...known, accuracySource: 'a test' }),
  ),
  realMs: { d0: 20, d1: 10, d2: 2 },
  folder: '/tmp/run',
}

test('the fleet of scenario B: its weak devices delay what they send, its weak edge what comes back', async () => {
  const settings = upSettings.parse({
    ...{ scenario: 'B', port: 0, hardware: 'equal', emulation: { timeScale: 0.2 } },
  })
  const { nodes, applications, brokerUrl } = await fleetSettings(settings, FILES)
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

test('a device has the goal that is set for it, and no other device', async () => {
  const goals = (deviceGoal: unknown) => upSettings.parse({ port: 0, devices: 3, deviceGoal })
  const { nodes } = await fleetSettings(goals('device-2=88'), FILES)
  const given = nodes.flatMap(({ name, deviceGoal }) => (deviceGoal ? [[name, deviceGoal]] : []))
  expect(given).toEqual([['device-2', 88]])
  await expect(fleetSettings(goals({ 'device-4': 88 }), FILES)).rejects.toThrow(
    'deviceGoal: there is no device "device-4": the fleet has device-1 to device-3',
  )
})

test('without emulation there are no delays and no dilation', async () => {
  const settings = upSettings.parse({ scenario: 'D', port: 0, emulation: false })
  const { nodes } = await fleetSettings(settings, FILES)
  for (const { links, dilation } of nodes) expect([links, dilation]).toEqual([undefined, undefined])
})

test('devices of mixed hardware hold what fits, and their emulated times keep the ratios of the real ones', async () => {
  const hardware = [{ slowness: 0.5 }, { slowness: 4, smallest: 2 }, { smallest: 0 }]
  const { nodes } = await fleetSettings(
    upSettings.parse({ port: 0, devices: 4, hardware, emulation: { timeScale: 0.2 } }),
    FILES,
  )
  const devices = nodes.slice(2)
  expect(devices.map(({ variants }) => variants)).toEqual([
    ['d0', 'd1', 'd2'],
    ['d1', 'd2'],
    [],
    ['d0', 'd1', 'd2'],
  ])
  // 465 ms of d0 × 0.2 × 0.5; d1 takes half of d0: 465 × 0.2 × 4 × 10 / 20.
  expect(devices.map(({ dilation }) => dilation)).toEqual([
    { variant: 'd0', targetMs: expect.closeTo(46.5) },
    { variant: 'd1', targetMs: expect.closeTo(186) },
    undefined,
    { variant: 'd0', targetMs: expect.closeTo(46.5) },
  ])
})

test('device names sort in the order of the devices', () => {
  expect(deviceNames(3)).toEqual(['device-1', 'device-2', 'device-3'])
  const names = deviceNames(12)
  expect([...names].sort()).toEqual(names)
})

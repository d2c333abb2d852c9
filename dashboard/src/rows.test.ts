import { expect, test } from 'vitest'
import type { DeviceRow } from '../../src/views/schemas.ts'
import { deviceAddress, locationIn } from './location.ts'
import { type Line, linesOf, lookAtAll } from './rows.ts'
import { agentWords, choiceWords, tierOf } from './words.ts'

const rowOf = (name: string, change: Partial<DeviceRow> = {}): DeviceRow => ({
  ...{ name, health: 'ready', isFailing: false, byTier: { end: 1, edge: 0, cloud: 0 } },
  ...change,
})
const devices = [
  rowOf('camera-1', { edge: 'north', decided: 'end/d4', meanMs: 30 }),
  rowOf('camera-2', { edge: 'south', decided: 'edge/d0', meanMs: 10 }),
  rowOf('camera-10', { edge: 'north', decided: 'end/d0>cloud/d0@0.5', health: 'down' }),
  rowOf('camera-11', { site: 'Oslo', edge: 'east', byTier: { end: 0, edge: 7, cloud: 2 } }),
]
const titles = (lines: readonly Line[]) =>
  lines.map((line) => (line.kind === 'group' ? `[${line.title}: ${line.devices}]` : line.row.name))

test('devices stand under their site and edge', () => {
  expect(titles(linesOf(devices, lookAtAll))).toEqual([
    ...['[Edge north: 2]', 'camera-1', 'camera-10', '[Edge south: 1]', 'camera-2'],
    ...['[Oslo · Edge east: 1]', 'camera-11'],
  ])
})

test.each([
  [{ search: 'NORTH' }, ['camera-1', 'camera-10']],
  [{ search: 'camera-1' }, ['camera-1', 'camera-10', 'camera-11']],
  [{ tier: 'end' }, ['camera-1', 'camera-10']],
  [{ variant: 'd0' }, ['camera-2', 'camera-10']],
  [{ health: 'down' }, ['camera-10']],
  [{ search: 'nobody' }, []],
  [{ column: 'meanMs' }, ['camera-2', 'camera-1', 'camera-10', 'camera-11']],
  [{ column: 'requests', isDescending: true }, ['camera-11', 'camera-10', 'camera-2', 'camera-1']],
  [{ column: 'decided' }, ['camera-2', 'camera-10', 'camera-1', 'camera-11']],
] as const)('looked for by %j', (looked, names) => {
  expect(titles(linesOf(devices, { ...lookAtAll, isGrouped: false, ...looked }))).toEqual(names)
})

test('a device’s address leads to it, whatever its name', () => {
  expect(locationIn('#/devices/camera-3')).toEqual({ device: 'camera-3' })
  expect(locationIn(deviceAddress('a.b_c-1'))).toEqual({ device: 'a.b_c-1' })
  expect(['', '#/', '#/devices/', '#/other/x'].map(locationIn)).toEqual([{}, {}, {}, {}])
})

test('choices in the words of anybody', () => {
  expect(choiceWords('end/d4')).toBe('on the device, d4')
  expect(choiceWords('end/d4>cloud/d0@0.5')).toBe(
    'on the device, d4; when unsure (margin below 0.5) in the cloud, d0',
  )
  expect([undefined, 'nowhere/d0', 'edge/d0'].map(tierOf)).toEqual([undefined, undefined, 'edge'])
  expect(agentWords('fixed:end/d0')).toContain('does not learn')
})

import { beforeEach, describe, expect, it } from 'vitest'
import { SimulatedTime, silentLogger, telemetryOf } from './fake-fleet.fixture.ts'
import { Fleet } from './fleet.ts'

let clock: SimulatedTime
let fleet: Fleet

beforeEach(() => {
  clock = new SimulatedTime()
  fleet = new Fleet({ staleAfterMs: 1000, clock, logger: silentLogger })
})

describe('a fleet', () => {
  it('holds the ready devices by name', () => {
    expect(fleet.hear(telemetryOf('two', 'end'))).toBe(true)
    expect(fleet.hear(telemetryOf('one', 'end'))).toBe(true)
    expect(fleet.hear(telemetryOf('cold', 'end', false))).toBe(false)
    expect(fleet.hear(telemetryOf('edge', 'edge'))).toBe(true)
    expect(fleet.devices).toEqual(['one', 'two'])
    expect(fleet.isUp('edge')).toBe(true)
    expect(fleet.isUp('cloud')).toBe(false)
  })

  it('says when something changed, and only then', () => {
    fleet.hear(telemetryOf('one', 'end', false))
    expect(fleet.hear(telemetryOf('one', 'end', true))).toBe(true)
    expect(fleet.hear(telemetryOf('one', 'end', true))).toBe(false)
    expect(fleet.hear(telemetryOf('one', 'end', false))).toBe(true)
    expect(fleet.hear({ alive: false, node: 'one', tier: 'end' })).toBe(false)
    expect(fleet.hear({ alive: false, node: 'never', tier: 'end' })).toBe(false)
  })

  it('loses a node by its last will, or by silence', async () => {
    fleet.hear(telemetryOf('one', 'end'))
    fleet.hear(telemetryOf('two', 'end'))
    expect(fleet.hear({ alive: false, node: 'one', tier: 'end' })).toBe(true)
    expect(fleet.devices).toEqual(['two'])
    await clock.advance(900)
    fleet.hear(telemetryOf('three', 'end'))
    await clock.advance(101)
    expect(fleet.removeStale()).toBe(true)
    expect(fleet.removeStale()).toBe(false)
    expect(fleet.devices).toEqual(['three'])
  })

  it('keeps the place of a dead edge in the state, and one place before any is known', () => {
    expect(fleet.edgePlaces).toBe(1)
    expect(fleet.edgeStates(1)).toEqual([undefined])
    fleet.hear(telemetryOf('edge-b', 'edge'))
    const busy = { processor: 5, memory: 1, bandwidth: 0 }
    fleet.hear({ ...telemetryOf('edge-a', 'edge'), state: busy })
    expect(fleet.edgePlaces).toBe(2)
    expect(fleet.edgeStates(2)[0]).toEqual(busy)
    fleet.hear({ alive: false, node: 'edge-a', tier: 'edge' })
    expect(fleet.edgePlaces).toBe(2)
    expect(fleet.edgeStates(2)).toEqual([undefined, { processor: 0, memory: 0, bandwidth: 0 }])
    expect(fleet.isUp('edge')).toBe(true)
    fleet.hear(telemetryOf('edge-c', 'edge'))
    expect(fleet.edgePlaces).toBe(2)
    fleet.hear(telemetryOf('edge-a', 'edge'))
    expect(fleet.edgePlaces).toBe(3)
  })

  it('remembers a bounded number of nodes, and still hears those it knows', () => {
    for (let node = 0; node < 300; node++) fleet.hear(telemetryOf(`device-${node}`, 'end'))
    expect(fleet.devices).toHaveLength(256)
    expect(fleet.hear(telemetryOf('device-0', 'end', false))).toBe(true)
    fleet.hear({ alive: false, node: 'device-1', tier: 'end' })
    expect(fleet.hear(telemetryOf('newcomer', 'end'))).toBe(true)
  })
})

import { beforeEach, describe, expect, it } from 'vitest'
import { choices, SimulatedTime, silentLogger, telemetryOf } from './fake-fleet.fixture.ts'
import { LiveNodes } from './live-nodes.ts'

let clock: SimulatedTime
let nodes: LiveNodes

beforeEach(() => {
  clock = new SimulatedTime()
  nodes = new LiveNodes({ choices, staleAfterMs: 1000, clock, logger: silentLogger })
})

describe('live nodes', () => {
  it('holds the ready devices by name', () => {
    expect(nodes.hear(telemetryOf('two', 'end'))).toBe(true)
    expect(nodes.hear(telemetryOf('one', 'end'))).toBe(true)
    expect(nodes.hear(telemetryOf('cold', 'end', false))).toBe(false)
    expect(nodes.hear(telemetryOf('edge', 'edge'))).toBe(true)
    expect(nodes.devices).toEqual(['one', 'two'])
    expect(nodes.isUp('edge')).toBe(true)
    expect(nodes.isUp('cloud')).toBe(false)
  })

  it('says when something changed, and only then', () => {
    nodes.hear(telemetryOf('one', 'end', false))
    expect(nodes.hear(telemetryOf('one', 'end', true))).toBe(true)
    expect(nodes.hear(telemetryOf('one', 'end', true))).toBe(false)
    expect(nodes.hear(telemetryOf('one', 'end', false))).toBe(true)
    expect(nodes.hear({ alive: false, node: 'one', tier: 'end' })).toBe(false)
    expect(nodes.hear({ alive: false, node: 'never', tier: 'end' })).toBe(false)
  })

  it('loses a node by its last will, or by silence', async () => {
    nodes.hear(telemetryOf('one', 'end'))
    nodes.hear(telemetryOf('two', 'end'))
    expect(nodes.hear({ alive: false, node: 'one', tier: 'end' })).toBe(true)
    expect(nodes.devices).toEqual(['two'])
    await clock.advance(900)
    nodes.hear(telemetryOf('three', 'end'))
    await clock.advance(101)
    expect(nodes.removeStale()).toBe(true)
    expect(nodes.removeStale()).toBe(false)
    expect(nodes.devices).toEqual(['three'])
  })

  it('keeps the place of a dead edge in the state, and one place before any is known', () => {
    expect(nodes.edgePlaces).toBe(1)
    expect(nodes.edgeStates(1)).toEqual([undefined])
    nodes.hear(telemetryOf('edge-b', 'edge'))
    const busy = { processor: 5, memory: 1, bandwidth: 0 }
    nodes.hear({ ...telemetryOf('edge-a', 'edge'), state: busy })
    expect(nodes.edgePlaces).toBe(2)
    expect(nodes.edgeStates(2)[0]).toEqual(busy)
    nodes.hear({ alive: false, node: 'edge-a', tier: 'edge' })
    expect(nodes.edgePlaces).toBe(2)
    expect(nodes.edgeStates(2)).toEqual([undefined, { processor: 0, memory: 0, bandwidth: 0 }])
    expect(nodes.isUp('edge')).toBe(true)
    nodes.hear(telemetryOf('edge-c', 'edge'))
    expect(nodes.edgePlaces).toBe(2)
    nodes.hear(telemetryOf('edge-a', 'edge'))
    expect(nodes.edgePlaces).toBe(3)
  })

  it('remembers a bounded number of nodes, and still hears those it knows', () => {
    for (let node = 0; node < 300; node++) nodes.hear(telemetryOf(`device-${node}`, 'end'))
    expect(nodes.devices).toHaveLength(256)
    expect(nodes.hear(telemetryOf('device-0', 'end', false))).toBe(true)
    nodes.hear({ alive: false, node: 'device-1', tier: 'end' })
    expect(nodes.hear(telemetryOf('newcomer', 'end'))).toBe(true)
  })
})

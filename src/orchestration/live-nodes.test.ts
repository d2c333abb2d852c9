import { pino } from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import { choices, SimulatedTime, silentLogger, telemetryOf } from './fake-fleet.fixture.ts'
import { LiveNodes, MAX_NODES } from './live-nodes.ts'

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

  it('knows which edges shed load, by their places, and whether the cloud does', () => {
    const saying = (name: string, tier: 'edge' | 'cloud', sheds: boolean) => {
      const told = telemetryOf(name, tier)
      const admission = { windowSeconds: 5, requests: 9, late: 0, refused: sheds ? 9 : 0, sheds }
      nodes.hear({ ...told, service: { ...told.service, admission } })
    }
    expect(nodes.shedding(1)).toEqual([false, false])
    nodes.hear(telemetryOf('edge-a', 'edge'))
    saying('edge-b', 'edge', true)
    expect(nodes.shedding(2)).toEqual([false, true, false])
    saying('cloud', 'cloud', true)
    saying('edge-b', 'edge', false)
    expect(nodes.shedding(2)).toEqual([false, false, true])
    nodes.hear({ alive: false, node: 'cloud', tier: 'cloud' })
    expect(nodes.shedding(2)).toEqual([false, false, false])
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
})

describe('what devices can do', () => {
  it('knows what each device may take: its own variants, those of its edge, those of a cloud', () => {
    const holding = (...names: string[]) => ({ variants: names.map((name) => ({ name })) })
    const at = (edge: string, cloud = true) => ({ reaches: { edge, cloud } })
    nodes.hear({ ...telemetryOf('one', 'end'), ...at('east') })
    nodes.hear({ ...telemetryOf('two', 'end'), ...at('west', false), ...holding('d4') })
    nodes.hear(telemetryOf('west', 'edge'))
    nodes.hear({ ...telemetryOf('cloud', 'cloud'), ...holding('d7') })
    // end/d0, end/d4, end/d7, edge/d0, cloud/d0
    expect(nodes.availableTo('one')).toEqual([true, true, true, false, false])
    expect(nodes.availableTo('two')).toEqual([false, true, false, true, false])
    expect(nodes.hear(telemetryOf('cloud', 'cloud'))).toBe(true)
    expect(nodes.availableTo('one')).toEqual([true, true, true, false, true])
    expect(nodes.availableTo('two')).toEqual([false, true, false, true, false])
    nodes.hear(telemetryOf('east', 'edge'))
    expect(nodes.edgeOf(['one', 'two'])).toEqual([0, 1])
    nodes.hear({ alive: false, node: 'west', tier: 'edge' })
    expect(nodes.availableTo('one')[3]).toBe(true)
    expect(nodes.availableTo('two')[3]).toBe(false)
  })

  it('leaves out a device that holds nothing as long as nobody serves it', () => {
    const client = { ...telemetryOf('one', 'end'), variants: [] }
    expect(nodes.hear({ ...client, reaches: { cloud: false } })).toBe(true)
    nodes.hear(telemetryOf('edge', 'edge'))
    expect(nodes.devices).toEqual([])
    expect(nodes.hear(client)).toBe(true)
    expect(nodes.devices).toEqual(['one'])
    nodes.hear(telemetryOf('edge', 'edge', false))
    expect(nodes.devices).toEqual([])
  })

  it('passes on what devices tell of their own times', () => {
    const told = { ...telemetryOf('one', 'end'), variants: [{ name: 'd4', serviceTimeMs: 7 }] }
    nodes.hear(telemetryOf('one', 'end'))
    expect(nodes.hear(told)).toBe(true)
    expect(nodes.hear({ ...told })).toBe(false)
    expect(nodes.localTimesMs('one')).toEqual([undefined, 7, undefined, undefined, undefined])
  })
})

it('keeps a device to what is at or above its floor, and says where that is nothing', () => {
  const lines: string[] = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })
  const cascade = {
    placement: { tier: 'end', variant: 'd7' },
    accuracyPercent: 89,
    escalation: { to: { tier: 'edge', variant: 'd0' }, margin: 0.51, share: 0.2 },
  } as const
  const all = [...choices, cascade]
  const nodes = new LiveNodes({ choices: all, staleAfterMs: 1000, clock, logger })
  nodes.hear(telemetryOf('edge', 'edge'))
  const at = (floorPercent: number) => ({ ...telemetryOf('one', 'end'), floorPercent })
  nodes.hear(telemetryOf('two', 'end'))
  // end/d0 89.9, end/d4 88.9, end/d7 72.8, edge/d0 89.9, cloud/d0, end/d7>edge/d0 89
  expect(nodes.hear(at(72.8))).toBe(true)
  expect(nodes.availableTo('one')).toEqual([true, true, true, true, false, true])
  expect(nodes.hear(at(89))).toBe(true)
  expect(nodes.hear(at(89))).toBe(false)
  expect(nodes.availableTo('one')).toEqual([true, false, false, true, false, true])
  expect(nodes.availableTo('two')).toEqual([true, true, true, true, false, true])
  expect(lines).toEqual([])
  nodes.hear(at(90))
  expect(nodes.devices).toEqual(['two'])
  expect(lines.join()).toContain('one gets no decisions: nothing that serves it now has its floor')
})

it('lets a device escalate where both stages are served and it does not doubt its accuracy', () => {
  const to = (tier: 'end' | 'edge', variant: string) => ({
    placement: { tier: 'end', variant: 'd7' } as const,
    accuracyPercent: 88,
    escalation: { to: { tier, variant }, margin: 0.5, share: 0.2 },
  })
  const cascades = [to('end', 'd0'), to('edge', 'd0'), to('edge', 'd9')]
  const all = [...choices.slice(2, 3), ...cascades]
  const fleet = new LiveNodes({ choices: all, staleAfterMs: 1000, clock, logger: silentLogger })
  fleet.hear(telemetryOf('edge', 'edge'))
  fleet.hear(telemetryOf('one', 'end'))
  expect(fleet.availableTo('one')).toEqual([true, true, true, false])
  const small = { ...telemetryOf('two', 'end'), variants: [{ name: 'd7', serviceTimeMs: 3 }] }
  fleet.hear(small)
  expect(fleet.availableTo('two')).toEqual([true, false, true, false])
  expect(fleet.localTimesMs('two')).toEqual([3, undefined, undefined, undefined])
  const seen = { judged: 9, plannedPercent: 20, seenPercent: 60, audited: 0, agreed: 0 }
  const inService = { ...seen, labelled: 0, right: 0 }
  expect(fleet.hear({ ...small, inService })).toBe(false)
  expect(fleet.hear({ ...small, inService: { ...inService, inDoubt: 'drift' } })).toBe(true)
  expect(fleet.availableTo('two')).toEqual([true, false, false, false])
  expect(fleet.availableTo('one')).toEqual([true, true, true, false])
  expect(fleet.inService('two')?.inDoubt).toBe('drift')
  expect(fleet.hear({ ...small, inService: { ...inService, inDoubt: 'more' } })).toBe(false)
  expect(fleet.hear({ ...small, inService })).toBe(true)
})

it('leaves a device in doubt its most accurate variant, and what is no worse elsewhere', () => {
  nodes.hear(telemetryOf('edge', 'edge'))
  const inService = {
    ...{ judged: 9, plannedPercent: 20, seenPercent: 60, audited: 0, agreed: 0 },
    ...{ labelled: 0, right: 0, inDoubt: 'drift' },
  }
  nodes.hear({ ...telemetryOf('one', 'end'), inService })
  // end/d0, end/d4, end/d7, edge/d0, cloud/d0
  expect(nodes.availableTo('one')).toEqual([true, false, false, true, false])
  const variants = [{ name: 'd4' }, { name: 'd7' }]
  nodes.hear({ ...telemetryOf('two', 'end'), variants, inService })
  expect(nodes.availableTo('two')).toEqual([false, true, false, true, false])
  nodes.hear({ ...telemetryOf('three', 'end'), variants: [], inService })
  expect(nodes.availableTo('three')).toEqual([false, false, false, true, false])
})

it('has room for 2,000 nodes, refuses more by name, and takes them once others have gone', () => {
  const lines: string[] = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })
  nodes = new LiveNodes({ choices, staleAfterMs: 1000, clock, logger })
  for (let node = 0; node < MAX_NODES; node++) nodes.hear(telemetryOf(`n${node}`, 'end'))
  expect(nodes.devices).toHaveLength(2000)
  expect(nodes.hear(telemetryOf('late-1', 'end'))).toBe(false)
  expect(nodes.hear(telemetryOf('late-1', 'end'))).toBe(false)
  expect(nodes.hear(telemetryOf('late-2', 'end'))).toBe(false)
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
    expect.stringContaining('refused the node late-1: a fleet has 2000 at most'),
    expect.stringContaining('refused the node late-2'),
  ])
  expect(nodes.refused).toBe(3)
  nodes.hear({ alive: false, node: 'n7', tier: 'end' })
  expect(nodes.hear(telemetryOf('late-1', 'end'))).toBe(true)
  expect(nodes.devices).toContain('late-1')
})

it('says once which edge is of no use, and what would mend it', () => {
  const lines: string[] = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })
  nodes = new LiveNodes({ choices, staleAfterMs: 1000, clock, logger })
  const small = { ...telemetryOf('small', 'edge'), variants: [{ name: 'd4' }, { name: 'd7' }] }
  nodes.hear({ ...small, ready: false })
  nodes.hear(telemetryOf('large', 'edge'))
  nodes.hear({ ...telemetryOf('camera', 'end'), variants: [] })
  expect(lines).toEqual([])
  nodes.hear(small)
  nodes.hear({ ...small, variants: [{ name: 'd7' }] })
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
    expect.stringMatching(/^small is not used: it holds d4, d7.*for d0; .*--remote-variants$/),
  ])
})

it('knows the goals that devices have for themselves, and says which nothing reaches', () => {
  const lines: string[] = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })
  const nodes = new LiveNodes({ choices, staleAfterMs: 1000, clock, logger })
  const at = (goalPercent: number) => ({ ...telemetryOf('one', 'end'), goalPercent })
  nodes.hear(telemetryOf('two', 'end'))
  expect(nodes.hear(at(89))).toBe(true)
  expect(nodes.hear(at(89))).toBe(false)
  expect([nodes.goalOf('one'), nodes.goalOf('two')]).toEqual([89, undefined])
  // A goal closes nothing here: it may be below what the device's decisions are held to.
  expect(nodes.availableTo('one')).toEqual(nodes.availableTo('two'))
  expect(lines).toEqual([])
  nodes.hear(at(90))
  expect(nodes.devices).toEqual(['one', 'two'])
  expect(lines.join()).toMatch(/one is below its own goal of 90 %: .* 89\.9 % at most/)
})

import { describe, expect, it } from 'vitest'
import type { Choice } from '../../fleet/choice.ts'
import { formatPlacement, parsePlacement } from '../../fleet/placement.ts'
import { SCENARIOS, type Scenario, scenarioState } from '../../fleet/scenarios.ts'
import type { FleetState, ResourceState } from '../../fleet/state.ts'
import { Random } from '../../random.ts'
import { SimulatedEnvironment } from '../simulated-environment.ts'
import { DEFAULT_CHOICES, type Delivery, paperWorld } from './paper-world.ts'

/** Shape [devices]. @param placements of every device: `end/d7 edge/d0` */
function timesOf(fleet: FleetState, placements: string, choices = DEFAULT_CHOICES): number[] {
  const { devices, edges } = { devices: fleet.devices.length, edges: fleet.edges.length }
  const options = { devices, edges, choices, scenario: 'A', goalPercent: 0, seed: 1 } as const
  const environment = new SimulatedEnvironment(options)
  environment.setFleet(fleet)
  const texts = choices.map(({ placement }) => formatPlacement(placement))
  return environment.expectedResponseTimesMs(
    placements.split(' ').map((text) => texts.indexOf(text)),
  )
}

const worldOf = (scenario: Scenario, delivery: Delivery) =>
  new SimulatedEnvironment({ devices: 5, scenario, delivery, goalPercent: 0 })

/** The stated contention: response time of each of k requests at the edge, and at the cloud, on regular links. */
const edgeMs = (users: number) => 58.6 + 292.4 * Math.max(1, 0.85 * users + 0.15)
const cloudMs = (users: number) => 58.6 + 316.4 * Math.max(1, 0.6 * users + 0.4)

function expectTimes(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.map((ms) => ms.toFixed(6))).toEqual(expected.map((ms) => ms.toFixed(6)))
}

describe('A round of the paper’s fleet', () => {
  it.each([
    ['d0', 464.866],
    ['d1', 284.938],
    ['d2', 165.7],
    ['d3', 87.874],
    ['d4', 247.508],
    ['d5', 163.844],
    ['d6', 108.4],
    ['d7', 72.212],
  ])('runs %s on an idle device in %s ms', (variant, responseTimeMs) => {
    const [end] = timesOf(scenarioState('A', 1, 1), `end/${variant}`)
    expect(end).toBeCloseTo(responseTimeMs, 6)
  })

  it.each([1, 2, 3, 4, 5])('gives %i users of one tier the stated contention', (users) => {
    const fleet = scenarioState('A', users, 1)
    const all = (placement: string) => Array(users).fill(placement).join(' ')
    expectTimes(timesOf(fleet, all('edge/d0')), Array(users).fill(edgeMs(users)))
    expectTimes(timesOf(fleet, all('cloud/d0')), Array(users).fill(cloudMs(users)))
  })

  it('keeps tiers and edges apart', () => {
    const fleet = scenarioState('A', 5, 2)
    // S1, S3, S5 use the first edge, S2 and S4 the second.
    const round = 'edge/d0 edge/d0 edge/d0 cloud/d0 cloud/d0'
    const expected = [edgeMs(2), edgeMs(1), edgeMs(2), cloudMs(2), cloudMs(2)]
    expectTimes(timesOf(fleet, round), expected)
  })

  it('adds weak links: 77 ms at the device, 23 more to offload, 6 for the edge', () => {
    const round = 'end/d7 end/d7 edge/d0 cloud/d0'
    // Scenario B: S2 and S4 weak, and the edge.
    const expected = [72.212 + 6, 72.212 + 77 + 6, edgeMs(1) + 6, cloudMs(1) + 77 + 23 + 6]
    expectTimes(timesOf(scenarioState('B', 4, 1), round), expected)
  })

  it('slows down by background load, memory and a busy device', () => {
    const idle = scenarioState('A', 3, 1)
    const loaded: FleetState = {
      devices: idle.devices.map((node) => ({ ...node, processor: 1 })),
      edges: [{ processor: 4, memory: 0, bandwidth: 0 }],
      cloud: { processor: 0, memory: 1, bandwidth: 1 },
    }
    // Four levels weigh like one more request; a busy device takes 1.5 times, a full memory 1.2 times as long.
    const expected = [58.6 + 1.5 * (72.212 - 58.6), edgeMs(2), 58.6 + 1.2 * 316.4 + 20]
    expectTimes(timesOf(loaded, 'end/d7 edge/d0 cloud/d0'), expected)
  })
})

describe('Variants in the paper’s fleet', () => {
  it('gives a lighter variant of a shared node its own lone time, and a share of the same queue', () => {
    const light = { accuracyPercent: 88.9, megaMacs: 569, precision: 'INT8' } as const
    const d4: Choice = { ...light, placement: parsePlacement('edge/d4') }
    const choices = [...DEFAULT_CHOICES, d4]
    // d4 needs 292.4 · 332 / 714 = 135.961… ms where d0 needs 292.4.
    const d4Ms = (292.4 * 0.332) / 0.714
    const fleet = scenarioState('A', 2, 1)
    expectTimes(timesOf(fleet, 'end/d7 edge/d4', choices), [72.212, 58.6 + d4Ms])
    const [heavyMs = 0, lightMs = 0] = timesOf(fleet, 'edge/d0 edge/d4', choices)
    expect(heavyMs).toBeCloseTo(edgeMs(2), 6)
    expect(lightMs).toBeCloseTo(edgeMs(2) - (292.4 - d4Ms), 6)
    // Where the node offers nothing more accurate, its curve is that of the light one.
    const lightOnly = [...DEFAULT_CHOICES.filter(({ placement }) => placement.tier === 'end'), d4]
    expectTimes(timesOf(fleet, 'edge/d4 edge/d4', lightOnly), Array(2).fill(58.6 + 1.85 * d4Ms))
  })

  it('knows variants by what they cost, not by their names', () => {
    const renamed = DEFAULT_CHOICES.map((choice, index) => ({
      ...choice,
      placement: { ...choice.placement, variant: `v${index}` },
    }))
    const fleet = scenarioState('D', 3, 1)
    const expected = timesOf(fleet, 'end/d5 edge/d0 cloud/d0')
    expect(timesOf(fleet, 'end/v5 edge/v8 cloud/v9', renamed)).toEqual(expected)
  })

  it.each([
    {},
    { megaMacs: 100 },
    { precision: 'FP32' },
    { megaMacs: 100, precision: 'FP16' },
  ] as const)('rejects a variant of which it knows no more than %j', (facts) => {
    const choice = { ...facts, placement: parsePlacement('end/d0'), accuracyPercent: 89.9 }
    const fleet = { devices: 1, scenario: 'A', choices: [choice] } as const
    expect(() => paperWorld(fleet)).toThrow('how long end/d0 takes: give the choice its megaMacs')
  })
})

describe('A round as events', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))('takes as long (seed %i)', (seed) => {
    const random = new Random(seed)
    const devices = 1 + random.integer(9)
    const fleet = randomFleet(random, devices, 1 + random.integer(3))
    for (let round = 0; round < 10; round++) {
      const texts = fleet.devices.map(() => {
        const choice = DEFAULT_CHOICES[random.integer(10)]
        return choice ? formatPlacement(choice.placement) : ''
      })
      expectTimes(timesOf(fleet, texts.join(' ')), eventTimesMs(fleet, texts))
    }
  })
})

/**
 * One round, event by event: a node serves all its requests at once, each at the same share of its speed, and whenever some depart,
 * the others get more of it. Shape [devices].
 */
function eventTimesMs(
  { devices, edges, cloud }: FleetState,
  placements: readonly string[],
): number[] {
  const memory = (node: ResourceState) => (node.memory === 0 ? 1 : 1.2)
  const nodes = new Map<ResourceState, Map<number, number>>()
  const departuresMs = placements.map((placement, device) => {
    const [edge = cloud] = edges.slice(device % edges.length)
    const own = devices[device] ?? cloud
    const [tier, variant] = placement.split('/')
    const wayMs = 58.6 + 77 * own.bandwidth + 6 * edge.bandwidth
    if (tier === 'end') {
      const { megaMacs = 0, precision } =
        DEFAULT_CHOICES.find((each) => each.placement.variant === variant) ?? {}
      const ms = megaMacs * (precision === 'INT8' ? 0.332 : 0.714)
      return wayMs + ms * (own.processor === 0 ? 1 : 1.5) * memory(own)
    }
    const [node, workMs] = tier === 'edge' ? [edge, 292.4] : [cloud, 316.4]
    nodes.set(node, (nodes.get(node) ?? new Map()).set(device, workMs))
    return wayMs + 23 * own.bandwidth + (tier === 'cloud' ? 20 * cloud.bandwidth : 0)
  })
  for (const [node, leftMs] of nodes) {
    for (let nowMs = 0; leftMs.size > 0; ) {
      const load = leftMs.size + node.processor / 4
      const speed = node === cloud ? 0.6 * load + 0.4 : 0.85 * load + 0.15
      const stepMs = Math.min(...leftMs.values())
      nowMs += stepMs * Math.max(1, speed) * memory(node)
      for (const [device, ms] of leftMs) {
        leftMs.set(device, ms - stepMs)
        if (ms - stepMs > 1e-9) continue
        leftMs.delete(device)
        departuresMs[device] = (departuresMs[device] ?? 0) + nowMs
      }
    }
  }
  return departuresMs
}

function randomFleet(random: Random, devices: number, edges: number): FleetState {
  const node = (levels: number) => ({
    processor: random.integer(levels),
    memory: random.integer(2),
    bandwidth: random.integer(2),
  })
  return {
    devices: Array.from({ length: devices }, () => node(2)),
    edges: Array.from({ length: edges }, () => node(9)),
    cloud: node(9),
  }
}

it('saves what asking costs where decisions are pushed, by hand', () => {
  const [asked, pushed] = [worldOf('D', 'consulted'), worldOf('D', 'pushed')]
  // d7 takes 58.6 + 41 · 0.332 ms; asking 77 of a weak device and 6 of a weak edge.
  const local = 58.6 + 41 * 0.332
  expect(asked.expectedResponseTimeMs([7, 7, 7, 7, 7])).toBeCloseTo(local + 83, 9)
  expect(pushed.expectedResponseTimeMs([7, 7, 7, 7, 7])).toBeCloseTo(local, 9)
  // Forwarded alone: 23 ms beyond the asking, and the edge's 6.
  expect(asked.expectedResponseTimesMs([8, 7, 7, 7, 7])[0]).toBeCloseTo(351 + 77 + 23 + 6, 9)
  expect(pushed.expectedResponseTimesMs([8, 7, 7, 7, 7])[0]).toBeCloseTo(351 + 23 + 6, 9)
})

it('saves nothing without weak links, and costs more nowhere', () => {
  const random = new Random(2)
  for (const scenario of SCENARIOS) {
    const [asked, pushed] = [worldOf(scenario, 'consulted'), worldOf(scenario, 'pushed')]
    for (let round = 0; round < 100; round++) {
      const decision = Array.from({ length: 5 }, () => random.integer(10))
      const before = asked.expectedResponseTimesMs(decision)
      const after = pushed.expectedResponseTimesMs(decision)
      if (scenario === 'A') expect(after).toEqual(before)
      expect(after.every((ms, device) => ms <= (before[device] ?? 0) + 1e-9)).toBe(true)
    }
  }
})

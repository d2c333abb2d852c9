import { describe, expect, it } from 'vitest'
import { type Placement, parsePlacement } from '../fleet/placement.ts'
import { scenarioState } from '../fleet/scenarios.ts'
import type { FleetState } from '../fleet/state.ts'
import { Random } from '../random.ts'
import { DEFAULT_CHOICES } from './calibration.ts'
import { simulateRound } from './round.ts'
import { RoundTable } from './round-table.ts'

const placements = (text: string): Placement[] => text.split(' ').map(parsePlacement)

/** The stated contention: response time of each of k requests at the edge, and at the cloud, on regular links. */
const edgeMs = (users: number) => 58.6 + 292.4 * Math.max(1, 0.85 * users + 0.15)
const cloudMs = (users: number) => 58.6 + 316.4 * Math.max(1, 0.6 * users + 0.4)

function expectTimes(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.map((ms) => ms.toFixed(6))).toEqual(expected.map((ms) => ms.toFixed(6)))
}

describe('A simulated round', () => {
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
    const [end] = simulateRound(scenarioState('A', 1, 1), placements(`end/${variant}`))
    expect(end).toBeCloseTo(responseTimeMs, 6)
  })

  it.each([1, 2, 3, 4, 5])('gives %i users of one tier the stated contention', (users) => {
    const fleet = scenarioState('A', users, 1)
    const all = (placement: string) => placements(Array(users).fill(placement).join(' '))
    expectTimes(simulateRound(fleet, all('edge/d0')), Array(users).fill(edgeMs(users)))
    expectTimes(simulateRound(fleet, all('cloud/d0')), Array(users).fill(cloudMs(users)))
  })

  it('keeps tiers and edges apart', () => {
    const fleet = scenarioState('A', 5, 2)
    // S1, S3, S5 use the first edge, S2 and S4 the second.
    const round = placements('edge/d0 edge/d0 edge/d0 cloud/d0 cloud/d0')
    const expected = [edgeMs(2), edgeMs(1), edgeMs(2), cloudMs(2), cloudMs(2)]
    expectTimes(simulateRound(fleet, round), expected)
  })

  it('adds weak links: 77 ms at the device, 23 more to offload, 6 for the edge', () => {
    const round = placements('end/d7 end/d7 edge/d0 cloud/d0')
    // Scenario B: S2 and S4 weak, and the edge.
    const expected = [72.212 + 6, 72.212 + 77 + 6, edgeMs(1) + 6, cloudMs(1) + 77 + 23 + 6]
    expectTimes(simulateRound(scenarioState('B', 4, 1), round), expected)
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
    expectTimes(simulateRound(loaded, placements('end/d7 edge/d0 cloud/d0')), expected)
  })

  it('lets a light variant leave a shared node early, to the gain of the heavy one', () => {
    // d4 needs 292.4 · 332 / 714 = 135.961… ms. Both run at 1 / 1.85 until it has left; then d0 has the node alone.
    const light = (292.4 * 0.332) / 0.714
    const [heavyMs, lightMs] = simulateRound(
      scenarioState('A', 2, 1),
      placements('edge/d0 edge/d4'),
    )
    expect(lightMs).toBeCloseTo(58.6 + 1.85 * light, 6)
    expect(heavyMs).toBeCloseTo(58.6 + 1.85 * light + (292.4 - light), 6)
  })

  it('rejects a variant it knows nothing of', () => {
    const fleet = scenarioState('A', 1, 1)
    expect(() => simulateRound(fleet, placements('end/d8'))).toThrow('no variant "d8"')
  })
})

describe('RoundTable', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'agrees with the events (seed %i)',
    (seed) => {
      const random = new Random(seed)
      const devices = 1 + random.integer(9)
      const fleet = randomFleet(random, devices, 1 + random.integer(3))
      const table = new RoundTable(fleet, DEFAULT_CHOICES)
      for (let round = 0; round < 10; round++) {
        const decision = Array.from({ length: devices }, () => random.integer(10))
        const chosen = decision.flatMap((choice) => DEFAULT_CHOICES[choice]?.placement ?? [])
        expectTimes(table.responseTimesMs(decision), simulateRound(fleet, chosen))
      }
    },
  )

  it('knows for which choices it is exact', () => {
    const extra = { placement: parsePlacement('edge/d4'), accuracyPercent: 88.9 }
    expect(RoundTable.isExactFor(DEFAULT_CHOICES)).toBe(true)
    expect(RoundTable.isExactFor([...DEFAULT_CHOICES, extra])).toBe(false)
  })
})

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

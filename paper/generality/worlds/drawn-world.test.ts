import { describe, expect, test } from 'vitest'
import { TABLE_III } from '../../../src/fleet/variants.ts'
import { Random } from '../../../src/random.ts'
import type { World } from '../../../src/simulation/world.ts'
import { distinct } from '../../runs.ts'
import { type DrawnFleet, drawnWorld, isInteraction, type LawName } from './drawn-world.ts'
import { SETS } from './sets.ts'

const LAWS = [...SETS.tuning.laws, ...SETS.reported.laws]
const SEEDS = Array.from({ length: 12 }, (_, index) => 1 + index)
const FLEET: DrawnFleet = { law: 'knee', users: 5, local: 'free' }

const draw = (change: Partial<DrawnFleet>, seed = 3) =>
  drawnWorld({ ...FLEET, ...change }, new Random(seed))

/** All that is fixed of a world, and what it adds to one mixed decision. */
function written(world: World): string {
  const { times, coupledMs, ...others } = world
  const mixed = world.edgeOf.map((_, device) => (3 * device) % world.choices.length)
  const { own, curvesMs } = times(world.start)
  const curves = curvesMs.map((curve) => [...curve])
  return JSON.stringify({ ...others, own, curves, coupled: coupledMs?.(mixed) })
}

describe.each(LAWS)('%s', (law: LawName) => {
  test('of a seed it is always the same world, of another seed another', () => {
    expect(written(draw({ law }, 3))).toBe(written(draw({ law }, 3)))
    const worlds = SEEDS.map((seed) => written(draw({ law }, seed)))
    expect(distinct(worlds)).toHaveLength(SEEDS.length)
  })

  test('every device has a finite time for every choice, and every node a curve for all users', () => {
    const world = draw({ law, users: 20, local: 'by size' })
    const { own, curvesMs } = world.times(world.start)
    expect(own).toHaveLength(20)
    expect(curvesMs).toHaveLength(3 + 1)
    for (const row of own) expect(row).toHaveLength(world.choices.length)
    const curves = curvesMs.flatMap((curve) => [...curve])
    expect(curves).toHaveLength(4 * 20)
    expect(curves.every((ms) => ms > 0 && Number.isFinite(ms))).toBe(true)
    const totals = own.flat().map(({ computeMs, linkMs }) => computeMs + linkMs)
    expect(totals.every(Number.isFinite)).toBe(true)
  })

  test('devices add something to each other only where they interact', () => {
    const worlds = SEEDS.map((seed) => draw({ law }, seed))
    expect(worlds.every(({ coupledMs }) => (coupledMs !== undefined) === isInteraction(law))).toBe(
      true,
    )
    for (const { coupledMs, choices, edgeOf } of worlds) {
      if (!coupledMs) continue
      const all = (tier: string) =>
        edgeOf.map(() => choices.findIndex(({ placement }) => placement.tier === tier))
      expect(Math.max(...coupledMs(all('end')))).toBe(0)
      expect(coupledMs(all('edge'))).toHaveLength(edgeOf.length)
    }
  })
})

test('who and what matters in an interaction, not the number of users alone', () => {
  for (const law of LAWS.filter(isInteraction)) {
    const { coupledMs, choices, edgeOf } = draw({ law })
    const edges = [...choices.keys()].filter((choice) => choices[choice]?.placement.tier === 'edge')
    const local = choices.findIndex(({ placement }) => placement.tier === 'end')
    // The same number of users at the edge: two neighbours, two strangers, two that run something else.
    const [one = 0, two = one] = edges
    const decisions = [
      [one, one, local, local, local],
      [one, local, local, local, one],
      [one, two, local, local, local],
    ]
    const added = decisions.map((decision) =>
      (coupledMs?.(decision) ?? []).reduce((sum, ms) => sum + ms, 0),
    )
    expect(edgeOf).toHaveLength(5)
    expect(distinct(added).length, law).toBeGreaterThan(1)
  }
})

describe('fleets', () => {
  const worlds = SEEDS.map((seed) => draw({ local: 'by size' }, seed))

  test('have names and accuracies of their own', () => {
    const names = worlds.flatMap(({ choices }) => choices.map(({ placement }) => placement.variant))
    const accuracies = worlds.flatMap(({ choices }) =>
      choices.map(({ accuracyPercent }) => accuracyPercent),
    )
    const paper = TABLE_III.map(({ name, accuracyPercent }) => ({ name, accuracyPercent }))
    expect(names.filter((own) => paper.some(({ name }) => name === own))).toEqual([])
    const shared = accuracies.filter((own) =>
      paper.some(({ accuracyPercent }) => accuracyPercent === own),
    )
    expect(shared).toEqual([])
  })

  test('tell sizes in some, not in others; have one variant at the edge in some, two in others', () => {
    const tells = worlds.map(({ choices }) => choices.every(({ megaMacs }) => megaMacs))
    const atEdge = worlds.map(
      ({ choices }) => choices.filter(({ placement }) => placement.tier === 'edge').length,
    )
    expect(new Set(tells)).toEqual(new Set([true, false]))
    expect(new Set(atEdge)).toEqual(new Set([1, 2]))
  })

  test('have links that differ by device and by tier, some of them weak', () => {
    const { times, start, choices } = draw({ users: 20 })
    const { own } = times(start)
    for (const tier of ['end', 'edge', 'cloud']) {
      const choice = choices.findIndex(({ placement }) => placement.tier === tier)
      const links = own.map((row) => row[choice]?.linkMs)
      expect(distinct(links).length, tier).toBeGreaterThan(15)
    }
    const weak = start.devices.filter(({ bandwidth }) => bandwidth === 1).length
    expect(weak).toBeGreaterThan(0)
    expect(weak).toBeLessThan(20)
  })

  test('local times follow sizes by size, and nothing where they are free', () => {
    const isOrdered = (local: DrawnFleet['local']) =>
      SEEDS.filter((seed) => {
        const world = draw({ local }, seed)
        const best = world.choices
          .map(({ placement, accuracyPercent }, choice) => ({ placement, accuracyPercent, choice }))
          .filter(({ placement }) => placement.tier === 'end')
          .toSorted((one, other) => other.accuracyPercent - one.accuracyPercent)
        const { own } = world.times(world.start)
        const ms = (index: number) => own[0]?.[best.at(index)?.choice ?? 0]?.computeMs ?? 0
        return ms(0) > ms(-1)
      }).length
    expect(isOrdered('by size')).toBeGreaterThan(10)
    expect(isOrdered('free')).toBeLessThan(10)
  })
})

import { expect, test } from 'vitest'
import type { BeyondSettings } from './settings.ts'
import { EVENTS, LEARNERS, sweep } from './sweep.ts'

const full = sweep({ quick: false, seeds: 20 })

/** How many runs there are of each setting's value. */
function counts(runs: readonly BeyondSettings[], of: (run: BeyondSettings) => unknown) {
  const found = new Map<unknown, number>()
  for (const run of runs) found.set(of(run), (found.get(of(run)) ?? 0) + 1)
  return Object.fromEntries(found)
}

test('factored learns with 20 seeds in every fleet and at every goal', () => {
  const own = full.filter(({ study, agent }) => study === 'learners' && agent === 'factored')
  const cells = counts(own, ({ fleet, goal }) => `${fleet} ${goal}`)
  expect(Object.keys(cells)).toHaveLength(20)
  expect(new Set(Object.values(cells))).toEqual(new Set([20]))
  const drawn = full.filter(({ study, users }) => study === 'fleets' && users <= 100)
  expect(counts(drawn, ({ users }) => users)).toEqual({ 5: 200, 20: 200, 100: 200 })
})

test('the others learn in the very same simulator, some with fewer seeds', () => {
  const own = full.filter(({ study }) => study === 'learners')
  expect(new Set(own.map(({ agent }) => agent))).toEqual(
    new Set(LEARNERS.map(({ agent }) => agent)),
  )
  for (const { agent, feedback, mostSeeds = 20 } of LEARNERS) {
    const mine = own.filter((run) => run.agent === agent && run.feedback === feedback)
    const seeds = new Set(mine.map(({ seed }) => seed))
    expect(seeds.size, agent).toBe(mostSeeds)
    expect(Math.min(...seeds)).toBe(101)
  }
})

test('every event is met seen and unseen, and unseen by an agent that never forgets', () => {
  const own = full.flatMap((run) => (run.part === 'drift' && run.users === 5 ? [run] : []))
  const kinds = counts(own, (run) =>
    run.part === 'drift'
      ? `${JSON.stringify(run.event)} ${run.observed} ${JSON.stringify(run.overrides)}`
      : '',
  )
  expect(Object.keys(kinds)).toHaveLength(3 * EVENTS.length)
  expect(new Set(Object.values(kinds))).toEqual(new Set([40]))
})

test('no run is there twice', () => {
  expect(new Set(full.map((run) => JSON.stringify(run))).size).toBe(full.length)
})

test('a quick sweep has something of every study', () => {
  const quick = sweep({ quick: true, seeds: 1 })
  expect(quick.length).toBeLessThan(40)
  const studies = (runs: readonly BeyondSettings[]) => new Set(runs.map(({ study }) => study))
  expect(studies(quick)).toEqual(studies(full))
})

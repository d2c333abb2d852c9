import { describe, expect, test } from 'vitest'
import { keyOf } from '../../src/cli/reproduce/run-store.ts'
import { distinct, grouped } from '../runs.ts'
import { experiment } from './run.ts'
import type { GeneralitySettings } from './settings.ts'
import { sweep } from './sweep.ts'
import { isInteraction } from './worlds/drawn-world.ts'
import { SETS } from './worlds/sets.ts'

const seeds = experiment.defaultSeeds.full
const full = sweep({ quick: false, seeds })
const reported = full.filter(({ set }) => set === 'reported')

const of = (runs: readonly GeneralitySettings[], study: string) =>
  runs.filter((run) => run.study === study)

test('no run is asked for twice', () => {
  expect(distinct(full.map(keyOf))).toHaveLength(full.length)
})

test('every cell has at least ten seeds, of whatever agent', () => {
  expect(seeds).toBeGreaterThanOrEqual(10)
  const cellOf = ({
    set,
    study,
    agent,
    overrides,
    world,
    users,
    profile,
    noise,
    change,
  }: GeneralitySettings) => {
    const dealt = study === 'paper' || study === 'laws' || study === 'learners' ? world : ''
    return keyOf({
      seed: 0,
      ...{ set, study, agent, overrides, dealt, users, profile, noise, change },
    })
  }
  for (const [cell, runs] of grouped(full, cellOf)) {
    expect(distinct(runs.map(({ seed }) => seed)).length, cell).toBeGreaterThanOrEqual(10)
  }
})

test('all agents learn in the same fleets, under every law', () => {
  const learners = of(reported, 'learners')
  const agents = distinct(learners.map(({ agent }) => agent))
  expect(agents).toEqual(['factored', 'hybrid', 'dqn', 'bandit', 'best fixed'])
  const fleetsOf = (agent: string) =>
    learners
      .filter((run) => run.agent === agent)
      .map(({ agent: _, overrides: __, ...fleet }) => fleet)
  for (const agent of agents) expect(fleetsOf(agent), agent).toEqual(fleetsOf('factored'))
  expect(distinct(learners.map(({ world }) => world))).toEqual(SETS.reported.laws)
})

test('every law of local times, every goal and every noise is met', () => {
  for (const world of SETS.reported.laws) {
    const own = of(reported, 'laws').filter((run) => run.world === world)
    expect(new Set(own.map(({ local }) => local)), world).toEqual(new Set(['free', 'by size']))
    expect(distinct(own.map(({ goal }) => goal)), world).toHaveLength(3)
    expect(distinct(own.map(({ users }) => users)), world).toEqual(
      isInteraction(world) ? [5] : [5, 20],
    )
  }
  expect(distinct(of(reported, 'noise').map(({ noise }) => noise))).toEqual(SETS.reported.noises)
})

test('more seeds add runs and change none', () => {
  const more = new Set(sweep({ quick: false, seeds: seeds + 2 }).map(keyOf))
  expect(full.map(keyOf).filter((key) => !more.has(key))).toEqual([])
  expect(more.size).toBeGreaterThan(full.length)
})

describe('a quick sweep', () => {
  const quick = sweep({ quick: true, seeds: 1 })

  test('has something of every study, and is short', () => {
    expect(new Set(quick.map(({ study }) => study))).toEqual(
      new Set(full.map(({ study }) => study)),
    )
    expect(quick.length).toBeLessThan(100)
    expect(Math.max(...quick.map(({ steps }) => steps))).toBeLessThan(1000)
  })
})

test('own agents stand beside the learners, in their fleets, and nowhere else', () => {
  const options = { quick: true, seeds: 1 }
  const without = sweep(options)
  const entered = sweep({ ...options, agents: ['./mine.mjs'] }).slice(without.length)
  const own = without.filter(({ study, agent }) => study === 'learners' && agent === 'factored')
  expect(own.length).toBeGreaterThan(0)
  expect(entered).toEqual(own.map((run) => ({ ...run, agent: './mine.mjs' })))
})

import { expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { changed } from '../example-run.fixture.ts'
import { experiment } from './run.ts'
import { VARIANTS } from './variants.ts'

const random = new Random(1)
const uniform = () => random.uniform()

/** Every run of a full sweep, with so many times the optimum over its first hundred steps by its row. */
function analysed(timesOf: (row: string | undefined) => number) {
  const runs = experiment.sweep({ quick: false, seeds: 4 }).map((settings) => {
    const row = VARIANTS.find(
      ({ agent, overrides }) =>
        agent === settings.agent &&
        JSON.stringify(overrides) === JSON.stringify(settings.overrides),
    )
    const oracleResponseTimeMs = 100
    return changed({ ...settings, oracleResponseTimeMs, firstHundredMs: 100 * timesOf(row?.name) })
  })
  return experiment.analyse(runs, uniform)
}

test('has every row in every cell, with settings of its own', () => {
  const sweep = experiment.sweep({ quick: false, seeds: 1 })
  expect(sweep).toHaveLength((VARIANTS.length + 1) * 3)
  expect(new Set(sweep.map((settings) => JSON.stringify(settings))).size).toBe(sweep.length)
})

test('says of what is missing whether it earns its keep, and of rivals whether they are beaten', () => {
  const times: Record<string, number> = {
    'no planning': 1.6,
    'α fixed': 1.3,
    'dqn, same ε and updates': 1.9,
    'bandit, same features and prior': 1.2,
  }
  const { summary, claims } = analysed((row) => times[row ?? 'hybrid'] ?? 1.3)
  expect(summary).toContain('Not beaten: bandit, same features and prior. Beaten: dqn')
  expect(summary).toMatch(/what is missing in no planning\. Earns nothing .*α fixed/)
  expect(claims.filter(({ holds }) => holds)).toHaveLength(2)
  expect(claims[0]?.measured).toBe('2.00 times the regret (2.00 to 2.00)')
})

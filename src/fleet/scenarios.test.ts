import { describe, expect, it } from 'vitest'
import { scenarioState } from './scenarios.ts'
import type { FleetState } from './state.ts'

const links = ({ devices, edges }: FleetState) =>
  [...devices, ...edges].map(({ bandwidth }) => (bandwidth === 1 ? 'W' : 'R')).join('')

describe('The scenarios of Table IV', () => {
  it.each([
    ['A', 'RRRRRR'],
    ['B', 'RWRWRW'],
    ['C', 'WWWRRR'],
    ['D', 'WWWWWW'],
  ] as const)('%s has links %s (S1–S5, E)', (scenario, expected) => {
    expect(links(scenarioState(scenario, 5, 1))).toBe(expected)
  })

  it('are cut to few devices, repeated for many, and alike for all edges', () => {
    expect(links(scenarioState('B', 2, 1))).toBe('RWW')
    expect(links(scenarioState('C', 8, 2))).toBe('WWWRRWWWRR')
  })
})

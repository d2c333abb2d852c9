/** The network conditions of the HL paper's experiments. */
import type { FleetState } from './state.ts'

/** HL paper, Table IV: R(egular) or W(eak) link of S1–S5 and of the edge. */
const TABLE_IV = {
  A: { devices: 'RRRRR', edge: 'R' },
  B: { devices: 'RWRWR', edge: 'W' },
  C: { devices: 'WWWRR', edge: 'R' },
  D: { devices: 'WWWWW', edge: 'W' },
} as const

/** Name of a row of Table IV. */
export type Scenario = keyof typeof TABLE_IV
/** All of them, in the paper's order. */
export const SCENARIOS = ['A', 'B', 'C', 'D'] as const satisfies readonly Scenario[]

/** Whether the link of a device (0-based; the table repeats every five) or of every edge is weak. */
export function isWeak(scenario: Scenario, node: number | 'edge'): boolean {
  const { devices, edge } = TABLE_IV[scenario]
  return (node === 'edge' ? edge : devices[node % devices.length]) === 'W'
}

/** An idle fleet with the links of a scenario. */
export function scenarioState(scenario: Scenario, devices: number, edges: number): FleetState {
  const idle = (weak: boolean) => ({ processor: 0, memory: 0, bandwidth: weak ? 1 : 0 })
  return {
    devices: Array.from({ length: devices }, (_, device) => idle(isWeak(scenario, device))),
    edges: Array.from({ length: edges }, () => idle(isWeak(scenario, 'edge'))),
    cloud: idle(false),
  }
}

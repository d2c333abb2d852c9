/** The true state of a simulated fleet: Table II and the scenarios of Table IV (HL paper). */
import { ConfigError } from '../errors.ts'
import { PROCESSOR_LEVELS } from './calibration.ts'

/** One node's resources as Table II counts them. */
export interface NodeState {
  /** Device: 0 Available, 1 Busy. Edge and cloud: background load, 0–8. */
  readonly processor: number
  /** 0 Available, 1 Busy. */
  readonly memory: number
  /** 0 Regular, 1 Weak. */
  readonly bandwidth: number
}

export interface FleetState {
  readonly devices: readonly NodeState[]
  readonly edges: readonly NodeState[]
  readonly cloud: NodeState
}

/** Table IV: R(egular) or W(eak) link of S1–S5 and of the edge. */
const SCENARIOS = {
  A: { devices: 'RRRRR', edge: 'R' },
  B: { devices: 'RWRWR', edge: 'W' },
  C: { devices: 'WWWRR', edge: 'R' },
  D: { devices: 'WWWWW', edge: 'W' },
} as const

export type Scenario = keyof typeof SCENARIOS
export const SCENARIO_NAMES: readonly Scenario[] = ['A', 'B', 'C', 'D']

/** @throws ConfigError when there is no such scenario */
export function parseScenario(text: string): Scenario {
  const scenario = SCENARIO_NAMES.find((name) => name === text)
  if (scenario === undefined) {
    throw new ConfigError(`"${text}" is not a scenario: choose one of ${SCENARIO_NAMES.join(', ')}`)
  }
  return scenario
}

/** An idle fleet with the links of a scenario. Devices beyond five repeat S1–S5; every edge has the link of E. */
export function scenarioState(scenario: Scenario, devices: number, edges: number): FleetState {
  const links = SCENARIOS[scenario]
  return {
    devices: Array.from({ length: devices }, (_, device) => idle(links.devices[device % 5])),
    edges: Array.from({ length: edges }, () => idle(links.edge)),
    cloud: idle('R'),
  }
}

/** The edge a device is connected to: dealt out in turn. */
export function edgeOf(device: number, edges: number): number {
  return device % edges
}

/**
 * Table II as a vector in [0, 1]: processor, memory, bandwidth of every device, then of every edge, then of the cloud.
 * Shape [3 · (devices + edges + 1)].
 */
export function featuresOf(fleet: FleetState): Float32Array {
  const features = new Float32Array(3 * (fleet.devices.length + fleet.edges.length + 1))
  let index = 0
  const append = (node: NodeState, highestLevel: number) => {
    features[index++] = node.processor / highestLevel
    features[index++] = node.memory
    features[index++] = node.bandwidth
  }
  for (const node of fleet.devices) append(node, 1)
  for (const node of fleet.edges) append(node, PROCESSOR_LEVELS - 1)
  append(fleet.cloud, PROCESSOR_LEVELS - 1)
  return features
}

function idle(link: string | undefined): NodeState {
  return { processor: 0, memory: 0, bandwidth: link === 'W' ? 1 : 0 }
}

import { describeEnvironment } from '../learning/environment/environment.conformance.ts'
import { Random } from '../random.ts'
import {
  SimulatedEnvironment,
  type SimulationOptions,
  type WorldSimulationOptions,
} from './simulated-environment.ts'
import { heterogeneousWorld } from './worlds/heterogeneous-world.ts'
import { DEFAULT_CHOICES } from './worlds/paper-world.ts'

const D1 = { accuracyPercent: 88.2, megaMacs: 317, precision: 'FP32' } as const
const D4 = { accuracyPercent: 88.9, megaMacs: 569, precision: 'INT8' } as const

const cases: Readonly<Record<string, SimulationOptions | WorldSimulationOptions>> = {
  'five simulated devices': { devices: 5, scenario: 'A', goalPercent: 85, seed: 1 },
  'one simulated device': { devices: 1, scenario: 'D', goalPercent: 0, seed: 2 },
  'a wandering fleet with three edges': {
    devices: 12,
    edges: 3,
    scenario: 'B',
    goalPercent: 89,
    seed: 3,
    wander: { linkFlip: 0.2, levelMove: 0.5, busyFlip: 0.1 },
  },
  'a fleet whose shared tiers offer two variants': {
    devices: 4,
    scenario: 'C',
    goalPercent: 80,
    seed: 4,
    choices: [
      ...DEFAULT_CHOICES,
      { ...D4, placement: { tier: 'edge', variant: 'd4' } },
      { ...D1, placement: { tier: 'cloud', variant: 'd1' } },
    ],
  },
  'devices that hold different variants': {
    devices: 4,
    scenario: 'A',
    goalPercent: 85,
    seed: 5,
    held: [['d0', 'd7'], [], ['d4'], ['d0', 'd4', 'd7']],
  },
  'a heterogeneous world': {
    world: heterogeneousWorld({ devices: 6, edges: 2, kind: 'classes' }, new Random(1)),
    goalPercent: 85,
    noise: 0.08,
  },
}

for (const [name, options] of Object.entries(cases)) {
  describeEnvironment(name, () => {
    const environment = new SimulatedEnvironment(options)
    return {
      environment,
      deterministic: true,
      loseTier: () => {
        environment.setTierAlive('edge', false)
        return environment.currentState()
      },
    }
  })
}

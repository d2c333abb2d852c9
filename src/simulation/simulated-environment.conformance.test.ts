import { describeEnvironment } from '../learning/environment/environment.conformance.ts'
import { DEFAULT_CHOICES } from './calibration.ts'
import { SimulatedEnvironment, type SimulationOptions } from './simulated-environment.ts'

const cases: Readonly<Record<string, SimulationOptions>> = {
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
      { placement: { tier: 'edge', variant: 'd4' }, accuracyPercent: 88.9 },
      { placement: { tier: 'cloud', variant: 'd1' }, accuracyPercent: 88.2 },
    ],
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

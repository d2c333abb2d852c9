/** Beyond the papers: agents judged at every step by what their decisions truly cost. */
import type { Experiment, RunContext } from '../experiment.ts'
import { analyse, title } from './analysis.ts'
import type { BeyondOutcome } from './kinds.ts'
import { runDrift } from './run/drift.ts'
import { runLearning } from './run/learning.ts'
import { runMembership } from './run/membership.ts'
import { runTraffic } from './run/traffic.ts'
import type { BeyondSettings } from './settings.ts'
import { sweep } from './sweep.ts'

export const experiment: Experiment<BeyondSettings, BeyondOutcome> = {
  name: 'beyond',
  title,
  defaultSeeds: { full: 20, quick: 1 },
  sweep,
  label({ part, agent, overrides = {}, fleet, users, goal, seed }) {
    const chosen = Object.entries(overrides).map(([name, value]) => `${name}=${value}`)
    const kind = [part, agent, ...chosen, users, 'users'].join(' ')
    return { kind, cell: `${fleet} ${goal} % seed ${seed}` }
  },
  run,
  analyse,
}

function run(settings: BeyondSettings, context: RunContext): Promise<BeyondOutcome> {
  switch (settings.part) {
    case 'learning':
      return runLearning(settings, context)
    case 'drift':
      return runDrift(settings, context)
    case 'membership':
      return runMembership(settings, context)
    case 'traffic':
      return runTraffic(settings, context)
  }
}

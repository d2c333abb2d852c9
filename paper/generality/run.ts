/** Generality: agents in fleets that no agent was made for, judged at every step. */
import type { Experiment } from '../experiment.ts'
import { analyse, title } from './analysis.ts'
import { type GeneralityResult, run } from './run/outcome.ts'
import type { GeneralitySettings } from './settings.ts'
import { sweep } from './sweep.ts'
import { FIRST_REPORTED_SEED } from './worlds/sets.ts'

export const experiment: Experiment<GeneralitySettings, GeneralityResult> = {
  name: 'generality',
  title,
  firstReportedSeed: FIRST_REPORTED_SEED,
  defaultSeeds: { full: 10, quick: 1 },
  entersAgents: true,
  sweep,
  label({ set, study, agent, world, users, goal, profile, noise, seed }) {
    const kind = `${study} ${agent} ${users} users`
    return {
      kind,
      cell: `${set} ${world}, goal ${goal}, profile ${profile}, ${noise}, seed ${seed}`,
    }
  },
  run,
  analyse,
}

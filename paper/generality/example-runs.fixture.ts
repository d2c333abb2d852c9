/** Finished runs for tests, invented: every run of a full sweep, good in every way that is claimed. */
import { PROVENANCE } from '../example-run.fixture.ts'
import { type GeneralityRun, neverForgets } from './cells.ts'
import type { GeneralityResult, Phase } from './run/outcome.ts'
import type { GeneralitySettings } from './settings.ts'
import { sweep } from './sweep.ts'

const PHASE: Phase = {
  optimumMs: 100,
  settledAt: { '1 %': 2, '2 %': 1, '5 %': 1 },
  mostlySettledAt: { '1 %': 1, '2 %': 1, '5 %': 1 },
  extraPercent: { first100: 3, all: 1, last200: 0.1, from500: 0.5 },
  finalPercent: 0,
}

/** Before a change, where there is one, nothing is good: it must not count. */
const BEFORE: Phase = {
  ...PHASE,
  settledAt: { '1 %': null, '2 %': null, '5 %': null },
  finalPercent: 90,
}

export type Change = Partial<Phase> & Partial<Pick<GeneralityResult, 'violations' | 'msPerRound'>>

export function finished(settings: GeneralitySettings, change: Change = {}): GeneralityRun {
  const { violations = 0, msPerRound = 0.5, ...phase } = change
  const last = { ...PHASE, ...phase }
  const phases = settings.change ? [BEFORE, last] : [last]
  return { settings, result: { phases, violations, msPerRound }, provenance: PROVENANCE }
}

/** Of a full sweep of ten seeds. The bandit takes longer at first, and whoever never forgets takes a little less later. */
export function goodRuns(): GeneralityRun[] {
  return sweep({ quick: false, seeds: 10 }).map((settings) => {
    const run = finished(settings)
    const { extraPercent } = PHASE
    if (settings.agent === 'bandit') {
      return finished(settings, { extraPercent: { ...extraPercent, first100: 30 } })
    }
    if (!neverForgets(run)) return run
    return finished(settings, { extraPercent: { ...extraPercent, from500: 0.1 } })
  })
}

/** What each strategy takes, what escalation saves, and whether its promises are kept. */
import { mean } from 'simple-statistics'
import { compare, type Estimate, estimate } from '../comparison.ts'
import { forestOf } from '../forest.ts'
import { type Comparison, inCell, type Report } from '../report.ts'
import { runsBy, runsWith } from '../runs.ts'
import { claimsOf } from './claims.ts'
import { worldOf } from './fleet.ts'
import { pairedMs } from './pairs.ts'
import type { EscalationRun } from './settings.ts'

/** Of the report. */
export const title = 'Confidence escalation: small first, large when unsure, five devices'

const TIME = 'promised response time (ms)'
const SAVED = 'less response time than the best mix of variants (%)'
const BROKEN = 'simulated rounds above the promise (%)'
const PAIRED = 'simulated rounds above what pairs of services make expect (%)'
const LOAD = 'expected users of edge and cloud together'

const METHOD = [
  'Five devices, one edge and the cloud by the law of the HL paper, decisions pushed. The ladder is that of models/fashion (ladder.json): pairs and margins were picked on 5,000 held-out pictures; accuracies and shares are those of the 10,000 test pictures. The largest variant takes the time of the paper’s d0; the others in proportion to their multiply-accumulates and the paper’s factor of INT8 (counted), or to their inference as measured on one thread (measured). A request that leaves its device takes 23 ms more in A, 77 ms in D.',
  'Fleets: the paper’s (all variants on the devices, the most accurate at edge and cloud); small devices (no more than half the width at half the resolution there, all variants at edge and cloud); slow devices (four times slower, all variants everywhere).',
  'Strategies: one choice for all devices; variants, the best mix of placements, which is what can be planned without escalation; device, with escalation to a larger variant on the device itself; everywhere, with escalation to edge and cloud too.',
  'Promised: the plan’s expectation. Rounds: all devices send a request at once; each escalates or does not, arrives at the node when its first answer is there, and shares the processor there with whoever is there then. Means over the seeds with their 95 % bootstrap intervals; plans are the same with every seed.',
  'A plan counts every user of a node as one, whatever variant it runs there: where variants of several sizes, or small ones alone, share a node, it promises too much time. Pairs of services: what two requests that share a node take longer is in proportion to the shorter of their services (pairs.ts). That is exact where all arrive at once; what is left then is that they do not: whatever escalates arrives when its first answer is there. No planner here counts so: it would have to count the users of every size of service at every node.',
  'No paper reports these numbers: nothing is compared with one. What shifted pictures do to shares and accuracies is measured in paper/shifts.',
]

/** Of every cell: time, saving, promise and load. */
export function analyse(runs: readonly EscalationRun[], uniform: () => number): Report {
  const cells = runsBy(runs, 'fleet', 'speeds', 'scenario', 'strategy', 'goal').filter(
    ([, own]) => own.length > 0,
  )
  const of = (measure: string, value: (run: EscalationRun) => number | undefined): Comparison[] =>
    compare(
      cells.flatMap(([cell, own]): Estimate[] =>
        estimate({ measure, cell }, [own.flatMap((run) => value(run) ?? [])], mean),
      ),
      uniform,
    )
  const times = of(TIME, ({ result }) => result.promisedMs)
  const saved = of(SAVED, (run) => savedPercent(runs, run))
  const broken = of(BROKEN, ({ result }) => 100 * (result.simulatedMs / result.promisedMs - 1))
  const paired = of(PAIRED, pairedPercent)
  const load = of(LOAD, ({ result }) => result.load)
  return {
    method: METHOD,
    summary: summaryOf(saved),
    claims: claimsOf(runs, { saved, broken, paired }),
    comparisons: [...times, ...saved, ...broken, ...paired, ...load],
    charts: forestOf(
      times.filter(({ cell }) => cell['speeds'] === 'counted' && cell['scenario'] === 'D'),
      {
        name: 'times',
        caption:
          'Promised response time in scenario D, times counted: what devices may do, by fleet and goal.',
        title,
        ...{ row: 'fleet', column: 'goal', line: 'strategy' },
        axisLabel: 'response time (ms)',
      },
    ),
  }
}

/** How much longer rounds take than whoever knows every service would promise. */
function pairedPercent({ settings, result: { simulatedMs, decision } }: EscalationRun): number {
  return 100 * (simulatedMs / pairedMs(worldOf(settings), decision) - 1)
}

/** Undefined of strategies that have no escalation. */
function savedPercent(
  runs: readonly EscalationRun[],
  { settings, result }: EscalationRun,
): number | undefined {
  if (settings.strategy !== 'device' && settings.strategy !== 'everywhere') return undefined
  const [mix] = runsWith(runs, { ...settings, strategy: 'variants' })
  return mix && 100 * (1 - result.promisedMs / mix.result.promisedMs)
}

function summaryOf(saved: readonly Comparison[]): string {
  const parts = ['paper', 'small devices', 'slow devices'].map((fleet) => {
    const own = inCell(saved, { fleet, strategy: 'everywhere' }).flatMap(
      ({ ours }) => Math.round(ours ?? 0) || 0,
    )
    return `${fleet} ${Math.min(...own)} to ${Math.max(...own)} %`
  })
  return `Escalation everywhere takes so much less time than the best mix of variants, by goal, scenario and speeds: ${parts.join('; ')}.`
}

/** Outcomes as text for people. */
import type { AccuracyBracket } from '../../scheduling/hindsight.ts'
import { endOf, type PolicyOutcome } from '../../simulation/node/policy-outcome.ts'
import type { SimulatedRequest } from '../../simulation/node/serving-node.ts'
import type { SimulatedNode } from '../../simulation/node/simulate-node.ts'
import { textTable } from '../table.ts'

/** One policy a row. @param bound the clairvoyant one, if there is one */
export function tableOf(
  outcomes: readonly PolicyOutcome[],
  durationMs: number,
  bound: AccuracyBracket | undefined,
): string {
  const rows = outcomes.map((outcome) => [
    outcome.policy,
    percent(outcome.effectiveAccuracyPercent),
    percent(outcome.servedAccuracyPercent),
    percent(outcome.violationPercent),
    outcome.p99Ms === null ? '–' : `${outcome.p99Ms.toPrecision(3)} ms`,
    ((60_000 * outcome.switches) / durationMs).toFixed(0),
  ])
  const boundRows = bound ? [['clairvoyant bound', bracket(bound), '', '', '', '']] : []
  return textTable(
    ['policy', 'effective', 'served', 'violations', 'p99', 'switches/min'],
    [...rows, ...boundRows],
  )
}

/** `1,204 requests in 10.0 s (120.4/s) …`: what was simulated. */
export function situationOf(
  { ladder, workers, slowdown = 1, recalibrate = true }: SimulatedNode,
  requests: readonly SimulatedRequest[],
): string {
  const seconds = endOf(requests) / 1000
  const variants = ladder.variants.map(({ name, accuracyPercent, serviceTimesMs }) => {
    const times = serviceTimesMs.map((ms) => ms.toPrecision(3)).join('/')
    return `${name} ${accuracyPercent} % ${times} ms`
  })
  return [
    `${requests.length} requests in ${seconds.toFixed(1)} s, ${(requests.length / seconds).toFixed(1)} a second; ${deadlinesOf(requests)}, workers ${workers}`,
    `ladder: ${variants.join(', ')}${ladder.batchSizes.length > 1 ? `; batches of ${ladder.batchSizes.join('/')}` : ''}`,
    slowdown === 1
      ? ''
      : `services take ${slowdown} times as long as profiled${recalibrate ? '' : ', and planned times do not follow'}`,
  ]
    .filter((line) => line !== '')
    .join('\n')
}

/** `deadline 20 ms`, `deadlines 10 to 40 ms`. */
function deadlinesOf(requests: readonly SimulatedRequest[]): string {
  let shortestMs = Number.POSITIVE_INFINITY
  let longestMs = 0
  for (const { arrivalMs, deadlineMs } of requests) {
    shortestMs = Math.min(shortestMs, deadlineMs - arrivalMs)
    longestMs = Math.max(longestMs, deadlineMs - arrivalMs)
  }
  const [shortest, longest] = [shortestMs, longestMs].map((ms) => Number(ms.toPrecision(4)))
  return shortest === longest ? `deadline ${shortest} ms` : `deadlines ${shortest} to ${longest} ms`
}

/** What each priority got; nothing where all have the same. */
export function prioritiesOf({ byPriority }: PolicyOutcome): string {
  if (byPriority.length < 2) return ''
  const rows = byPriority.map((own) => [
    String(own.priority),
    String(own.requests),
    percent(own.effectiveAccuracyPercent),
    percent(own.violationPercent),
  ])
  return `${textTable(['priority', 'requests', 'effective', 'violations'], rows)}\n\n`
}

/** Who answered how many, and what became of the rest. */
export function sharesOf({ onTime, late, dropped }: PolicyOutcome): string {
  const counts: [string, number][] = [
    ...Object.entries(onTime).map(([name, count]): [string, number] => [
      `in time by ${name}`,
      count,
    ]),
    ['late', late],
    ...Object.entries(dropped).map(([reason, count]): [string, number] => {
      return [`dropped: ${reason}`, count]
    }),
  ]
  const total = counts.reduce((sum, [, count]) => sum + count, 0)
  return textTable(
    ['requests', 'number', 'share'],
    counts
      .filter(([, count]) => count > 0)
      .map(([name, count]) => [name, String(count), percent((100 * count) / total)]),
  )
}

/** Both ends, where they differ. */
function bracket({ lowPercent, highPercent }: AccuracyBracket): string {
  const [low, high] = [lowPercent.toFixed(2), highPercent.toFixed(2)]
  return low === high ? `${high} %` : `${low} to ${high} %`
}

function percent(value: number | null): string {
  return value === null ? '–' : `${value.toFixed(2)} %`
}

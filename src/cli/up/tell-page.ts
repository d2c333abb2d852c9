/** Shows whoever looks at the page how a run ended, before its fleet stops. */
import type { RunReport } from '../../views/schemas.ts'
import type { UpSettings } from '../settings/up.ts'
import type { UpReport } from './outcome.ts'
import { formatReport } from './report.ts'

/** The page has seconds to ask for it. */
const TIMEOUT_MS = 5000

/** A fleet that cannot be told any more has a report in the terminal all the same. */
export async function tellPage(
  pageUrl: string,
  report: UpReport,
  settings: UpSettings,
): Promise<void> {
  const body = JSON.stringify(runReportOf(report, settings))
  await fetch(new URL('v2/tierwise/report', pageUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => undefined)
}

/** The part of a report that the page shows, and its text. */
function runReportOf(report: UpReport, settings: UpSettings): RunReport {
  const { goal, agent, rounds, requests, failedRequests, goalViolations } = report
  const { learningSeconds, responseTimeMs, accuracyPercent, strategies } = report
  const { first, last, oracle } = responseTimeMs
  return {
    ...{ goalPercent: goal, agent, rounds, requests, failedRequests, goalViolations },
    seconds: learningSeconds,
    ...(first !== undefined && { firstMs: first }),
    ...(last !== undefined && { lastMs: last }),
    ...(oracle !== undefined && { oracleMs: oracle }),
    ...(accuracyPercent !== undefined && { accuracyPercent }),
    strategies: Object.entries(strategies).map(
      ([name, { responseTimeMs, accuracyPercent, meetsGoal }]) => ({
        ...{ name, responseTimeMs, accuracyPercent, meetsGoal },
      }),
    ),
    text: formatReport(report, settings).trim(),
  }
}

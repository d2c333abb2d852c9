/** Shows whoever looks at the page what pictures are answered with, and how a run ended, before its fleet stops. */
import type { RunReport } from '../../views/schemas.ts'
import type { Tests } from '../../views/schemas-test-answers.ts'
import type { UpSettings } from '../settings/up.ts'
import type { UpReport } from './outcome.ts'
import { formatReport } from './report.ts'

/** The page has seconds to ask for it. */
const TIMEOUT_MS = 5000
/** So long somebody takes to look at a handful of pictures. */
const TESTS_EVERY_MS = 4000

/** A fleet that cannot be told any more has a report in the terminal all the same. */
export async function tellPage(
  pageUrl: string,
  report: UpReport,
  settings: UpSettings,
): Promise<void> {
  await tell(pageUrl, 'report', runReportOf(report, settings))
}

/** Tells again and again what labelled pictures are answered with. @returns a function that ends it */
export function keepTelling(pageUrl: string, tests: () => Tests): () => void {
  const timer = setInterval(() => void tellTests(pageUrl, tests()), TESTS_EVERY_MS)
  return () => clearInterval(timer)
}

/** Says nothing where no truth is known. */
export async function tellTests(pageUrl: string, tests: Tests): Promise<void> {
  if (tests.answers.length > 0) await tell(pageUrl, 'test-answers', tests)
}

async function tell(pageUrl: string, what: string, body: object): Promise<void> {
  await fetch(new URL(`v2/tierwise/${what}`, pageUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => undefined)
}

/** The part of a report that the page shows, and its text. */
function runReportOf(report: UpReport, settings: UpSettings): RunReport {
  const { goal, agent, rounds, requests, failedRequests, goalViolations } = report
  const { learningSeconds, responseTimeMs, accuracyPercent, measured, strategies } = report
  const { first, last, oracle } = responseTimeMs
  return {
    ...{ goalPercent: goal, agent, rounds, requests, failedRequests, goalViolations },
    seconds: learningSeconds,
    ...(first !== undefined && { firstMs: first }),
    ...(last !== undefined && { lastMs: last }),
    ...(oracle !== undefined && { oracleMs: oracle }),
    ...(accuracyPercent !== undefined && { accuracyPercent }),
    ...(measured && { measured }),
    strategies: Object.entries(strategies).map(([name, strategy]) => ({ name, ...strategy })),
    text: formatReport(report, settings).trim(),
  }
}

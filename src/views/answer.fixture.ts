import type { AnswerReport } from '../control/messages.ts'

/** One answered request. */
export function reportOf(change: Partial<AnswerReport> = {}): AnswerReport {
  return {
    ...{ device: 'camera-1', session: 's', round: 1, failed: false },
    decided: { tier: 'end', variant: 'd0' },
    served: { tier: 'end', variant: 'd0' },
    ...{ accuracyPercent: 90, responseTimeMs: 10, queueMs: 1, computeMs: 8, networkMs: 0 },
    decisionMs: 0,
    ...change,
  }
}

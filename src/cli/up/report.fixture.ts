/** A run of `tierwise up`, invented. */
import type { JointDecision } from '../../control/messages.ts'
import { testAnswer } from '../../views/test-answer.fixture.ts'
import { upSettings } from '../settings/up.ts'
import { closedRound } from './closed-rounds.fixture.ts'
import type { Comparison } from './compare.ts'
import type { Learned, RunOutcome } from './outcome.ts'

export const settings = {
  ...upSettings.parse({ devices: 1, hardware: 'equal', emulation: { timeScale: 0.2 } }),
  goal: 85,
}
export const rounds = Array.from({ length: 100 }, (_, round) =>
  closedRound(
    round,
    { 'device-1': round < 50 ? 'end/d0' : 'end/d4' },
    { 'device-1': round < 50 ? 90 : 36 },
    { accuracyPercent: 88.9, violated: round === 3 },
  ),
)
export const latest: JointDecision = {
  session: 's',
  round: 100,
  agent: 'factored',
  goalPercent: 85,
  placements: { 'device-1': 'end/d4' },
  accuracyPercent: 88.9,
  progress: { realSteps: 100, plannedSteps: 900, updates: 2000 },
  goalViolations: 1,
}
export const learned: Learned = {
  ...{ rounds, latest, seconds: 60 },
  ...{ escalatedBy: {}, tests: { answers: [] } },
}
export const catalogue: RunOutcome['catalogue'] = {
  variants: [
    {
      name: 'd0',
      file: 'd0.onnx',
      precision: 'FP32',
      accuracyPercent: 89.9,
      accuracySource: 'a test',
    },
  ],
  cascades: [],
}
const traffic = { requests: 101, failedRequests: 0, lastFailure: undefined }
export const comparison: Comparison = {
  strategies: {
    'end/d0': { responseTimeMs: 90, accuracyPercent: 89.9, meetsGoal: true, rounds: 20 },
    'end/d7': { responseTimeMs: 12, accuracyPercent: 72.8, meetsGoal: false, rounds: 20 },
  },
  oracle: { placements: ['end/d4'], responseTimeMs: 35 },
  soloMs: { end: 93, edge: 69.75, cloud: 74.4 },
}
export const run: RunOutcome = { settings, catalogue, learned, comparison, traffic, nodes: [] }

export const unsure = testAnswer({
  ...{ device: 'device-1', truth: 'Shirt', label: 'Coat', right: false, probability: 0.542 },
  ...{ decided: 'end/d4>edge/d0@0.5', served: 'edge/d0', escalated: true, margin: 0.21 },
})

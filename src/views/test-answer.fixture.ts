import type { TestAnswer } from './schemas-test-answers.ts'

/** One labelled picture that was answered. */
export function testAnswer(change: Partial<TestAnswer> = {}): TestAnswer {
  return {
    ...{ atMs: 1000, device: 'camera-1', picture: 0, truth: 'Ankle boot', label: 'Ankle boot' },
    ...{ right: true, probability: 0.987, decided: 'end/d4', served: 'end/d4' },
    ...{ escalated: false, responseTimeMs: 41 },
    ...change,
  }
}

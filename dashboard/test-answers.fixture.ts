/** What a demonstration with cameras tells of the pictures that come with Tierwise, by their true labels. */
import type { TestAnswer, Tests } from '../src/views/schemas-test-answers.ts'
import { testAnswer } from '../src/views/test-answer.fixture.ts'

const TRUTHS: Readonly<Record<number, string>> = {
  0: 'Ankle boot',
  1: 'Pullover',
  2: 'Trouser',
  4: 'Shirt',
  6: 'Coat',
  8: 'Sandal',
}

function answer(camera: number, picture: number, change: Partial<TestAnswer>): TestAnswer {
  const truth = TRUTHS[picture] ?? ''
  const device = `camera-${camera}`
  const shared = { device, picture, truth, label: truth, atMs: 9000 - picture }
  return testAnswer({ ...shared, ...change })
}

const unsure = { decided: 'end/d4>edge/d0@0.51', escalated: true }

/** A wrong answer, one that went on, one without a better answer, and others. */
export const exampleTests: Tests = {
  goalPercent: 87,
  measured: { answers: 1240, accuracyPercent: 87.6, interval: [85.6, 89.3] },
  answers: [
    answer(1, 0, { responseTimeMs: 217 }),
    answer(3, 1, {
      decided: 'edge/d0',
      served: 'edge/d0',
      probability: 0.9981,
      responseTimeMs: 366,
    }),
    answer(1, 2, { ...unsure, escalated: false, margin: 0.934, responseTimeMs: 221 }),
    answer(1, 4, {
      ...{ ...unsure, served: 'edge/d0', margin: 0.118, responseTimeMs: 580 },
      ...{ label: 'T-shirt/top', right: false, probability: 0.542 },
    }),
    answer(1, 6, { ...unsure, margin: 0.207, probability: 0.611, responseTimeMs: 1380 }),
    answer(5, 8, { decided: 'cloud/d0', served: 'cloud/d0', responseTimeMs: 452 }),
  ],
}

import { expect, test } from 'vitest'
import { testAnswer } from './test-answer.fixture.ts'
import { answerWords, goalWords, servedWords, truthWords } from './words.ts'

const escalating = { decided: 'end/d4>edge/d0@0.51', margin: 0.123, escalated: true }

test.each([
  [{}, 'd4 on the device'],
  [{ decided: 'edge/d0' }, 'd4 on the device in place of edge/d0'],
  [{ ...escalating, escalated: false, margin: 0.93 }, 'd4 on the device, sure (margin 0.93)'],
  [
    { ...escalating, served: 'edge/d0' },
    'd4 on the device, unsure (margin 0.12, below 0.51); then d0 at the edge',
  ],
  [escalating, 'd4 on the device, unsure (margin 0.12, below 0.51); no better answer came'],
  // The first variant was never asked.
  [{ decided: 'end/d4>cloud/d0@0.51', served: 'cloud/d0' }, 'd0 in the cloud'],
  [{ served: 'a server/of others' }, 'a server/of others in place of end/d4'],
])('how an answer was served: %j', (change, words) => {
  expect(servedWords(testAnswer(change))).toBe(words)
})

test('what was said, and whether that was right', () => {
  expect(answerWords(testAnswer())).toBe('Ankle boot 98.7 %')
  const { probability: _, ...scored } = testAnswer()
  expect(answerWords(scored)).toBe('Ankle boot')
  expect(truthWords(testAnswer())).toBe('right')
  expect(truthWords(testAnswer({ right: false, truth: 'Bag' }))).toBe('wrong: labelled Bag')
})

test.each([
  [92.2, 'the goal of 92.2 % is within that'],
  [91.55, 'the goal of 91.55 % is below that'],
  [94, 'the goal of 94 % is above that'],
])('a goal of %d beside 91.7 to 93.2', (goalPercent, words) => {
  expect(
    goalWords({ answers: 9, accuracyPercent: 92.4, interval: [91.7, 93.2] }, goalPercent),
  ).toBe(words)
})

import { expect, test } from 'vitest'
import type { TestAnswer } from './schemas-test-answers.ts'
import { testAnswer } from './test-answer.fixture.ts'
import { handfulOf, picturesBeside } from './test-answers.ts'

/** Newest first, by their pictures. */
const answers = (kinds: Readonly<Record<number, Partial<TestAnswer>>> = {}, count = 20) =>
  Array.from({ length: count }, (_, picture) => testAnswer({ picture, ...kinds[picture] }))
const pictures = (handful: readonly TestAnswer[]) => handful.map(({ picture }) => picture)

test('the newest are shown, in order', () => {
  expect(pictures(handfulOf(answers()))).toEqual([0, 1, 2, 3, 4, 5])
  expect(pictures(handfulOf(answers({}, 2)))).toEqual([0, 1])
  expect(handfulOf([])).toEqual([])
})

test('the newest of each kind is among them, however old', () => {
  const kinds = {
    9: { right: false },
    12: { escalated: true },
    15: { served: 'cloud/d0' },
    16: { right: false, escalated: true, served: 'edge/d0' },
  }
  expect(pictures(handfulOf(answers(kinds)))).toEqual([0, 1, 2, 9, 12, 15])
  // One may be of several kinds.
  const both = { 7: { escalated: true, served: 'edge/d0' } }
  expect(pictures(handfulOf(answers(both)))).toEqual([0, 1, 2, 3, 4, 7])
})

test('one after another, the newest of each kind stays', () => {
  let kept: TestAnswer[] = []
  const oldestFirst = answers({ 18: { right: false }, 11: { served: 'edge/d0' } }).toReversed()
  for (const answer of oldestFirst) kept = handfulOf([answer, ...kept])
  expect(pictures(kept)).toEqual([0, 1, 2, 3, 11, 18])
})

test('a picture is made once for each answer, and where there is none the answer is shown without', async () => {
  const made: number[] = []
  const withPictures = picturesBeside(async (index) => {
    made.push(index)
    return index === 0 ? 'data:image/png;base64,AA==' : undefined
  })
  const shown = answers({}, 2)
  await withPictures(shown)
  const [first, second] = await withPictures(shown)
  expect(first).toEqual({ ...shown[0], image: 'data:image/png;base64,AA==' })
  expect(second).toEqual(shown[1])
  expect(made).toEqual([0, 1])
})

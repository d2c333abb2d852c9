/**
 * A handful of answers to look at. They are of a demonstration's labelled test pictures, which both sides have: a picture is known by
 * its place in the set, and nothing of what users send is kept.
 */

import type { TestAnswer } from './schemas-test-answers.ts'
import { tierOf } from './words.ts'

const MOST = 6

/** Of each kind the newest is in every handful. */
const KINDS: readonly ((answer: TestAnswer) => boolean)[] = [
  ({ right }) => !right,
  ({ escalated }) => escalated,
  ({ served }) => tierOf(served) !== 'end',
]

/** The newest, a wrong one, an escalated one and one from another tier among them where there are any. Newest first, as given. */
export function handfulOf(newestFirst: readonly TestAnswer[]): TestAnswer[] {
  const kept = new Set(KINDS.flatMap((isOfKind) => newestFirst.find(isOfKind) ?? []))
  for (const answer of newestFirst) if (kept.size < MOST) kept.add(answer)
  return newestFirst.filter((answer) => kept.has(answer))
}

/** The test picture at a place in the set, as a data URI; undefined where there is none. */
export type TestPicture = (index: number) => Promise<string | undefined>

/** Puts pictures beside answers: each is made once, when somebody looks. */
export function picturesBeside(
  picture: TestPicture,
): (answers: readonly TestAnswer[]) => Promise<TestAnswer[]> {
  const made = new WeakMap<TestAnswer, Promise<string | undefined>>()
  return (answers) =>
    Promise.all(
      answers.map(async (answer) => {
        const making = made.get(answer) ?? picture(answer.picture)
        made.set(answer, making)
        const image = await making
        return image === undefined ? answer : { ...answer, image }
      }),
    )
}

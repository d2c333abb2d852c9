/** Lines of JSON to calls of an environment, and answers to lines: one each, in order. */
import { z } from 'zod'
import { InvalidInputError, messageOf, TierwiseError, TooLargeError } from '../../errors.ts'
import { goalPercent, integer } from '../settings/kinds.ts'
import type { Line } from './bounded-lines.ts'
import type { Episodes } from './episodes.ts'

/** Most bytes of a line: an action for 10,000 devices takes a tenth of it. */
export const LONGEST_LINE = 1 << 20

const call = z.discriminatedUnion('call', [
  z.strictObject({ call: z.literal('spaces') }),
  z.strictObject({
    call: z.literal('reset'),
    seed: integer(0).nullish(),
    options: z.strictObject({ goal: goalPercent.optional() }).nullish(),
  }),
  z.strictObject({ call: z.literal('step'), action: z.array(z.int().min(0)).max(10_000) }),
  z.strictObject({ call: z.literal('optimum') }),
  z.strictObject({ call: z.literal('close') }),
])

/** An answer, and whether it is the last. */
export interface Answer {
  readonly line: string
  readonly isLast: boolean
}

/** What is wrong with a line is answered; the next is read all the same. */
export function answerTo(line: Line, episodes: Episodes): Answer {
  try {
    const asked = callOf(line)
    return {
      line: JSON.stringify(resultOf(asked, episodes)),
      isLast: asked.call === 'close',
    }
  } catch (error) {
    const code = error instanceof TierwiseError ? error.code : 'internal'
    return { line: JSON.stringify({ error: { code, message: messageOf(error) } }), isLast: false }
  }
}

function resultOf(asked: z.infer<typeof call>, episodes: Episodes): object {
  switch (asked.call) {
    case 'spaces':
      return episodes.spaces()
    case 'reset':
      return episodes.reset(asked.seed ?? undefined, asked.options?.goal)
    case 'step':
      return episodes.step(asked.action)
    case 'optimum':
      return episodes.optimum()
    case 'close':
      return { closed: true }
  }
}

/** @throws TooLargeError, or InvalidInputError naming the key and its value */
function callOf(line: Line): z.infer<typeof call> {
  if (line === undefined) {
    throw new TooLargeError(`the line is longer than ${LONGEST_LINE} bytes: it was not read`)
  }
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw new InvalidInputError(`the line is not JSON: ${messageOf(error)}`)
  }
  const { data, error } = call.safeParse(value)
  if (data) return data
  const [issue] = error.issues
  const place = issue?.path.join('.') || 'the line'
  throw new InvalidInputError(
    `${place}: ${issue?.message}; write {"call": "spaces"}, "reset", "step", "optimum" or "close"`,
  )
}

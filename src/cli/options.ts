/** Values as they are typed on a command line, checked at the door. */
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { messageOf } from '../errors.ts'
import {
  budgetPercentOrUnbounded,
  goalPercent,
  integer,
  names,
  parsedText,
  positive,
  text,
} from './settings/kinds.ts'

/** Of Node.js: a longer one ends at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
export const DAY_MS = 86_400_000
/** A century. */
const LONGEST_VALIDITY_MS = 36_500 * DAY_MS
const GOAL_OR_NONE = 'write an average accuracy in percent, from 0 to 100, or none for one device'
const NOT_NEGATIVE = 'write a number of 0 or more'

/** For commander. @returns a function that throws InvalidArgumentError, saying what to write */
function parsed<T>(kind: z.ZodType<T>): (text: string) => T {
  return (text) => {
    const { data, error } = kind.safeParse(parsedText(text, kind))
    if (error === undefined) return data
    throw new InvalidArgumentError(error.issues[0]?.message ?? '')
  }
}

/** A whole number in [low, high]. */
export const parseInteger = (low: number, high?: number) => parsed(integer(low, high))

/** Average accuracy in percent. */
export const parseGoal = parsed(goalPercent)

/** Extra response time that exploring may cost, percent. */
export const parseBudget = parsed(budgetPercentOrUnbounded)

/** Average accuracy in percent, or none. */
export const parseGoalOrNone = parsed(
  z.union([goalPercent, z.literal('none')], { error: GOAL_OR_NONE }),
)

/** A number above 0. */
export const parsePositive = parsed(positive)

/** A number of 0 or more. */
export const parseNonNegative = parsed(z.number(NOT_NEGATIVE).min(0, NOT_NEGATIVE))

/** Not the empty text of a variable that is not set. */
export const parseText = parsed(text)

/** `a, b` → `['a', 'b']`. */
export const parseNames = parsed(names)

/** `60s`, `5m`, `1h`, `500ms` or plain seconds → milliseconds. */
export function parseDurationMs(text: string): number {
  const ms = durationMs(text)
  if (ms <= LONGEST_TIMER_MS) return ms
  throw new InvalidArgumentError('write a duration of at most 24 days: 576h')
}

function durationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text)
  const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? 's']
  const ms = Number(match?.[1]) * (unitMs ?? Number.NaN)
  if (Number.isFinite(ms) && ms > 0) return ms
  throw new InvalidArgumentError('write a duration such as 60s, 5m or 500ms')
}

/** `name=number`, given any number of times → an object of them all. */
export function parseAssignment(
  text: string,
  before: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  const [name, value, ...rest] = text.split('=')
  const number = Number(value)
  if (name && value?.trim() && rest.length === 0 && Number.isFinite(number)) {
    return { ...before, [name]: number }
  }
  throw new InvalidArgumentError('write a name and a number, such as epsilon.last=0.05')
}

/** A file to write: a long run must not end by finding that its result has no place. */
export function parseOutput(file: string): string {
  const folder = dirname(resolve(file))
  if (file === '')
    throw new InvalidArgumentError('write the name of a file; a variable may be unset')
  if (!existsSync(folder)) {
    throw new InvalidArgumentError(`there is no folder ${folder}; create it first`)
  }
  if (existsSync(file) && statSync(file).isDirectory()) {
    throw new InvalidArgumentError(`${file} is a folder; write the name of a file`)
  }
  try {
    accessSync(existsSync(file) ? file : folder, constants.W_OK)
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error))
  }
  return file
}

/** The file of a picture. */
export function parsePlot(text: string): string {
  if (/\.(svg|html)$/.test(text)) return parseOutput(text)
  throw new InvalidArgumentError('write a file name that ends in .svg or .html')
}

/** `365d`, or what `parseDurationMs` takes, → milliseconds: how long credentials hold. */
export function parseValidityMs(text: string): number {
  const days = /^(\d+(?:\.\d+)?)d$/.exec(text)?.[1]
  const ms = days === undefined ? durationMs(text) : 24 * durationMs(`${days}h`)
  if (ms <= LONGEST_VALIDITY_MS) return ms
  throw new InvalidArgumentError('write a duration of at most a century: 36500d')
}

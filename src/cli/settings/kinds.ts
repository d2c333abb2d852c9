/** Kinds of values that settings have. Their errors say what to write. */
import { parse } from 'yaml'
import { z } from 'zod'
import { LONGEST_MS } from '../../control/fields.ts'

/** A whole number in [low, high]. */
export function integer(low: number, high = Number.MAX_SAFE_INTEGER): z.ZodInt {
  const range = high === Number.MAX_SAFE_INTEGER ? `from ${low}` : `from ${low} to ${high}`
  const error = `write a whole number ${range}`
  return z.int(error).min(low, error).max(high, error)
}

/** A time that something waits, whole ms. */
export const waitMs = (low: number) => integer(low, LONGEST_MS)

const TIME = `write a time in ms from 0 to ${LONGEST_MS}`
/** What a link is emulated to add, ms. */
export const addedMs = z.number(TIME).min(0, TIME).max(LONGEST_MS, TIME)
/** What work is emulated to take, ms. */
export const workMs = addedMs.gt(0, 'write a time in ms above 0')

/** A TCP port; 0 takes a free one. */
export const port = integer(0, 65535)

const GOAL = 'write an average accuracy in percent, from 0 (no goal) to 100'
/** An accuracy goal. */
export const goalPercent = z.number(GOAL).min(0, GOAL).max(100, GOAL)

const BUDGET = 'write extra response time in percent, above 0, up to 1000, such as 4'
/** What exploring may cost. */
export const budgetPercent = z.number(BUDGET).positive(BUDGET).max(1000, BUDGET)

/** The same of a fleet that runs. */
export const budgetPercentOrUnbounded = z.union([budgetPercent, z.literal('unbounded')], {
  error: `${BUDGET}, or unbounded`,
})

const FLOOR = 'write an accuracy in percent, above 0, up to 100'
/** What no request of a device may be served below, or all of them on average. */
export const floorPercent = z.number(FLOOR).gt(0, FLOOR).max(100, FLOOR)

const DEVICE_GOALS = 'write devices and their goals in percent, such as device-1=88,device-2=80'
/** A mapping, or `device=percent` separated by commas. */
export const deviceGoals = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? Object.fromEntries(value.split(',').map((one) => assignmentIn(one)))
      : value,
  z.record(z.string(), z.number(DEVICE_GOALS).gt(0, DEVICE_GOALS).max(100, DEVICE_GOALS)),
)

function assignmentIn(text: string): [name: string, percent: number] {
  const [name = '', percent = ''] = text.split('=')
  return [name.trim(), Number(percent)]
}

/** Not the empty text that a variable of the shell leaves which is not set. */
export const text = z.string('write some text').min(1, 'write some text; a variable may be unset')

const HOSTNAME = /^([\w.-]+|\[[\da-f:.]+\])$/i

/** The name of a file; see `resolvedText`. */
export const file = text.clone()

/** A credential file, or none. */
export const credentials = file.exactOptional()

/** Trained on Fashion-MNIST, answers that mean something: the default. */
export const FASHION = 'fashion'
/** The HL paper's eight variants with seeded weights: what they cost is real. */
export const PAPER = 'paper'
/** The name of a file, or of one of the two catalogues that come with Tierwise; see `resolvedText`. */
export const catalogueName = text.clone()

/** The name of an agent, or the file of a module that makes one; see `resolvedText`. */
export const agentName = text.clone()

/** Base URL of a node's Open Inference Protocol server. */
export const httpUrl = z
  .url({
    protocol: /^https?$/,
    hostname: HOSTNAME,
    error: 'write one http:// or https:// URL, such as http://127.0.0.1:8000',
  })
  .refine((url) => !/[@?#]/.test(url), {
    error: 'write it without user, password and query: give --credentials what they were for',
  })

/** A user and a password may stand before the host, percent-encoded. */
export const brokerUrl = z.url({
  protocol: /^(mqtts?|wss?)$/,
  hostname: HOSTNAME,
  error: 'write the URL of an MQTT broker: mqtt://host:1883 or ws://host:8080/mqtt',
})

/** An address to listen on; an IPv6 one may stand in brackets, as in a URL. */
export const address = text.overwrite((host) => host.replace(/^\[(.*)\]$/, '$1'))

const POSITIVE = 'write a number above 0'
/** A number above 0. */
export const positive = z.number(POSITIVE).positive(POSITIVE)

/** A list, or names separated by commas. */
export const names = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').map((name) => name.trim()) : value),
  z.array(text),
)

/** The same; `none` is the empty list. */
export const namesOrNone = z.preprocess((value) => (value === 'none' ? [] : value), names)

/** The text itself where text is allowed, else what it is as YAML: `85`, `false`, `{ end: 1, edge: 2 }`. */
export function parsedText(text: string, kind: z.ZodType): unknown {
  if (kind.safeParse(text).success) return text
  try {
    return parse(text) ?? text
  } catch {
    return text
  }
}

import { InvalidInputError } from '../errors.ts'
import type { InferCall } from '../protocol/inference-handler.ts'
import type { Parameters } from '../protocol/messages.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { type RequestTerms, USUAL_PRIORITY } from '../serving/request-scheduler.ts'

type Headers = InferCall['headers']
type AskedTerms = Omit<RequestTerms, 'goalAccuracyPercent'>

/** An hour. */
export const LONGEST_DEADLINE_MS = 3_600_000

/** Says `deadline_ms` before the body is there, so that a request which cannot be in time is refused unread. */
export const DEADLINE_HEADER = 'x-tierwise-deadline-ms'

/** Tells a tier above what the accuracy goal leaves room for: percent. */
export const GOAL_ACCURACY_HEADER = 'x-tierwise-goal-accuracy'

/**
 * What a request may say about how it is served, as Open Inference Protocol parameters:
 *
 * | parameter | meaning |
 * |---|---|
 * | `deadline_ms` | the answer is wanted within so many ms of the request's arrival; a smaller variant may serve it, and it is dropped (503) when it cannot make it |
 * | `timeout` | the same in µs, where no `deadline_ms` is given; 0: none. By gRPC the call's own deadline stands in for it |
 * | `min_accuracy` | percent: no variant below it serves |
 * | `priority` | 1 to 9, default 5: when not all can be in time, 1 has four times the share of 9 |
 *
 * Without a deadline the variant asked for serves, however long it takes; room is left for its soft deadline. A deadline counts from the arrival of the headers
 * at the node that serves: the way there is the caller's to allow for. The header `x-tierwise-deadline-ms` says the same before the body
 * is there, and counts where both are given.
 */
export class RequestTermsReader {
  private readonly bestPercent: number
  private readonly defaultDeadlineMs: number | undefined

  /** @param defaultDeadlineMs of requests that name none; undefined: they have none */
  constructor(catalogue: Pick<Catalogue, 'variants'>, defaultDeadlineMs?: number) {
    this.bestPercent = Math.max(0, ...catalogue.variants.map((variant) => variant.accuracyPercent))
    this.defaultDeadlineMs = defaultDeadlineMs
  }

  /**
   * @returns undefined for a request that says nothing of it; an infinite deadline for one that has a priority alone
   * @throws InvalidInputError naming the parameter or the header
   */
  read(parameters: Parameters = {}, headers: Headers = {}): AskedTerms | undefined {
    const { deadline_ms, min_accuracy, priority, timeout } = parameters
    const deadlineMs =
      announcedDeadlineMs(headers) ?? this.deadlineMs(deadline_ms ?? timeoutMs(timeout))
    const minAccuracyPercent = this.minAccuracyPercent(min_accuracy)
    const asked = { minAccuracyPercent, priority: priorityOf(priority) }
    if (deadlineMs !== undefined) return { ...asked, deadlineMs }
    if (min_accuracy !== undefined) {
      throw new InvalidInputError(
        'min_accuracy says how a request with a deadline is served: give deadline_ms too',
      )
    }
    return priority === undefined ? undefined : { ...asked, deadlineMs: Infinity }
  }

  private deadlineMs(value: Parameters[string] | undefined): number | undefined {
    return value === undefined ? this.defaultDeadlineMs : checkedDeadlineMs('deadline_ms', value)
  }

  private minAccuracyPercent(value: Parameters[string] | undefined): number {
    if (value === undefined) return 0
    if (typeof value === 'number' && value >= 0 && value <= this.bestPercent) return value
    throw new InvalidInputError(
      `min_accuracy ${show(value)} cannot be served: give a percentage from 0 to ${this.bestPercent}, that of the most accurate variant`,
    )
  }
}

/** Beyond an hour it is as good as none. @returns ms */
function timeoutMs(us: Parameters[string] | undefined): number | undefined {
  if (us === undefined || us === 0) return undefined
  if (!Number.isInteger(us) || Number(us) < 0) {
    throw new InvalidInputError(
      `timeout ${show(us)} is no time: give whole microseconds, or 0 for none`,
    )
  }
  const ms = Number(us) / 1000
  return ms > LONGEST_DEADLINE_MS ? undefined : ms
}

/** What the headers say of a request's deadline before its body is there; undefined: nothing. @throws InvalidInputError */
export function announcedDeadlineMs(headers: Headers): number | undefined {
  const text = headers[DEADLINE_HEADER]
  if (text === undefined) return undefined
  return checkedDeadlineMs(DEADLINE_HEADER, text.trim() === '' ? text : Number(text))
}

function checkedDeadlineMs(name: string, value: Parameters[string]): number {
  if (typeof value === 'number' && value > 0 && value <= LONGEST_DEADLINE_MS) return value
  throw new InvalidInputError(
    `${name} ${show(value)} is no deadline: give a number above 0, up to ${LONGEST_DEADLINE_MS} (an hour)`,
  )
}

function priorityOf(value: Parameters[string] | undefined): number {
  if (value === undefined) return USUAL_PRIORITY
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 9) return Number(value)
  throw new InvalidInputError(
    `priority ${show(value)} is unknown: give a whole number from 1 (the largest share) to 9`,
  )
}

const KNOWN = ['deadline_ms', 'timeout', 'min_accuracy', 'priority', 'binary_data_output']
const MAX_NAMED_CHARACTERS = 200

/**
 * Parameters of a request that nobody here knows, as the answer's own parameter `unknown_parameters` names them: a misspelt deadline
 * is none. Undefined where all are known.
 */
export function unknownParameters(parameters: Parameters = {}): Parameters | undefined {
  const names = Object.keys(parameters).filter((name) => !KNOWN.includes(name))
  if (names.length === 0) return undefined
  return { unknown_parameters: names.join(', ').slice(0, MAX_NAMED_CHARACTERS) }
}

/** @param headers of a request that a device forwarded. @throws InvalidInputError for what is no percentage */
export function goalAccuracyPercent(headers: Headers): number {
  const text = headers[GOAL_ACCURACY_HEADER]
  if (text === undefined) return 0
  const percent = Number(text)
  if (percent >= 0 && percent <= 100) return percent
  throw new InvalidInputError(`${GOAL_ACCURACY_HEADER} "${text}" is no percentage from 0 to 100`)
}

function show(value: Parameters[string]): string {
  return JSON.stringify(value)
}

/**
 * Requests as text, one a line. Two formats: its arrival time in seconds from the start; and the request intervals of Triton's
 * perf_analyzer (`--request-intervals`), the gap before it in microseconds. After that may follow, with blanks between, what
 * sets the request apart from others: its own deadline in ms from its arrival, its priority, and the accuracy it asks for.
 */
import { InvalidInputError } from '../../errors.ts'

/** What the first number of a line is. */
export const TRACE_FORMATS = ['arrival-times', 'intervals'] as const
/** One of them. */
export type TraceFormat = (typeof TRACE_FORMATS)[number]

/** What a line does not state is undefined: as of all requests. */
export interface TracedRequest {
  /** From the start of the trace. */
  readonly arrivalMs: number
  /** From its arrival. */
  readonly deadlineMs: number | undefined
  /** Lower is served first. */
  readonly priority: number | undefined
  readonly minAccuracyPercent: number | undefined
}

const MOST_COLUMNS = 4

/**
 * Empty lines and lines that start with # are skipped.
 * @returns ascending in arrival time
 * @throws InvalidInputError naming the first line that cannot be used
 */
export function parseTrace(text: string, format: TraceFormat): TracedRequest[] {
  const requests: TracedRequest[] = []
  let previousMs = 0
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const entry = line.trim()
    if (entry === '' || entry.startsWith('#')) continue
    const [value = 0, deadlineMs, priority, minAccuracyPercent] = numbersOf(entry, index + 1)
    const arrivalMs = format === 'intervals' ? previousMs + value / 1000 : value * 1000
    if (arrivalMs < previousMs) {
      throw new InvalidInputError(
        `line ${index + 1}: arrival at ${value} s, before the line above it: sort the file`,
      )
    }
    if (deadlineMs === 0) {
      throw new InvalidInputError(`line ${index + 1}: deadline 0 ms is not above 0`)
    }
    requests.push({ arrivalMs, deadlineMs, priority, minAccuracyPercent })
    previousMs = arrivalMs
  }
  if (requests.length === 0) throw new InvalidInputError('the trace holds no arrival')
  return requests
}

function numbersOf(entry: string, line: number): number[] {
  const columns = entry.split(/\s+/)
  if (columns.length > MOST_COLUMNS) {
    throw new InvalidInputError(
      `line ${line}: ${columns.length} numbers: give the arrival, and at most deadline, priority and accuracy`,
    )
  }
  return columns.map((column) => {
    const value = Number(column)
    if (value >= 0 && value < Number.POSITIVE_INFINITY) return value
    throw new InvalidInputError(`line ${line}: "${column}" is not a number of 0 or more`)
  })
}

/** The text of a trace file, to the microsecond. @param arrivalsMs ascending */
export function formatTrace(arrivalsMs: ArrayLike<number>, format: TraceFormat): string {
  const microseconds = Array.from(arrivalsMs, (arrivalMs) => Math.round(arrivalMs * 1000))
  const lines = microseconds.map((arrival, index) => {
    if (format === 'intervals') return arrival - (microseconds[index - 1] ?? 0)
    return (arrival / 1e6).toFixed(6)
  })
  return `${lines.join('\n')}\n`
}

/**
 * Arrival times as text. Two formats: one arrival time a line, in seconds from the start; and the request intervals of
 * Triton's perf_analyzer (`--request-intervals`), one gap a line, in microseconds.
 */
import { InvalidInputError } from '../../errors.ts'

export const TRACE_FORMATS = ['arrival-times', 'intervals'] as const
export type TraceFormat = (typeof TRACE_FORMATS)[number]

/**
 * Empty lines and lines that start with # are skipped.
 * @returns milliseconds from the start, ascending
 * @throws InvalidInputError naming the first line that cannot be used
 */
export function parseTrace(text: string, format: TraceFormat): Float64Array {
  const arrivalsMs: number[] = []
  let previousMs = 0
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const entry = line.trim()
    if (entry === '' || entry.startsWith('#')) continue
    const value = Number(entry)
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      throw new InvalidInputError(`line ${index + 1}: "${entry}" is not a number of 0 or more`)
    }
    const arrivalMs = format === 'intervals' ? previousMs + value / 1000 : value * 1000
    if (arrivalMs < previousMs) {
      throw new InvalidInputError(
        `line ${index + 1}: arrival at ${value} s, before the line above it: sort the file`,
      )
    }
    arrivalsMs.push(arrivalMs)
    previousMs = arrivalMs
  }
  if (arrivalsMs.length === 0) throw new InvalidInputError('the trace holds no arrival')
  return Float64Array.from(arrivalsMs)
}

/** The text of a trace file, to the microsecond. @param arrivalsMs ascending */
export function formatTrace(arrivalsMs: Float64Array, format: TraceFormat): string {
  const microseconds = Array.from(arrivalsMs, (arrivalMs) => Math.round(arrivalMs * 1000))
  const lines = microseconds.map((arrival, index) => {
    if (format === 'intervals') return arrival - (microseconds[index - 1] ?? 0)
    return (arrival / 1e6).toFixed(6)
  })
  return `${lines.join('\n')}\n`
}

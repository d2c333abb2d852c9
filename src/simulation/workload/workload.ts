/** A workload as plain data: what a command line, a sweep or a file states, and the arrivals that it stands for. */
import { ConfigError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import { drawArrivals, meanRatePerS, type RateSegment, scaleSegments } from './rate-segments.ts'
import { diurnal, mmpp, onOff, plateaus, requirePositive, steady } from './shapes.ts'
import { twitterLike } from './twitter.ts'
import { publishedWindow } from './windows.ts'

/** Rates are those of the whole workload's mean, so that shapes can be compared at one load. */
interface Common {
  readonly ratePerS: number
  readonly durationMs: number
}

/** Told apart by `kind`. */
export type Workload = Common &
  (
    | { readonly kind: 'poisson' }
    /** Bursty at constant rate: coefficient of variation of the gaps between arrivals. */
    | { readonly kind: 'gamma'; readonly gapCv: number }
    /** Two states with exponential stays; the rate in a burst is `factor` times that in quiet. */
    | {
        readonly kind: 'mmpp'
        readonly factor: number
        readonly quietMs: number
        readonly burstMs: number
      }
    | {
        readonly kind: 'plateau'
        readonly factor: number
        readonly pauseMs: number
        readonly plateauMs: number
      }
    | { readonly kind: 'on-off'; readonly onMs: number; readonly offMs: number }
    | { readonly kind: 'diurnal'; readonly peakToTrough: number; readonly periodMs: number }
    /** Two hours of the stream in `durationMs`. */
    | { readonly kind: 'twitter' }
    /** A published window, run in `durationMs`. */
    | { readonly kind: 'window'; readonly window: string }
  )

const TWITTER_HOURS = 2

/**
 * @returns arrival times in milliseconds, ascending
 * @throws ConfigError for values that make no workload
 */
export function workloadArrivals(workload: Workload, random: Random): Float64Array {
  const { ratePerS, durationMs } = workload
  const shape = [...shapeOf(workload, random.fork('rates'))]
  const shapeMs = shape.reduce((sum, segment) => sum + segment.durationMs, 0)
  const scale = { speed: shapeMs / durationMs, rate: ratePerS / meanRatePerS(shape) }
  const gapCv = workload.kind === 'gamma' ? workload.gapCv : 1
  return drawArrivals(scaleSegments(shape, scale), random.fork('arrivals'), gapCv)
}

/** Relative rates, in the workload's own time where it states times, else in the shape's. */
function shapeOf(workload: Workload, random: Random): Iterable<RateSegment> {
  const { durationMs } = workload
  requirePositive({ ratePerS: workload.ratePerS, durationMs })
  switch (workload.kind) {
    case 'poisson':
    case 'gamma':
      return steady(1, durationMs)
    case 'mmpp': {
      const { factor, quietMs, burstMs } = workload
      requirePositive({ factor })
      const quiet = { ratePerS: 1, meanSojournMs: quietMs }
      return mmpp([quiet, { ratePerS: factor, meanSojournMs: burstMs }], durationMs, random)
    }
    case 'plateau':
      return plateaus({ ...workload, baseRatePerS: 1 })
    case 'on-off':
      return onOff(1, workload)
    case 'diurnal':
      return diurnal(1, workload)
    case 'twitter':
      return twitterLike({ hours: TWITTER_HOURS }, random)
    case 'window':
      return publishedWindow(workload.window)
    default:
      throw new ConfigError(`no workload is of the kind "${(workload as Workload).kind}"`)
  }
}

import { InvalidInputError } from '../../errors.ts'
import type { Action } from '../action.ts'
import type { LoadLimitOptions } from '../load-limit.ts'
import type { Observation } from '../observation.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import { serveAtMost } from './queue-fit.ts'

/** In service times of the largest variant: about half a second. */
const PERIOD_SERVICES = 100
const UTILISATION = 0.9

interface Period {
  readonly startMs: number
  /** Arrivals until its start. */
  readonly arrivals: number
  readonly variant: number
}

/**
 * Like Jellyfish (Nigade et al., RTSS 2022): once a period, the largest variant is chosen that carries the rate of the last
 * period at 90 % utilisation and takes at most half the deadline; it serves until the next period all that it can
 * serve in time, smaller ones the rest.
 */
export class Jellyfish implements SchedulingPolicy {
  readonly name = 'jellyfish'
  /** The highest rate for each variant; 0 for one that takes over half the deadline. Shape [variants]. */
  private readonly limitsPerS: readonly number[]
  private readonly periodMs: number
  private period: Period = { startMs: 0, arrivals: 0, variant: 0 }

  constructor({ times, workers, deadlineMs }: LoadLimitOptions) {
    this.periodMs = PERIOD_SERVICES * times.ms(times.variants - 1, 0)
    this.limitsPerS = times.ladder.variants.map((_, variant) => {
      const perMs = times.ladder.batchSizes.map((size, batch) => {
        const ms = times.ms(variant, batch)
        return 2 * ms <= deadlineMs ? size / ms : -Infinity
      })
      return 1000 * workers * UTILISATION * Math.max(...perMs)
    })
  }

  decide(observation: Observation): Action {
    const { startMs, arrivals } = this.period
    const passedMs = observation.nowMs - startMs
    if (passedMs < 0) {
      // Restored under another clock.
      this.period = { ...this.period, startMs: observation.nowMs, arrivals: observation.arrivals }
    }
    if (passedMs >= this.periodMs) {
      const ratePerS = (1000 * (observation.arrivals - arrivals)) / passedMs
      const variant = this.limitsPerS.findLastIndex((limitPerS) => limitPerS >= ratePerS)
      const next = { startMs: observation.nowMs, arrivals: observation.arrivals }
      this.period = { ...next, variant: Math.max(0, variant) }
    }
    return serveAtMost(observation, this.period.variant)
  }

  save(): Period {
    return this.period
  }

  restore(saved: unknown): void {
    if (!isPeriod(saved) || saved.variant >= this.limitsPerS.length) {
      throw new InvalidInputError(`${this.name} cannot restore ${JSON.stringify(saved)}`)
    }
    this.period = saved
  }
}

function isPeriod(value: unknown): value is Period {
  if (typeof value !== 'object' || value === null) return false
  const names = ['startMs', 'arrivals', 'variant']
  return names.every((name) => typeof Reflect.get(value, name) === 'number')
}

import type { Action } from './action.ts'
import { largestBatch, type Observation } from './observation.ts'
import { anticipatingFit } from './policies/anticipating-fit.ts'
import { leastSpareMs } from './policies/queue-fit.ts'

/** Where in the queue the slack is read, as shares of its length. */
const PLACES: readonly number[] = [0, 0.25, 0.5, 0.75, 1]
const LEAST_SPARE = -1.5

/** How many of each there are. */
export interface NodeShape {
  readonly variants: number
  readonly batches: number
  readonly workers: number
  /** Averaging windows of the arrival rate. */
  readonly windows: number
}

/**
 * An observation as the input of a network: numbers of about the size of 1, whatever the node and its load. What the
 * queue tells is summed up as time to spare, of the whole queue and for every variant: what a network would otherwise have
 * to discover.
 */
export class FeatureEncoder {
  /** Length of a feature vector. */
  readonly size: number
  private readonly deadlineMs: number
  private readonly rule = anticipatingFit()

  /** @param deadlineMs of most requests, relative to their arrival: the unit of all times */
  constructor({ variants, batches, workers, windows }: NodeShape, deadlineMs: number) {
    const batchFeatures = batches > 1 ? variants + 1 : 0
    this.size = 1 + PLACES.length + 4 * variants + batchFeatures + (workers - 1) + windows + 1
    this.deadlineMs = deadlineMs
  }

  /**
   * In order: queue length; slack at five places; time to spare with each variant for all, and with each for the head and
   * the smallest for the rest; one-hot the rule's choice (variants, and drop where there are batches); largest batch of
   * each variant, where there are batches; requests expected during a service of each; residual times of the other workers; arrival rates; time since the last arrival.
   * @param features filled. Shape [size]
   * @returns the rule's choice
   */
  encode(observation: Observation, features: Float32Array): Action {
    const { nowMs, queued, slackMs, times, forecast, workers, workerResidualMs } = observation
    const { variants, batches } = times
    const { deadlineMs } = this
    let at = 0
    features[at++] = Math.log1p(queued) / 4
    for (const place of PLACES) {
      features[at++] = slackMs[Math.floor(place * (queued - 1))] / deadlineMs
    }
    for (let variant = 0; variant < variants; variant++) {
      features[at + variant] = this.spare(observation, variant, variant)
      features[at + variants + variant] = this.spare(observation, variant, 0)
    }
    at += 2 * variants
    const choice = this.rule.decide(observation)
    const choices = batches > 1 ? variants + 1 : variants
    features.fill(0, at, at + choices)
    features[at + (choice.kind === 'serve' ? choice.variant : variants)] = 1
    at += choices
    for (let variant = 0; batches > 1 && variant < variants; variant++) {
      features[at++] = (largestBatch(observation, variant) + 1) / batches
    }
    for (let variant = 0; variant < variants; variant++) {
      const expected = forecast.expected(nowMs, times.ms(variant, 0))
      features[at++] = Math.log1p(expected) / 4
    }
    for (let worker = 1; worker < workers; worker++) {
      features[at++] = Math.min(1, workerResidualMs[worker] / deadlineMs)
    }
    const unitPerS = (1000 * workers) / times.ms(variants - 1, 0)
    for (const ratePerS of observation.arrivalRatesPerS) {
      features[at++] = Math.log(0.05 + ratePerS / unitPerS) / 3
    }
    features[at++] = Math.min(1, observation.sinceArrivalMs / deadlineMs)
    return choice
  }

  private spare(observation: Observation, headVariant: number, restVariant: number): number {
    const enoughMs = LEAST_SPARE * this.deadlineMs
    const ms = leastSpareMs(observation, headVariant, restVariant, enoughMs)
    return Math.min(1, Math.max(LEAST_SPARE, ms / this.deadlineMs))
  }
}

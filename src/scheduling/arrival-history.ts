import { ArrivalForecast } from './arrival-forecast.ts'
import { ArrivalRates } from './arrival-rates.ts'
import { CongestionForecast } from './congestion.ts'
import { type emptyObservation, RATE_WINDOWS } from './observation.ts'

/** All that is remembered of the requests with a deadline that came. */
export class ArrivalHistory {
  private readonly rates: ArrivalRates
  private readonly forecast: ArrivalForecast
  private readonly congestion: CongestionForecast
  private readonly workers: number

  /** @param largestMs profiled time of the largest variant */
  constructor(largestMs: number, workers: number) {
    this.rates = new ArrivalRates(RATE_WINDOWS.map((services) => services * largestMs))
    this.forecast = new ArrivalForecast(this.rates)
    this.congestion = new CongestionForecast(this.rates, workers)
    this.workers = workers
  }

  /**
   * @param workMs of a worker, by the smallest variant that the request accepts
   * @param withinMs from now to its deadline
   */
  arrive(nowMs: number, workMs: number, withinMs: number): void {
    this.forecast.arrive(nowMs)
    this.rates.arrive(nowMs)
    this.congestion.arrive({ nowMs, workMs, roomMs: this.workers * Math.max(workMs, withinMs) })
  }

  /** Averaged over the longest window. */
  usualRatePerS(nowMs: number): number {
    return this.rates.ratePerS(RATE_WINDOWS.length - 1, nowMs)
  }

  /** A policy is asked. @param observation filled with what is known of arrivals */
  fill(observation: ReturnType<typeof emptyObservation>, nowMs: number): void {
    observation.forecast = this.forecast
    observation.congestion = this.congestion
    observation.sinceArrivalMs = this.rates.sinceArrivalMs(nowMs)
    this.rates.read(nowMs, observation.arrivalRatesPerS)
    this.congestion.decide(nowMs)
  }
}

/**
 * How much longer than profiled a service takes, as a high quantile, learned from every finished service.
 *
 * log(ratio) of an entry = what all entries share (the machine is slower) + its own part (its profile was wrong). Both
 * follow stochastic gradient descent on the pinball loss, whose minimum is the quantile: a long step up for a service
 * longer than expected, a short step down for any other. An outlier counts once, however long it took.
 */
import { InvalidInputError } from '../errors.ts'

/** Share of services that shall not take longer than planned. */
const QUANTILE = 0.98
/** Largest step of the logarithm that one service causes; a machine 20 % slower is followed within about ten. */
const STEP = 0.02

export class Recalibration {
  private shared: number
  // [entries]
  private readonly own: Float64Array

  /** @param margin planned time ÷ profiled time before anything was measured */
  constructor(entries: number, margin: number) {
    this.shared = Math.log(margin)
    this.own = new Float64Array(entries)
  }

  /** Planned time ÷ profiled time. */
  ratio(entry: number): number {
    return Math.exp(this.shared + (this.own[entry] ?? 0))
  }

  /** @param measuredRatio measured time ÷ profiled time of one service, above 0 */
  observe(entry: number, measuredRatio: number): void {
    if (!(measuredRatio > 0)) {
      throw new InvalidInputError(
        `a service cannot take ${measuredRatio} of its profile: give above 0`,
      )
    }
    const own = this.own[entry] ?? 0
    const isLonger = Math.log(measuredRatio) > this.shared + own
    const step = (STEP / 2) * (isLonger ? QUANTILE : QUANTILE - 1)
    this.shared += step
    this.own[entry] = own + step
  }
}

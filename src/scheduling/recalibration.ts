import { InvalidInputError } from '../errors.ts'

/** Step of the logarithm that one service causes; a machine 20 % slower is followed within about twenty. */
const STEP = 0.01

/**
 * How much longer than profiled services usually take, learned from every finished one: the machine is slower, or the
 * profile was wrong.
 *
 * log(ratio) of an entry = what all entries share + its own part. Both step towards each measured ratio by the same length,
 * so that they settle at the median: an outlier counts once, however long it took.
 */
export class Recalibration {
  private shared = 0
  // [entries]
  private readonly own: Float64Array

  constructor(entries: number) {
    this.own = new Float64Array(entries)
  }

  /** Usual time ÷ profiled time. */
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
    const step = (STEP / 2) * Math.sign(Math.log(measuredRatio) - this.shared - own)
    this.shared += step
    this.own[entry] = own + step
  }
}

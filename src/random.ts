/**
 * Seeded randomness as an argument: the same seed gives the same run.
 * Generator: mulberry32 (Tommy Ettinger, public domain); normal draws: Box-Muller, without a kept second value so that
 * the whole state is one 32-bit integer that can be saved and restored.
 */
export class Random {
  private state: number

  /** @param seed any integer; its low 32 bits count */
  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }

  /** Uniform integer in [0, count). */
  integer(count: number): number {
    return Math.floor(this.uniform() * count)
  }

  /** Standard normal. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    return radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** Puts the values in random order (Fisher-Yates), and returns them. */
  shuffle(values: Uint32Array): Uint32Array {
    for (let last = values.length - 1; last > 0; last--) {
      const other = this.integer(last + 1)
      const moved = values[last] ?? 0
      values[last] = values[other] ?? 0
      values[other] = moved
    }
    return values
  }

  /** An independent stream for one purpose, fixed by this stream's state and the label. */
  fork(label: string): Random {
    let hash = this.state ^ 0x9e3779b9
    for (let index = 0; index < label.length; index++) {
      hash = Math.imul(hash ^ label.charCodeAt(index), 0x01000193)
    }
    return new Random(hash ^ (hash >>> 13))
  }

  save(): number {
    return this.state >>> 0
  }

  restore(state: number): void {
    this.state = state >>> 0
  }
}

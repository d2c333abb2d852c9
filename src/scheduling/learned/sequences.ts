/** Decisions as a network is trained on them, in sequences of consecutive ones. */

/** Their rows by name, each sequence in one piece [sequences, steps, columns], and the states before them. */
export class Sequences<Name extends string> {
  readonly rows: Readonly<Record<Name, Float32Array>>
  private readonly steps: number
  private readonly recurrent: number
  // [sequences, recurrent]
  private readonly states: Float32Array

  /**
   * @param columns of each row
   * @param count room for so many
   * @param steps decisions of each
   * @param recurrent units
   */
  constructor(
    columns: Readonly<Record<Name, number>>,
    count: number,
    steps: number,
    recurrent: number,
  ) {
    const rows = Object.entries<number>(columns).map(([name, width]) => {
      return [name, new Float32Array(count * steps * width)]
    })
    this.rows = Object.fromEntries(rows)
    this.steps = steps
    this.recurrent = recurrent
    this.states = new Float32Array(count * recurrent)
  }

  /** @param row of the decision. @param state of the recurrent units before it; kept where a sequence begins */
  set(row: number, values: Partial<Record<Name, ArrayLike<number>>>, state: Float64Array): void {
    if (row % this.steps === 0) this.states.set(state, (row / this.steps) * this.recurrent)
    for (const name in values) {
      const part = values[name] ?? []
      this.rows[name].set(part, row * part.length)
    }
  }

  /** Fills the feeds of one training step, step by step under each other. @param chosen indices of its sequences */
  read(chosen: Uint32Array, feeds: Readonly<Record<Name | 'states', Float32Array>>): void {
    for (const name in this.rows) gather(this.rows[name], chosen, this.steps, feeds[name])
    gather(this.states, chosen, 1, feeds.states)
  }
}

/** 0 to count − 1. */
export function indicesUpTo(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, index) => index)
}

/** @param rows [sequences, steps, columns]. @param target [steps, chosen, columns] */
function gather(
  rows: Float32Array,
  chosen: Uint32Array,
  steps: number,
  target: Float32Array,
): void {
  const columns = target.length / (steps * chosen.length)
  for (const [place, sequence] of chosen.entries()) {
    for (let step = 0; step < steps; step++) {
      const source = (sequence * steps + step) * columns
      const row = rows.subarray(source, source + columns)
      target.set(row, (step * chosen.length + place) * columns)
    }
  }
}

/** What a policy may do with the head of the queue. */

/** `index` is the action's place in `ActionSpace.all`. */
export type Action =
  | {
      readonly kind: 'serve'
      readonly index: number
      readonly variant: number
      /** Index of the batch size. */
      readonly batch: number
    }
  /** Give up the head. */
  | { readonly kind: 'drop'; readonly index: number }
  /** Keep the worker free until the next arrival, completion, or last moment of a waiting request. */
  | { readonly kind: 'wait'; readonly index: number }

/** The actions of one ladder: serve for all of [variants, batchSizes] row by row, then drop, then wait. */
export class ActionSpace {
  readonly all: readonly Action[]
  readonly drop: Action
  readonly wait: Action
  private readonly batches: number

  constructor(variants: number, batches: number) {
    const serves = variants * batches
    this.batches = batches
    this.drop = { kind: 'drop', index: serves }
    this.wait = { kind: 'wait', index: serves + 1 }
    const all: Action[] = Array.from({ length: serves }, (_, index) => {
      return { kind: 'serve', index, variant: Math.floor(index / batches), batch: index % batches }
    })
    this.all = [...all, this.drop, this.wait]
  }

  get size(): number {
    return this.all.length
  }

  /** @param batch index of the batch size */
  serve(variant: number, batch: number): Action {
    return this.all[variant * this.batches + batch]
  }
}

/** A binary tree over non-negative weights: sets one and samples in proportion in O(log n) (Schaul et al. 2016, appendix B.2.1). */
export class SumTree {
  readonly capacity: number
  private readonly leaves: number
  /** Node i holds the sum of nodes 2i and 2i + 1; leaves start at `leaves`. Float64: sums stay exact enough over any run. */
  private readonly sums: Float64Array

  constructor(capacity: number) {
    this.capacity = capacity
    this.leaves = 2 ** Math.ceil(Math.log2(Math.max(1, capacity)))
    this.sums = new Float64Array(2 * this.leaves)
  }

  get total(): number {
    return this.sums[1]
  }

  get(index: number): number {
    return this.sums[this.leaves + index]
  }

  set(index: number, weight: number): void {
    let node = this.leaves + index
    this.sums[node] = weight
    for (node >>= 1; node >= 1; node >>= 1) {
      this.sums[node] = this.sums[2 * node] + this.sums[2 * node + 1]
    }
  }

  /**
   * The index whose share of the total contains `mass`: the first i with weight[0] + … + weight[i] > mass.
   * @param mass in [0, total)
   */
  find(mass: number): number {
    let node = 1
    let rest = mass
    while (node < this.leaves) {
      const left = this.sums[2 * node]
      const right = this.sums[2 * node + 1]
      // Rounding may leave `rest` at the very end of the left sum: never descend into an empty branch.
      if (rest < left || right === 0) {
        node = 2 * node
      } else {
        rest -= left
        node = 2 * node + 1
      }
    }
    return node - this.leaves
  }
}

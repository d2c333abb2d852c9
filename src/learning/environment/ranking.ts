/** argmin and argsort over the feasible joint decisions. */

/**
 * @param costs of every joint decision [decisions]
 * @param feasible indices, ascending [feasible]
 * @returns the feasible index of lowest cost, the first of equals
 */
export function argmin(costs: Float32Array, feasible: Uint32Array): number {
  let best = feasible[0]
  let lowest = costs[best]
  for (let i = 1; i < feasible.length; i++) {
    const index = feasible[i]
    const cost = costs[index]
    if (cost < lowest) {
      lowest = cost
      best = index
    }
  }
  return best
}

/** `argsort(costs)[0:count]` over the feasible indices, lowest cost first. [min(count, feasible)] */
export function lowest(costs: Float32Array, feasible: Uint32Array, count: number): number[] {
  const best: number[] = []
  let limit = Infinity
  for (let i = 0; i < feasible.length; i++) {
    const index = feasible[i]
    const cost = costs[index]
    if (cost >= limit) continue
    let place = best.length
    while (place > 0 && costs[best[place - 1]] > cost) place--
    best.splice(place, 0, index)
    if (best.length > count) best.pop()
    if (best.length === count) limit = costs[best[count - 1]]
  }
  return best
}

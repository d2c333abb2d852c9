// An agent of one's own: it remembers what each choice took beside how many others, and changes two devices at a time.
//   npx tierwise check-agent own-agent.mjs
//   npx tierwise simulate --agent own-agent.mjs --set tries=500

/** @type {import('tierwise').CreateOwnAgent} */
export function createAgent({ choices }, { random, allows, parameters: { tries = 300 } }) {
  /** @type {Map<string, { count: number, meanMs: number }>} By choice and how many share its tier. */
  let seen = new Map()
  let last = []

  const keys = (decision) => {
    const tiers = decision.map((choice) => choices[choice].placement.tier)
    return decision.map((choice, device) => {
      const users = tiers.filter((tier) => tier === tiers[device]).length
      return `${choice} ${tiers[device] === 'end' ? 1 : users}`
    })
  }
  // What was never tried is taken for quick, so it is tried.
  const totalMs = (decision) =>
    keys(decision).reduce((sum, key) => sum + (seen.get(key)?.meanMs ?? 0), 0)
  const mostAccurate = (open) =>
    choices.reduce((best, { accuracyPercent }, choice) => {
      const isBetter = best < 0 || accuracyPercent > choices[best].accuracyPercent
      return open[choice] && isBetter ? choice : best
    }, -1)

  function greedy(state) {
    let best = allows(state, last) ? last : state.available.map(mostAccurate)
    for (let attempt = 0; attempt < tries; attempt++) {
      const next = [...best]
      for (let twice = 0; twice < 2; twice++) {
        next[random.integer(next.length)] = random.integer(choices.length)
      }
      if (allows(state, next) && totalMs(next) < totalMs(best)) best = next
    }
    return best
  }

  return {
    greedy,
    decide: greedy,
    observe({ decision, outcome }) {
      for (const [device, key] of keys(decision).entries()) {
        const { count, meanMs } = seen.get(key) ?? { count: 0, meanMs: 0 }
        const ms = outcome.responseTimesMs[device]
        seen.set(key, { count: count + 1, meanMs: meanMs + (ms - meanMs) / (count + 1) })
      }
      last = decision
    },
    save: () => ({ seen: [...seen], last }),
    restore: (saved) => {
      seen = new Map(saved.seen)
      last = saved.last
    },
  }
}

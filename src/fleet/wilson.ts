/** Of 95 %: 2 Φ(z) − 1 = 0.95. */
const Z = 1.959964

/**
 * The 95 % Wilson score interval of a share; unlike a normal one it stays informative at 0 and 1.
 * @param trials 0: nothing is known, the interval is [0, 1]
 * @returns [low, high] in [0, 1]
 */
export function wilsonInterval(successes: number, trials: number): [low: number, high: number] {
  if (trials === 0) return [0, 1]
  const share = successes / trials
  const centre = share + Z ** 2 / (2 * trials)
  const half = Z * Math.sqrt((share * (1 - share)) / trials + Z ** 2 / (4 * trials ** 2))
  const scale = 1 + Z ** 2 / trials
  return [Math.max(0, (centre - half) / scale), Math.min(1, (centre + half) / scale)]
}

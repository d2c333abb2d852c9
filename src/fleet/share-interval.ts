/** The 95 % Wilson score interval of a share, in [0, 1]; unlike a normal one it stays informative at 0 and 1. */
export function shareInterval(
  successes: number,
  trials: number,
): { readonly low: number; readonly high: number } {
  const z = 1.959964
  const share = successes / trials
  const centre = (share + z ** 2 / (2 * trials)) / (1 + z ** 2 / trials)
  const half =
    (z / (1 + z ** 2 / trials)) *
    Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2))
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}

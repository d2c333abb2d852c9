/** Random numbers of the distributions that workloads are made of. */
import type { Random } from '../../random.ts'

/** Exponential with this mean. */
export function exponential(mean: number, random: Random): number {
  return -mean * Math.log(1 - random.uniform())
}

/** Gamma with this shape and scale 1: its mean is the shape. Marsaglia and Tsang (2000). */
export function gamma(shape: number, random: Random): number {
  if (shape === 1) return exponential(1, random)
  if (shape < 1) return gamma(shape + 1, random) * (1 - random.uniform()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const z = random.normal()
    const v = (1 + c * z) ** 3
    if (v <= 0) continue
    const u = 1 - random.uniform()
    if (Math.log(u) < (z * z) / 2 + d - d * v + d * Math.log(v)) return d * v
  }
}

/** Uniform in [low, high). */
export function uniformBetween(low: number, high: number, random: Random): number {
  return low + (high - low) * random.uniform()
}

/** e^(normal) with this median. @param sigma standard deviation of the logarithm */
export function logNormal(median: number, sigma: number, random: Random): number {
  return median * Math.exp(sigma * random.normal())
}

/** Uniform on a logarithmic scale. */
export function logUniform(low: number, high: number, random: Random): number {
  return low * (high / low) ** random.uniform()
}

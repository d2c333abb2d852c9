/** How single responses scatter: of every law the average is 1. */
import type { Random } from '../../../src/random.ts'
import type { Noise } from '../../../src/simulation/noise.ts'

/** Normal ones by their relative standard deviation; the deviation of the others is that of the logarithm. */
export const NOISES = {
  'normal 4 %': 0.04,
  'normal 8 %': 0.08,
  'lognormal 0.3': { begin: () => (_, random) => lognormal(0.3 * random.normal(), 0.3) },
  'lognormal 0.5': { begin: () => (_, random) => lognormal(0.5 * random.normal(), 0.5) },
  'Pareto 2.2': { begin: () => (_, random) => pareto(2.2, random) },
  'AR(1) 0.15': { begin: () => autoregressive(0.15, 0.9) },
  'common 0.2': { begin: () => common(0.2, 0.04) },
  'tail at the cloud': {
    begin: () => (_, random, tier) => {
      const usual = 1 + 0.04 * random.normal()
      return tier === 'cloud' ? usual * tail(0.05, 6, random) : usual
    },
  },
} as const satisfies Readonly<Record<string, number | Noise>>

export type NoiseName = keyof typeof NOISES

/** @param logarithm normal, with this standard deviation around 0 */
function lognormal(logarithm: number, deviation: number): number {
  return Math.exp(logarithm - deviation ** 2 / 2)
}

/** Nothing is quicker than (shape − 1) / shape of the average. */
function pareto(shape: number, random: Random): number {
  return ((shape - 1) / shape) * (1 - random.uniform()) ** (-1 / shape)
}

/** This share takes so many times as long as the others. */
function tail(share: number, factor: number, random: Random): number {
  return (random.uniform() < share ? factor : 1) / (1 + share * (factor - 1))
}

/** Of every device by itself: what its last response was, the next one is nearly. */
function autoregressive(deviation: number, correlation: number) {
  const last = new Map<number, number>()
  return (device: number, random: Random) => {
    const fresh = deviation * random.normal()
    const before = last.get(device)
    const logarithm =
      before === undefined ? fresh : correlation * before + Math.sqrt(1 - correlation ** 2) * fresh
    last.set(device, logarithm)
    return lognormal(logarithm, deviation)
  }
}

/** All devices of a round alike, and a little of each one's own. A round begins where the devices begin anew. */
function common(deviation: number, own: number) {
  let lastDevice = Number.POSITIVE_INFINITY
  let shared = 1
  return (device: number, random: Random) => {
    if (device <= lastDevice) shared = lognormal(deviation * random.normal(), deviation)
    lastDevice = device
    return shared * (1 + own * random.normal())
  }
}

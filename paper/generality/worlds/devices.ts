/** Devices with times and links of their own. */
import type { Random } from '../../../src/random.ts'
import { between, isChance, logBetween } from './draws.ts'
import type { Variant } from './ladder.ts'

/** free: every variant takes each device any time, whatever its size. by size: a few kinds of hardware, each of a roofline. */
export type LocalLaw = 'free' | 'by size'

export interface LocalTimes {
  /** Kind of hardware of each device, where it says something. Shape [devices]. */
  readonly classOf?: readonly number[]
  /** Shape [devices][variants]. */
  readonly localMs: readonly (readonly number[])[]
}

export function localTimes(
  law: LocalLaw,
  ladder: readonly Variant[],
  devices: number,
  random: Random,
): LocalTimes {
  return law === 'free' ? freeTimes(ladder, devices, random) : sizedTimes(ladder, devices, random)
}

function freeTimes(ladder: readonly Variant[], devices: number, random: Random): LocalTimes {
  const usualMs = ladder.map(() => logBetween(60, 700, random))
  const localMs = Array.from({ length: devices }, () => {
    const speed = logBetween(0.5, 3, random)
    return usualMs.map((ms) => ms * speed * Math.exp(0.3 * random.normal()))
  })
  return { localMs }
}

/** A start of its own, then whatever takes longer: computing at the rate of the precision, or fetching the weights. */
function sizedTimes(ladder: readonly Variant[], devices: number, random: Random): LocalTimes {
  const largest = Math.max(...ladder.map(({ megaMacs }) => megaMacs))
  const heaviest = Math.max(...ladder.map(({ bytes }) => bytes))
  const kinds = Array.from({ length: 2 + random.integer(2) }, () => {
    const [computeMs, fetchMs] = [logBetween(250, 900, random), logBetween(60, 400, random)]
    const startMs = between(5, 40, random)
    const gains = { FP32: 1, FP16: between(0.8, 2, random), INT8: between(0.8, 4, random) }
    return ladder.map(({ megaMacs, bytes, precision }) => {
      const computing = ((megaMacs / largest) * computeMs) / gains[precision]
      return startMs + Math.max(computing, (bytes / heaviest) * fetchMs)
    })
  })
  const classOf = Array.from({ length: devices }, () => random.integer(kinds.length))
  const localMs = classOf.map((kind) => {
    const speed = Math.exp(0.1 * random.normal())
    return (kinds[kind] ?? []).map((ms) => ms * speed * Math.exp(0.06 * random.normal()))
  })
  return { classOf, localMs }
}

/** What the way to each tier and back adds, ms. */
export interface Links {
  readonly isWeak: boolean
  readonly end: number
  readonly edge: number
  readonly cloud: number
}

/** Up and down differ, and so do the tiers; a weak link is mostly slow upwards. */
export function drawnLinks(random: Random): Links {
  const isWeak = isChance(0.3, random)
  const [up, down] = isWeak
    ? [between(2, 4, random), between(1, 1.5, random)]
    : [between(0.7, 1.3, random), 1]
  const way = (upMs: number, downMs: number) => up * upMs + down * downMs
  return {
    isWeak,
    end: isWeak ? between(3, 25, random) : between(0, 4, random),
    edge: way(logBetween(4, 25, random), between(1, 6, random)),
    cloud: way(logBetween(9, 45, random), between(4, 25, random)),
  }
}

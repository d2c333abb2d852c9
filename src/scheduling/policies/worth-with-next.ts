import type { LadderVariant } from '../ladder.ts'
import type { Observation } from '../observation.ts'

/** So many requests, and how long each variant takes for all of them, in the largest batches. */
interface Group {
  readonly requests: number
  /** Shape [variants] */
  readonly takesMs: Float64Array
}

/** Those that wait behind the head's batch: alone, and with so many whole requests that come as there are at least, or one more. */
interface Behind {
  readonly alone: Group
  readonly few: Group
  readonly more: Group
}

/**
 * The variant, up to this one, for a head whose node serves batches. Those that come during a service are served together when it
 * ends, mostly. What matters is not how much time they take, but by which variant such a group is still in time: the longer the
 * head's service, the smaller the variant for all of them. So, with p the chance that any come, the worth on average is
 *
 *   served · accuracy + (1 − p) · worth(rest) + p · worth(rest + those that come),   worth(n) = n · accuracy of the largest in time
 *
 * Where several come, they do so in the middle of the longest service, as many as are expected then: of a number that is no whole
 * one, between its neighbours.
 * @param most index of the largest variant that may serve @returns the index of one, from the smallest that the head accepts
 */
export function worthWithNext(observation: Observation, most: number): number {
  const { nowMs, queued, slackMs, sinceArrivalMs, forecast, times, workers } = observation
  const { variants } = times.ladder
  const lowest = observation.lowestVariant[0]
  if (most <= lowest) return most
  const longestMs = times.ms(most, times.largestBatch(most, queued))
  const chance = forecast.chance(nowMs, longestMs)
  if (chance === 0) return most
  const coming = forecast.expected(nowMs, longestMs) / chance
  const fewer = Math.floor(coming)
  const newestMs = slackMs[queued - 1]
  let behind: Behind | undefined
  let best = lowest
  let bestWorth = -Infinity
  for (let variant = lowest; variant <= most; variant++) {
    const batch = times.largestBatch(variant, queued)
    const serviceMs = times.ms(variant, batch)
    const served = times.batchSize(batch)
    // Mostly the same for all variants.
    const rest = queued - served
    if (behind?.alone.requests !== rest) behind = behindOf(observation, rest, fewer)
    const { alone, few, more } = behind
    const aloneMs = newestMs - serviceMs / workers
    const togetherMs = newestMs + sinceArrivalMs - Math.max(0, serviceMs - longestMs / 2) / workers
    const least = worthOf(few, variants, lowest, togetherMs)
    const together =
      least + (coming - fewer) * (worthOf(more, variants, lowest, togetherMs) - least)
    const worth =
      served * variants[variant].accuracyPercent +
      (1 - chance) * worthOf(alone, variants, lowest, aloneMs) +
      chance * together
    if (worth < bestWorth) continue
    best = variant
    bestWorth = worth
  }
  return best
}

function behindOf({ times, workers }: Observation, rest: number, coming: number): Behind {
  const groupOf = (requests: number): Group => {
    const takesMs = new Float64Array(times.variants)
    if (requests === 0) return { requests, takesMs }
    for (let variant = 0; variant < times.variants; variant++) {
      takesMs[variant] = (requests * times.shareMs(variant, requests)) / workers
    }
    return { requests, takesMs }
  }
  return {
    alone: groupOf(rest),
    few: groupOf(rest + coming),
    more: groupOf(rest + coming + 1),
  }
}

/** If all are to end within a time: by the largest variant that does it, or as many as the smallest can. */
function worthOf(
  { requests, takesMs }: Group,
  variants: readonly LadderVariant[],
  lowest: number,
  withinMs: number,
): number {
  if (requests === 0) return 0
  let variant = variants.length - 1
  while (variant > lowest && takesMs[variant] > withinMs) variant--
  const share = Math.min(1, Math.max(0, withinMs / takesMs[variant]))
  return share * requests * variants[variant].accuracyPercent
}

/** What devices told of their own inference times, as offsets of the model. */
import { mean } from 'simple-statistics'
import type { Problem } from '../../environment/environment.ts'
import { LOCAL } from './constants.ts'
import { relativeSizes } from './priors.ts'

/** o of every device, and what all have in common. */
export interface ToldOffsets {
  /** Logarithms of ms; undefined: the device told nothing. Shape [devices][variants]. */
  readonly offsets: readonly (Float64Array | undefined)[]
  /** How they go with the variant: each device's less its mean, averaged over the devices. Shape [variants]. */
  readonly shape: readonly number[]
}

/** @param localChoices indices of the choices at the device: the variants. Shape [variants] */
export function toldOffsets(
  { devices, choices, localTimesMs }: Problem,
  localChoices: readonly number[],
): ToldOffsets {
  const sizes = relativeSizes(localChoices.flatMap((choice) => choices[choice] ?? []))
  const offsets = Array.from({ length: devices }, (_, device) => {
    const logs = localChoices.map((choice) => Math.log(localTimesMs?.[device]?.[choice] ?? 0))
    return completed(logs, sizes)
  })
  const told = offsets.flatMap((each) => each ?? [])
  const shape = sizes.map((_, k) =>
    told.length === 0
      ? 0
      : mean(offsets.flatMap((each) => (each ? each[k] - mean([...each]) : []))),
  )
  return { offsets, shape }
}

/** Variants of which it told nothing are taken to differ from the others by their sizes. @param logs -Infinity where it told nothing */
function completed(logs: readonly number[], sizes: readonly number[]): Float64Array | undefined {
  const known = logs.flatMap((log, k) => (Number.isFinite(log) ? [k] : []))
  if (known.length === 0) return undefined
  const level = mean(known.map((k) => logs[k] - LOCAL.slope.mean * sizes[k]))
  return Float64Array.from(logs, (log, k) =>
    Number.isFinite(log) ? log : level + LOCAL.slope.mean * sizes[k],
  )
}

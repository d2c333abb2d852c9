import { ConfigError } from '../errors.ts'
import { type Catalogue, heldPart } from '../serving/models/catalogue.ts'
import { fittingVariants, type MeasuredMemory } from '../serving/models/memory-limit.ts'
import type { NodeOptions } from './node-options.ts'

/**
 * The variants that a node holds where its memory is limited: those it is to hold, as far as they fit.
 * @returns undefined where it is not
 * @throws ConfigError where a node other than a device could hold nothing
 */
export async function variantsInMemory(
  { memoryLimitMb: limitMb, tier, workers, variants, logger }: NodeOptions,
  catalogue: Catalogue,
): Promise<string[] | undefined> {
  if (limitMb === undefined) return undefined
  const measured = await fittingVariants(heldPart(catalogue, variants), { limitMb, workers })
  const held = measured.filter(({ fits }) => fits).map(({ name }) => name)
  const left = measured.filter(({ fits }) => !fits).map(text)
  if (left.length > 0) {
    logger.warn(`memory: ${limitMb} MiB have no room for ${left.join(', ')}: not held here`)
  }
  if (held.length > 0 || tier === 'end') return held
  throw new ConfigError(
    `memoryLimitMb: ${limitMb} MiB have no room for any of ${left.join(', ')}, and only a device may hold none: allow more`,
  )
}

function text({ name, memoryMb }: MeasuredMemory): string {
  return `${name} (${memoryMb.toFixed(1)} MiB)`
}

/** What a response says of the noise. */
import type { Normal } from './cell.ts'
import { CHANGE, NOISE } from './constants.ts'
import { NO_SURPRISE } from './knowledge.ts'
import { addResidual, addTo, logVariance, type Noise } from './noise.ts'
import type { StructuredModel } from './structured-model.ts'
import type { Told } from './told.ts'

/**
 * Learns σ², ρ and the tails from one response. Surprises are in deviations that repetition has already widened (`inflation`), so ρ is
 * learned as the r with r (1 + r) / (1 - r) = ρ. On purpose: by the whole of ρ, slow-downs are found three times later (ρ of 0.7 and 0.9).
 * @param node -1: the device itself
 */
export function learnResidual(
  { knowledge }: StructuredModel,
  device: number,
  noise: Noise,
  { value, variance }: Told,
  belief: Normal,
  node: number,
): void {
  const residual = value - belief.mean
  const isSure = belief.variance < logVariance(noise)
  addResidual(noise, residual, belief.variance)
  const surprise = bounded(residual / Math.sqrt(variance + belief.variance))
  const last = knowledge.lastSurprises[device]
  if (isSure && last !== NO_SURPRISE) addTo(knowledge.repeats, last * surprise)
  knowledge.lastSurprises[device] = isSure ? surprise : NO_SURPRISE
  if (!isSure) return
  const factor = Math.exp(Math.min(NOISE.tailTo, residual))
  addTo(knowledge.tails.all, factor)
  addTo(node < 0 ? knowledge.tails.local : knowledge.tails.nodes[node], factor)
}

function bounded(surprise: number): number {
  return Math.min(CHANGE.mostSurprise, Math.max(-CHANGE.mostSurprise, surprise))
}

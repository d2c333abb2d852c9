/** Replayed experience when the task changes. */
import { PENALTY_MS } from '../agents/regime.ts'
import type { PrioritizedBufferState } from '../replay/prioritized-buffer.ts'

/** Without rounds that broke the goal: they may meet another. */
export function withoutPenalties(saved: PrioritizedBufferState): PrioritizedBufferState {
  const { experiences, masses, next } = saved
  // Oldest first, also where the newest have begun to take the places of the oldest.
  const slots = [...experiences.keys()].map((i) => (next + i) % experiences.length)
  const kept = slots.filter((slot) => experiences[slot]?.cost !== PENALTY_MS)
  if (kept.length === experiences.length) return saved
  return {
    ...saved,
    experiences: kept.flatMap((slot) => experiences[slot] ?? []),
    masses: kept.map((slot) => masses[slot]),
    next: kept.length,
  }
}

export function withoutExperience(saved: PrioritizedBufferState): PrioritizedBufferState {
  return { ...saved, experiences: [], masses: [], next: 0 }
}

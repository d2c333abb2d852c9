/** Two rules for the head of an earliest-deadline-first queue, blind and half-blind to those behind it. */

import type { SchedulingPolicy } from '../scheduling-policy.ts'
import { queueFits, serveAtMost, serveHead, serveSmallest } from './queue-fit.ts'
import { stateless } from './stateless.ts'

/** The largest variant with which the head makes its deadline. */
export function edfLargestFeasible(): SchedulingPolicy {
  return stateless('edf-largest-feasible', (observation) =>
    serveAtMost(observation, observation.times.variants - 1),
  )
}

/** The largest variant for the head such that the smallest can still serve all others in time. */
export function edfQuickestFirst(): SchedulingPolicy {
  return stateless('edf-quickest-first', (observation) => {
    let variant = observation.times.variants - 1
    while (variant >= 0 && !queueFits(observation, variant, 0)) variant--
    return variant < 0 ? serveSmallest(observation) : serveHead(observation, variant)
  })
}

/** What running a variant gives, and how fast it is to be. */
import type { Tensor } from '../../protocol/messages.ts'

/** What one inference gave and how long it ran. */
export interface Inference {
  readonly outputs: readonly Tensor[]
  /** In the worker, dilation included. */
  readonly computeMs: number
}

/**
 * Emulated speed: a worker runs the real model and stays busy until d / share has passed, d being the variant's processor
 * time as measured at warm-up, and the share of a core the one at which `variant` takes `targetMs`.
 */
export interface EmulatedSpeed {
  readonly variant: string
  readonly targetMs: number
}

/** Services take so many times as long as the profile says: a node whose profile is wrong. Above 1. */
interface EmulatedSlowdown {
  readonly slowdown: number
}

/** How a node's speed is emulated. */
export type Dilation = EmulatedSpeed | EmulatedSlowdown

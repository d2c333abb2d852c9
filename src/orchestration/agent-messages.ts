/** What passes between the orchestrator and the thread its agent thinks in. */
import type { LearningProgress } from '../learning/agent/agent.ts'
import type { Profile } from '../learning/agent/oracle-profile.ts'
import type { Decision, Outcome, Problem, State } from '../learning/environment/environment.ts'

/** One agent at one problem. */
export interface AgentRun {
  /** Same key, same agent: it goes on where it was paused. */
  readonly key: string
  readonly spec: string
  readonly problem: Problem
  readonly seed: number
  readonly profile?: Profile
  /** What an agent of this key saved earlier; ignored when the thread still has the agent. */
  readonly saved?: unknown
}

export interface SavedAgent {
  readonly key: string
  readonly saved: unknown
}

export type ToAgent =
  | { readonly type: 'run'; readonly run: AgentRun }
  | { readonly type: 'pause' }
  /** The answer to a `reset` or `step`. */
  | { readonly type: 'answer'; readonly call: number; readonly value: State | Outcome }
  | {
      readonly type: 'refusal'
      readonly call: number
      readonly message: string
      /** The decision was accepted, but its round gave no result. */
      readonly overtaken: boolean
    }
  | { readonly type: 'save'; readonly call: number }
  | { readonly type: 'close' }

export type FromAgent =
  | { readonly type: 'reset'; readonly call: number; readonly key: string; readonly seed: number }
  | {
      readonly type: 'step'
      readonly call: number
      readonly key: string
      readonly decision: Decision
      readonly progress: LearningProgress
    }
  | { readonly type: 'saved'; readonly call: number; readonly agent: SavedAgent | undefined }
  | { readonly type: 'failed'; readonly key: string; readonly message: string }

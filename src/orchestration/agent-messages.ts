/** What passes between the orchestrator and the thread its agent thinks in. */
import type { DecisionExplanation, ShadowScore } from '../control/messages.ts'
import type { Drift, LearningProgress } from '../learning/agents/agent.ts'
import type { Profile } from '../learning/agents/baselines/oracle-profile.ts'
import type { Alternative, BestFixed } from '../learning/agents/beliefs.ts'
import type { Overrides } from '../learning/agents/overrides.ts'
import type {
  Answer,
  Decision,
  Outcome,
  Problem,
  State,
} from '../learning/environment/environment.ts'

/** One agent at one problem. */
export interface AgentRun {
  /** Same key, same agent: it goes on where it was paused. */
  readonly key: string
  readonly spec: string
  readonly problem: Problem
  readonly seed: number
  /** For `oracle`; what an agent that hears of single answers begins with. */
  readonly profile?: Profile
  /** Single hyperparameters in place of an agent's own, by the agent's name. */
  readonly hyperparameters?: Readonly<Record<string, Overrides>>
  /** Extra response time that exploring may cost from now on, as a share; absent: as the agent has it. */
  readonly explorationBudget?: number
  /** A second agent, which only proposes. */
  readonly shadow?: string
  /** What an agent that can do nothing without a number is told of a device that asked nothing. */
  readonly missingMs: number
  /** What an agent of this spec saved earlier, of this problem or another; ignored when the thread still has the agent. */
  readonly saved?: SavedAgent
}

/** What an agent says beside its decision. */
export interface AgentNote {
  readonly progress: LearningProgress
  readonly explanation?: DecisionExplanation
  readonly shadow?: ShadowScore
}

/** What somebody wants to know of an agent's beliefs. */
export interface Question {
  readonly state: State
  /** In force. */
  readonly decision: Decision
  /** Index of the device whose alternatives are asked for; absent: the best fixed strategy is. */
  readonly device?: number
}

/** What it says; empty where it cannot tell. */
export interface Beliefs {
  readonly alternatives?: readonly Alternative[]
  readonly bestFixed?: BestFixed
}

/** An agent as a checkpoint keeps it. */
export interface SavedAgent {
  readonly spec: string
  readonly problem: Problem
  readonly saved: unknown
}

/** From the orchestrator to the thread. */
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
  /** Single requests; `heard` is the reply. */
  | { readonly type: 'hear'; readonly key: string; readonly answers: readonly Answer[] }
  | { readonly type: 'save'; readonly call: number }
  /** What the agent of this key believes; `believed` is the reply. */
  | {
      readonly type: 'believe'
      readonly call: number
      readonly key: string
      readonly about: Question
    }
  | { readonly type: 'close' }

/** From the thread to the orchestrator. */
export type FromAgent =
  | { readonly type: 'reset'; readonly call: number; readonly key: string; readonly seed: number }
  | {
      readonly type: 'step'
      readonly call: number
      readonly key: string
      readonly decision: Decision
      readonly note: AgentNote
      /** That it found since the decision before. */
      readonly drift: readonly Drift[]
    }
  /** How many of the answers an agent learned from: none where it does not hear of them. */
  | { readonly type: 'heard'; readonly count: number }
  | { readonly type: 'believed'; readonly call: number; readonly beliefs: Beliefs }
  | { readonly type: 'saved'; readonly call: number; readonly agent: SavedAgent | undefined }
  /** The agent that only proposes cannot go on; the one that acts does. */
  | { readonly type: 'shadowFailed'; readonly message: string }
  | { readonly type: 'failed'; readonly key: string; readonly message: string }

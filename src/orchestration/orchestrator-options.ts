/** What an Intelligent Orchestrator needs, and what it shows of itself. */
import type { Logger } from 'pino'
import type { Timers } from '../clock.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import type { DecisionExplanation, DeviceDecision, DeviceGoal } from '../control/messages.ts'
import type { InService } from '../control/telemetry-message.ts'
import type { Choice } from '../fleet/choice.ts'
import type { Profile } from '../learning/agents/baselines/oracle-profile.ts'
import type { Overrides } from '../learning/agents/overrides.ts'
import type { Disk } from '../storage/disk.ts'
import type { AgentThread, AgentThreadEvents } from './agent-thread.ts'
import type { BoardCounts, NewestRound } from './decision-board.ts'
import type { Served } from './goal-governor.ts'
import type { KnownNode } from './node-log.ts'
import type { GoalInForce } from './promises.ts'
import type { Reasons } from './reasons.ts'
import type { SlownessOptions } from './slowness.ts'

/** What an orchestrator is to do, and with what. */
export interface OrchestratorOptions {
  readonly control: ControlPlane
  /** What devices may do, where they, their edges and the cloud hold the variants for it. At least one. */
  readonly choices: readonly Choice[]
  readonly goalPercent: number
  /** See `createAgent`. */
  readonly agent: string
  readonly seed: number
  /** The agent starts when so many devices are ready, or when `graceMs` is over. */
  readonly expectedDevices: number
  readonly graceMs?: number
  /** Longest a round waits for the rest after its first answer. */
  readonly roundTimeoutMs: number
  /** The fleet must stay the same for so long before an agent starts on it. */
  readonly settleMs?: number
  /** A node that says nothing for so long is taken for dead. */
  readonly staleAfterMs?: number
  readonly clock: Timers
  /** Unix time of the start, ms, by default now: the least epoch. Without a state folder it alone makes a later start's higher. */
  readonly startedAtMs?: number
  /** Why an agent cannot work on a fleet of so many devices; undefined where it can. */
  readonly agentProblem?: (agent: string, devices: number) => string | undefined
  readonly logger: Logger
  /** A folder for what outlives this process: what was acknowledged, and as whom it decides. */
  readonly stateFolder?: string
  /** Where that folder is; by default this machine's. */
  readonly disk?: Disk
  /** What a session is called that goes on with no earlier one; by default random. */
  readonly newSession?: () => string
  /** Learning survives a restart through this file; when left out, one in the state folder, if there is one. */
  readonly checkpointFile?: string
  readonly checkpointIntervalMs?: number
  /** For the `oracle` agent; what an agent that hears of single answers begins with. */
  readonly profile?: Profile
  /** Single hyperparameters in place of an agent's own, by the agent's name. */
  readonly hyperparameters?: Readonly<Record<string, Overrides>>
  /** A second agent, which only proposes. */
  readonly shadow?: string
  /** The fixed rule that takes the agent's place when asked to, when the agent fails, or when it is too slow; see `fixedRule`. */
  readonly revert?: { readonly to: string } & SlownessOptions
  readonly startThread?: (events: AgentThreadEvents) => AgentThread
  /** Called when it has stopped: ends what was started for it alone. */
  readonly release?: () => Promise<void>
}

type Defaulted =
  | 'control'
  | 'agent'
  | 'seed'
  | 'expectedDevices'
  | 'roundTimeoutMs'
  | 'clock'
  | 'logger'

/** What `startOrchestrator` takes: only `choices` and `goalPercent` are needed. The agent is `factored`, and nothing is logged. */
export interface StartOrchestratorOptions
  extends Omit<OrchestratorOptions, Defaulted | 'release'>,
    Partial<Pick<OrchestratorOptions, Defaulted>> {
  /** URL of the fleet's MQTT broker, in place of `control`; without either, one starts at mqtt://127.0.0.1:1883. */
  readonly broker?: string
}

/** An orchestrator that runs. */
export interface Orchestrator {
  /** Not while one of a higher epoch does. */
  readonly isDeciding: boolean
  readonly session: string
  readonly counts: Readonly<BoardCounts>
  /** The round that closed last; undefined before the first. */
  readonly newest: NewestRound | undefined
  /** By name: nodes that live, and the newest of those that died and have not come back. */
  readonly knownNodes: ReadonlyMap<string, KnownNode>
  /** What it pursues, by which agent, and whether the fixed rule is in that agent's place. */
  readonly inForce: GoalInForce
  /** What the agent believes of its decision now. */
  readonly explanation: DecisionExplanation | undefined
  /** Single requests that agents learned from, and those that came faster than they could. */
  readonly answers: { readonly heard: number; readonly dropped: number }
  /** The fleet's average over the requests that were answered in the window; undefined where there were none. */
  readonly served: Served | undefined
  /** By name: goals that devices have for themselves, and how they are kept. */
  readonly deviceGoals: Readonly<Record<string, DeviceGoal>>
  readonly devices: readonly string[]
  /** How the fleet's answers turn out: those whose label was told since the session began, and what each device says of its own. */
  readonly accuracy: {
    readonly labelled: number
    readonly right: number
    readonly devices: Readonly<Record<string, InService>>
  }
  /** For devices that ask on every request (consulted mode). */
  currentDecision(device: string): DeviceDecision | undefined
  /** Why it decides as it does, by what the agent that acts has learned. */
  readonly reasons: Reasons
  /** Saves the agent and leaves; the devices keep their last decisions. */
  stop(): Promise<void>
}

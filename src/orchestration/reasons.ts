/** Why devices do what they do, in words that need no index: what the agent that acts believes of the alternatives. */
import { type Choice, formatChoice } from '../fleet/choice.ts'
import type { Alternative, BestFixed } from '../learning/agents/beliefs.ts'
import type { Beliefs, Question } from './agent-messages.ts'
import { type LiveEnvironment, UNAVAILABLE } from './live-environment.ts'

type Seen = Pick<LiveEnvironment, 'problem' | 'devices' | 'now'>

/** What a device might do instead. */
export interface Reason {
  readonly choice: string
  readonly accuracyPercent: number
  /** Of this device's requests, and how sure that is; absent where nothing is believed of it. */
  readonly responseTimeMs?: number
  readonly spreadMs?: number
  /** Average over the fleet, if this device alone did so. */
  readonly fleetMs?: number
  readonly inForce: boolean
  /** Why it may not do so; absent where it may. */
  readonly closed?: string
}

/** What the agent that acts believes. */
export interface Reasons {
  /** Of one device, what is open and fastest for the fleet first; undefined where it is unknown, or the agent cannot tell. */
  of(name: string): Promise<Reason[] | undefined>
  /** By what the agent has learned; undefined where that is not enough. */
  bestFixed(): Promise<BestFixed | undefined>
}

/** Asks the agent. */
export class AskedReasons implements Reasons {
  private readonly environment: () => Seen | undefined
  private readonly believe: (about: Question) => Promise<Beliefs>

  constructor(environment: () => Seen | undefined, believe: (about: Question) => Promise<Beliefs>) {
    this.environment = environment
    this.believe = believe
  }

  async of(name: string): Promise<Reason[] | undefined> {
    const environment = this.environment()
    const device = environment?.devices.indexOf(name) ?? -1
    if (environment === undefined || device < 0) return undefined
    const { state, decision } = environment.now
    const { alternatives } = await this.believe({ state, decision, device })
    return alternatives
      ?.map((one) => reasonOf(one, environment.problem.choices, decision[device]))
      .sort((a, b) => rank(a) - rank(b))
  }

  async bestFixed(): Promise<BestFixed | undefined> {
    const environment = this.environment()
    return environment && (await this.believe(environment.now)).bestFixed
  }
}

function reasonOf(
  { choice, isOpen, meetsGoal, accuracyPercent, ...times }: Alternative,
  choices: readonly Choice[],
  decided: number | undefined,
): Reason {
  const taken = choices[choice]
  const broken = `would break the goal: ${accuracyPercent.toFixed(2)} % for all devices`
  const closed = isOpen ? (meetsGoal ? undefined : broken) : UNAVAILABLE
  return {
    ...times,
    choice: taken ? formatChoice(taken) : String(choice),
    accuracyPercent: taken?.accuracyPercent ?? 0,
    inForce: decided === choice,
    ...(closed !== undefined && { closed }),
  }
}

/** What is open comes first, then what is fastest for the fleet. */
function rank({ closed, fleetMs = 1e9 }: Reason): number {
  return fleetMs + (closed === undefined ? 0 : 1e12)
}

/** Invariants of decisions: none below the goal takes effect, none that was not decided does, and epochs never go back. */
import type { DeviceDecision, JointDecision } from '../../src/control/messages.ts'
import type { SimulatedDevice } from './device.ts'
import { worthOf } from './fleet.ts'

/** Decisions of one round, by device. */
interface Round {
  readonly epoch: number
  readonly decisions: Map<string, DeviceDecision>
}

/** The goal counts in hundredths of a percent. */
const ROUNDING_PERCENT = 0.005

/** Knows every decision that an orchestrator published, and which of them each device follows. */
export class DecisionsKept {
  rounds = 0
  private readonly published = new Map<string, Round>()
  private readonly followed = new Map<SimulatedDevice, DeviceDecision>()

  decided(decision: DeviceDecision): string | undefined {
    const { session, round, epoch, device } = decision
    const known = this.published.get(keyOf(decision))
    if (known !== undefined && known.epoch !== epoch) {
      return `round ${round} of ${session} was decided twice, in epochs ${known.epoch} and ${epoch}`
    }
    const { decisions } = known ?? { decisions: new Map() }
    if (decisions.has(device)) return `${device} was told twice in round ${round} of ${session}`
    decisions.set(device, decision)
    this.published.set(keyOf(decision), { epoch, decisions })
    return undefined
  }

  /** The joint decision ends what is said of a round. */
  joined({ session, round, goalPercent, placements }: JointDecision): string | undefined {
    this.rounds += 1
    const decisions = [...(this.published.get(keyOf({ session, round }))?.decisions.values() ?? [])]
    const told = decisions.map(({ device }) => device).toSorted()
    if (told.join() !== Object.keys(placements).toSorted().join()) {
      return `round ${round} of ${session} is for ${Object.keys(placements)}, and ${told} were told`
    }
    // No device of the round can be served now: there is nothing to follow.
    if (decisions.length === 0) return undefined
    const worthPercent =
      decisions.reduce((sum, decision) => sum + worthOf(decision), 0) / decisions.length
    if (worthPercent >= goalPercent - ROUNDING_PERCENT) return undefined
    return `round ${round} of ${session} is worth ${worthPercent} %, below the goal of ${goalPercent} %`
  }

  /** What a device follows now. */
  follows(device: SimulatedDevice): string | undefined {
    const { decision } = device
    const before = this.followed.get(device)
    if (decision === before) return undefined
    this.followed.set(device, decision)
    if (before !== undefined && decision.epoch < before.epoch) {
      return `${device.name} went back from epoch ${before.epoch} to ${decision.epoch}`
    }
    if (decision.session === 'none') return undefined
    const decided = this.published.get(keyOf(decision))?.decisions.get(device.name)
    if (JSON.stringify(decided) === JSON.stringify(decision)) return undefined
    return `${device.name} follows what nobody decided: ${JSON.stringify(decision)}`
  }

  forget(device: SimulatedDevice): void {
    this.followed.delete(device)
  }
}

function keyOf({ session, round }: Pick<DeviceDecision, 'session' | 'round'>): string {
  return `${session} ${round}`
}

/** Watches one schedule, and keeps the first thing that does not hold. */
import type { AnswerReport, MessageKind, MessageOf } from '../../src/control/messages.ts'
import { ChangesLast } from './changes-last.ts'
import type { CloudWatcher, SimulatedCloud } from './cloud.ts'
import { DecisionsKept } from './decisions-kept.ts'
import type { SimulatedDevice } from './device.ts'
import { unbounded } from './memory-bounded.ts'
import { RoundsEnd } from './rounds-end.ts'
import { Machine, SimulatedTime } from './simulated-time.ts'

/** Between two looks at all that the processes hold. */
const MEMORY_MS = 4000

/** All invariants together. */
export class Judge implements CloudWatcher {
  violation: string | undefined
  readonly decisions = new DecisionsKept()
  readonly changes: ChangesLast
  readonly rounds: RoundsEnd
  private readonly time: SimulatedTime
  private lookedAtMs = 0

  constructor(time: SimulatedTime) {
    this.time = time
    this.changes = new ChangesLast(time)
    this.rounds = new RoundsEnd(time)
  }

  /** @param problem undefined where all is well */
  fault(problem: string | undefined): void {
    if (problem === undefined) return
    this.violation ??= `${problem} (${(this.time.nowMs / 1000).toFixed(3)} s)`
  }

  published<Kind extends MessageKind>(
    cloud: SimulatedCloud,
    kind: Kind,
    message: MessageOf<Kind>,
  ): void {
    const { decisions, changes, rounds } = this
    const on: { readonly [Each in MessageKind]?: (said: MessageOf<Each>) => string | undefined } = {
      decision: (said) => decisions.decided(said),
      jointDecision: (said) => {
        rounds.opened(cloud, said)
        return decisions.joined(said)
      },
      orchestrator: (said) => changes.told(cloud.name, said),
    }
    const problem = on[kind]?.(message)
    this.fault(problem && `${cloud.machine?.name}: ${problem}`)
  }

  heard(cloud: SimulatedCloud, report: AnswerReport): void {
    this.rounds.heard(cloud, report)
  }

  /** After every event. */
  check(clouds: readonly SimulatedCloud[], devices: readonly SimulatedDevice[]): void {
    for (const device of devices) this.fault(this.decisions.follows(device))
    this.fault(this.rounds.check())
    if (this.time.nowMs - this.lookedAtMs < MEMORY_MS) return
    this.lookedAtMs = this.time.nowMs
    const isForeign = (value: object) => value instanceof Machine || value instanceof SimulatedTime
    for (const { machine, orchestrator, client } of clouds) {
      const held = orchestrator && unbounded({ orchestrator, plane: client?.plane }, isForeign)
      if (held !== undefined) this.fault(`the memory of ${machine?.name} is not bounded: ${held}`)
    }
    for (const { model, client, name, spool } of devices) {
      const held = unbounded({ model, plane: client.plane, spool }, isForeign)
      if (held !== undefined) this.fault(`the memory of ${name} is not bounded: ${held}`)
    }
  }
}

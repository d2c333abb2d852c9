/**
 * All that the cloud node keeps of its fleet for people: one more listener of the control plane, within a bound whatever the fleet
 * says, and however long it runs.
 */
import type { ControlPlane } from '../control/control-plane.ts'
import type { AnswerReport, JointDecision, OrchestratorNews } from '../control/messages.ts'
import type { Admission, LiveTelemetry, Telemetry } from '../control/telemetry-message.ts'
import { canonicalChoice } from '../fleet/choice.ts'
import { formatPlacement } from '../fleet/placement.ts'
import { AnswerHistory } from './answer-history.ts'
import { DeviceRecord } from './device-record.ts'
import { EventLog } from './event-log.ts'
import type { Health, RunReport } from './schemas.ts'
import type { Tests } from './schemas-test-answers.ts'
import { StandingRecord } from './standing-record.ts'

/** More names than this are not kept, so that a stray publisher cannot fill the memory. */
const MAX_NAMES = 4096
/** A node that says nothing for so long is shown as silent. */
const SILENT_MS = 10_000
const SILENCE_CHECK_MS = 1000

/** Of a link's quality: the same so many times in a row is known, and not what a busy start makes of it. */
const STEADY = 5

/** A quality, as it was told again and again. */
interface Link {
  /** Undefined until it is known. */
  readonly isWeak: boolean | undefined
  readonly newest: boolean
  readonly times: number
}

/** What a node said last, and when. */
export interface NodeRecord {
  readonly said: Telemetry
  readonly atMs: number
  readonly link: Link | undefined
  /** That was told as an event. */
  isUp: boolean
}

/** Hears the fleet. */
export class FleetRecord {
  readonly sinceMs: number
  readonly now: () => number
  readonly nodes = new Map<string, NodeRecord>()
  readonly devices = new Map<string, DeviceRecord>()
  readonly events = new EventLog()
  readonly standing = new StandingRecord(this.events)
  /** By window: 300 steps each. */
  readonly histories = {
    '5m': new AnswerHistory(1000, 300),
    '1h': new AnswerHistory(12_000, 300),
    '24h': new AnswerHistory(288_000, 300),
  } as const
  requests = 0
  failed = 0
  report: RunReport | undefined
  /** Of a demonstration, as it was told last. */
  tests: Tests | undefined

  /** @param now Unix time, ms */
  constructor(now: () => number = Date.now) {
    this.now = now
    this.sinceMs = now()
  }

  /** Listens from now on. @returns a function that ends it */
  async follow(control: ControlPlane): Promise<() => void> {
    const ends = [
      await control.subscribe('telemetry', (said) => this.hearTelemetry(said)),
      await control.subscribe('observation', (report) => this.hearAnswer(report)),
      await control.subscribe('jointDecision', (joint) => this.hearJoint(joint)),
      await control.subscribe('orchestrator', (news) => this.hearOrchestrator(news)),
    ]
    const timer = setInterval(() => this.lookForSilence(), SILENCE_CHECK_MS)
    return () => {
      clearInterval(timer)
      for (const end of ends) end()
    }
  }

  hearTelemetry(said: Telemetry): void {
    const { node } = said
    const before = this.nodes.get(node)
    if (!before && this.nodes.size >= MAX_NAMES) return
    const link = linkAfter(before?.link, said)
    const record = { said, atMs: this.now(), link, isUp: before?.isUp ?? said.alive }
    this.nodes.set(node, record)
    this.tellPresence(node, record)
    if (said.alive) this.tellChanges(said, before?.said.alive ? before.said : undefined)
  }

  hearAnswer(report: AnswerReport): void {
    this.requests += 1
    if (report.failed) this.failed += 1
    const nowMs = this.now()
    const { goalPercent, agent } = this.standing.news ?? {}
    const during = { ...(goalPercent !== undefined && { goalPercent }), ...(agent && { agent }) }
    for (const history of Object.values(this.histories)) history.add(report, nowMs, during)
    const device = this.deviceOf(report.device)
    device?.hear(report, nowMs)
    // A joint decision has room for so many devices; of the others their requests tell.
    const isListed = this.standing.joint?.placements[report.device] !== undefined
    if (!isListed) device?.decide(formatPlacement(report.decided), nowMs)
  }

  hearJoint(joint: JointDecision): void {
    const nowMs = this.now()
    this.standing.hearJoint(joint, nowMs)
    for (const [name, text] of Object.entries(joint.placements)) {
      const choice = choiceIn(text)
      if (choice !== undefined) this.deviceOf(name)?.decide(choice, nowMs)
    }
  }

  hearOrchestrator(news: OrchestratorNews): void {
    this.standing.hearOrchestrator(news, this.now())
  }

  /** A run has ended. */
  end(report: RunReport): void {
    this.report = report
    this.events.add('ended', `The run ended after ${report.rounds} rounds`, this.now())
  }

  healthOf(node: NodeRecord | undefined): Health {
    if (node === undefined) return 'unknown'
    if (!node.said.alive) return 'down'
    // Where the machine's clock is set back, too: who lives says so again at once.
    if (Math.abs(this.now() - node.atMs) > SILENT_MS) return 'silent'
    return node.said.ready ? 'ready' : 'starting'
  }

  /** What a node says of itself while it lives. */
  liveOf(name: string): LiveTelemetry | undefined {
    const said = this.nodes.get(name)?.said
    return said?.alive ? said : undefined
  }

  private lookForSilence(): void {
    for (const [name, record] of this.nodes) this.tellPresence(name, record)
  }

  private tellPresence(name: string, record: NodeRecord): void {
    const health = this.healthOf(record)
    const isUp = health === 'ready' || health === 'starting'
    if (isUp === record.isUp) return
    record.isUp = isUp
    const what = isUp ? 'is back' : health === 'down' ? 'left' : 'has gone silent'
    this.events.add(isUp ? 'up' : 'down', `${name} ${what}`, this.now(), name)
  }

  private tellChanges(said: LiveTelemetry, before: LiveTelemetry | undefined): void {
    const { node } = said
    const doubt = said.inService?.inDoubt
    if (doubt !== undefined && doubt !== before?.inService?.inDoubt)
      this.events.add('doubt', `The accuracy of ${node} is in doubt: ${doubt}`, this.now(), node)
    const { admission } = said.service
    const sheds = admission?.sheds === true
    if (sheds === (before?.service.admission?.sheds ?? false)) return
    const text = sheds
      ? `${node} sheds load: ${shedPercent(admission).toFixed(0)} % of its requests were late or refused`
      : `${node} has room again`
    this.events.add(sheds ? 'shedding' : 'room', text, this.now(), node)
  }

  private deviceOf(name: string): DeviceRecord | undefined {
    const known = this.devices.get(name)
    if (known || this.devices.size >= MAX_NAMES) return known
    const made = new DeviceRecord()
    this.devices.set(name, made)
    return made
  }
}

/** Of the requests of the last seconds: late or refused. */
export function shedPercent({ requests, late, refused }: Admission): number {
  return requests === 0 ? 0 : (100 * (late + refused)) / requests
}

/** What is known of a node's link, once it has said more. */
function linkAfter(before: Link | undefined, said: Telemetry): Link | undefined {
  if (!said.alive || !said.ready || said.measured.roundTripMs === undefined) return undefined
  const newest = said.state.bandwidth === 1
  const times = before?.newest === newest ? before.times + 1 : 1
  return { newest, times, isWeak: times >= STEADY ? newest : before?.isWeak }
}

/** A joint decision carries choices as text that its schema does not look into. */
function choiceIn(text: string): string | undefined {
  try {
    return canonicalChoice(text)
  } catch {
    return undefined
  }
}

/** A fleet under load whose decisions and promises are watched. */
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import { interruption } from '../../src/cli/interrupts.ts'
import type { ControlPlane } from '../../src/control/control-plane.ts'
import type { JointDecision, OrchestratorNews } from '../../src/control/messages.ts'
import { connectControlPlane } from '../../src/control/mqtt-control-plane.ts'
import type { Random } from '../../src/random.ts'
import { type Answer, runApplications } from './applications.ts'
import { ENDED_EARLY, KillableFleet } from './fleet.ts'
import { ServedRecord } from './served-record.ts'
import { Wishes } from './wishes.ts'

/** Long enough for a request to be forwarded, served and, where that fails, served again. */
const DEADLINE_MS = 2000
const POLL_MS = 5
const DECISION_TIMEOUT_MS = 60_000
const WISH_PAUSE_MS = 400

/** Node and how it came back. */
export interface Recovery {
  readonly node: string
  /** From the start of the new process to the fleet's first decision after it; of a device, to its first request that was served by one; null: none came. */
  readonly firstDecisionMs: number | null
  /** Until its models were warm. */
  readonly readyMs: number
  /** Whether what was acknowledged is in force. */
  readonly isPromiseKept: boolean
}

/** All of it on this machine. */
export class WatchedFleet {
  readonly fleet: KillableFleet
  readonly record = new ServedRecord()
  readonly wishes: Wishes
  private readonly control: ControlPlane
  private readonly ended = new AbortController()
  private applications: Promise<void> = Promise.resolve()
  /** Device → when it last answered by a decision of the fleet. */
  private readonly obeyedAtMs = new Map<string, number>()
  private joint: JointDecision | undefined
  private news: OrchestratorNews | undefined

  private constructor(fleet: KillableFleet, control: ControlPlane, wishes: Wishes) {
    this.fleet = fleet
    this.control = control
    this.wishes = wishes
  }

  /**
   * Resolves when the fleet has decided for all of its devices; the load runs from then on.
   * @param ratePerS of each application
   */
  static async start(random: Random, signal: AbortSignal, ratePerS: number): Promise<WatchedFleet> {
    const fleet = await KillableFleet.start(signal)
    const { brokerUrl: url, applications, catalogue, goalsPercent, wires } = fleet
    const logger = pino({ level: 'silent' })
    const control = await connectControlPlane({
      url,
      clientId: 'watcher',
      logger,
      startOffline: true,
    })
    const wishes = new Wishes(url, goalsPercent, random.fork('wishes'))
    const watched = new WatchedFleet(fleet, control, wishes)
    try {
      await watched.watch()
      const isDecided = () =>
        applications.every(({ device }) => watched.joint?.placements[device] !== undefined)
      if (!(await within(DECISION_TIMEOUT_MS, isDecided, signal))) {
        if (signal.aborted) throw interruption(ENDED_EARLY)
        throw new Error('the fleet has decided nothing: is this machine very busy?')
      }
      const load = { applications, wires, ratePerS, deadlineMs: DEADLINE_MS }
      const onAnswer = watched.answered.bind(watched)
      watched.applications = runApplications(
        { ...load, model: catalogue.model, random: random.fork('load'), onAnswer },
        AbortSignal.any([signal, watched.ended.signal]),
      )
      return watched
    } catch (error) {
      await watched.stop()
      throw error
    }
  }

  private answered(answer: Answer): void {
    this.record.settled(answer)
    if (answer.round > 0) this.obeyedAtMs.set(answer.device, answer.askedAtMs)
  }

  private async watch(): Promise<void> {
    await this.control.subscribe('jointDecision', (joint) => {
      this.joint = joint
      this.record.decided(joint)
    })
    await this.control.subscribe('orchestrator', (news) => {
      this.news = news
    })
  }

  /** Kills a node after so long under load, while goals change; starts it again, and looks what has become of all. */
  async killAfter(delayMs: number, node: string, signal: AbortSignal): Promise<Recovery> {
    const over = new AbortController()
    const asking = this.wishes.keepAsking(WISH_PAUSE_MS, AbortSignal.any([signal, over.signal]))
    await sleep(delayMs, undefined, { signal }).catch(() => undefined)
    const killedAtMs = performance.now()
    const before = { epoch: this.news?.epoch ?? 0, round: this.joint?.round ?? 0 }
    await this.fleet.kill(node)
    over.abort()
    await asking
    const startedAtMs = performance.now()
    const started = this.fleet.start(node).then(() => performance.now())
    const isDecided = () => this.isDecidedAfter({ ...before, startedAtMs }, node)
    const isInTime = await within(DECISION_TIMEOUT_MS, isDecided, signal)
    const decidedAtMs = performance.now()
    const readyAtMs = await started
    await within(DECISION_TIMEOUT_MS, () => this.isHeard(before.epoch, node), signal)
    const isPromiseKept = this.news !== undefined && this.wishes.holds(this.news)
    this.record.judge([{ node, fromMs: killedAtMs, toMs: readyAtMs }])
    return {
      node,
      firstDecisionMs: isInTime ? decidedAtMs - startedAtMs : null,
      readyMs: readyAtMs - startedAtMs,
      isPromiseKept,
    }
  }

  private isDecidedAfter(
    { epoch, round, startedAtMs }: { epoch: number; round: number; startedAtMs: number },
    node: string,
  ): boolean {
    const { joint } = this
    if (this.fleet.applications.some(({ device }) => device === node)) {
      return (this.obeyedAtMs.get(node) ?? -Infinity) > startedAtMs
    }
    if (joint === undefined || !this.isHeard(epoch, node)) return false
    return node === 'cloud' ? (joint.epoch ?? 0) > epoch : joint.round > round
  }

  /** Whether the orchestrator that decides now has spoken: after the cloud was killed, the new one. */
  private isHeard(epoch: number, node: string): boolean {
    return this.news !== undefined && (node !== 'cloud' || this.news.epoch > epoch)
  }

  async stop(): Promise<void> {
    this.ended.abort()
    await this.applications
    await this.control.close()
    await this.fleet.stop()
  }
}

async function within(
  timeoutMs: number,
  isDone: () => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const untilMs = performance.now() + timeoutMs
  while (!isDone()) {
    if (signal.aborted || performance.now() > untilMs) return false
    await sleep(POLL_MS)
  }
  return true
}

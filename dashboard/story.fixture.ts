/** A fleet that only talks: what a fleet of any size says, second by second, to whoever keeps record of it. */
import type { JointDecision, OrchestratorNews } from '../src/control/messages.ts'
import type { LiveTelemetry } from '../src/control/telemetry-message.ts'
import { parsePlacement } from '../src/fleet/placement.ts'
import type { Random } from '../src/random.ts'
import type { FleetRecord } from '../src/views/fleet-record.ts'

/** What a request takes by choice, ms, where nobody competes; and how accurate it is, percent. */
const CHOICES: Readonly<Record<string, readonly [tookMs: number, accuracyPercent: number]>> = {
  'end/d0': [465, 89.9],
  'end/d1': [310, 88.2],
  'end/d4': [215, 88.9],
  'end/d6': [120, 84.4],
  'edge/d0': [351, 89.9],
  'cloud/d0': [375, 89.9],
}
const NAMES = Object.keys(CHOICES)
/** What devices settle on, in turn. */
const SETTLED = ['end/d4', 'end/d6', 'edge/d0', 'end/d4', 'cloud/d0']
/** Devices below one edge. */
const PER_EDGE = 50

/** How large it is, and what it is asked for. */
export interface StoryOptions {
  readonly devices: number
  readonly goalPercent?: number
  /** In so many rounds two thirds of the exploring is over. */
  readonly settlingRounds?: number
}

/** Tells the story of one fleet. */
export class Story {
  readonly names: readonly string[]
  goalPercent: number
  round = 0
  private readonly record: FleetRecord
  private readonly random: Random
  private readonly settlingRounds: number
  private readonly edges: readonly string[]
  private readonly requests = new Map<string, number>()
  private violations = 0

  constructor(record: FleetRecord, random: Random, options: StoryOptions) {
    const { devices, goalPercent = 87, settlingRounds = 60 } = options
    this.record = record
    this.random = random
    this.goalPercent = goalPercent
    this.settlingRounds = settlingRounds
    this.names = Array.from({ length: devices }, (_, index) => `camera-${index + 1}`)
    const edges = Math.ceil(devices / PER_EDGE)
    this.edges = Array.from({ length: edges }, (_, index) =>
      edges === 1 ? 'edge' : `edge-${index + 1}`,
    )
  }

  /** Every node says how it is. @param dead an edge that does not */
  introduce(dead?: string): void {
    for (const [index, name] of this.names.entries()) this.tell(name, this.deviceTelemetry(index))
    for (const edge of this.edges) if (edge !== dead) this.tell(edge, { tier: 'edge' })
    this.tell('cloud', { tier: 'cloud' })
  }

  /** The orchestrator says what is in force. */
  announce(news: Partial<OrchestratorNews> = {}): void {
    this.record.hearOrchestrator({
      session: 'story',
      epoch: 1,
      goalPercent: this.goalPercent,
      agent: 'factored',
      explorationBudgetPercent: 'unbounded',
      answered: [],
      ...news,
    })
  }

  /** A node says something of itself. */
  tell(node: string, change: Partial<LiveTelemetry>): void {
    this.record.hearTelemetry({
      alive: true,
      node,
      tier: 'end',
      url: 'http://127.0.0.1:8000',
      ready: true,
      variants: ['d0', 'd1', 'd4', 'd6'].map((name) => ({ name, serviceTimeMs: 93 })),
      state: { processor: 0, memory: 0, bandwidth: 0 },
      measured: { backgroundProcessorPercent: 3, memoryUsedPercent: 41 },
      service: { requests: 1, failedRequests: 0, queueDepth: 0 },
      dilationErrorPercent: 1.4,
      ...change,
    })
  }

  /** One round: a joint decision that settles as rounds pass, and every device's answers. @param closed choices that nobody can take */
  playRound(beside: Partial<JointDecision> = {}, closed: readonly string[] = []): void {
    const placements: Record<string, string> = {}
    let [sumMs, sumPercent] = [0, 0]
    for (const [index, name] of this.names.entries()) {
      const chosen = this.choose(index)
      const choice = closed.includes(chosen) ? 'end/d4' : chosen
      placements[name] = choice
      const tookMs = this.timeOf(index, choice)
      sumMs += tookMs
      sumPercent += CHOICES[choice]?.[1] ?? 0
      for (let request = 0; request <= index % 3; request++) this.answer(name, choice, tookMs)
    }
    this.close(placements, sumMs / this.names.length, sumPercent / this.names.length, beside)
  }

  /** One answered request. */
  answer(device: string, decided: string, tookMs: number, served = decided): void {
    this.requests.set(device, (this.requests.get(device) ?? 0) + 1)
    this.record.hearAnswer({
      ...{ device, session: 'story', round: this.round },
      decided: parsePlacement(decided),
      served: parsePlacement(served),
      accuracyPercent: CHOICES[served]?.[1] ?? 0,
      responseTimeMs: tookMs,
      queueMs: 0.4,
      computeMs: tookMs * 0.8,
      networkMs: served.startsWith('end') ? 0 : tookMs * 0.2,
      decisionMs: 0.01,
      failed: false,
    })
  }

  private close(
    placements: Record<string, string>,
    responseTimeMs: number,
    accuracyPercent: number,
    beside: Partial<JointDecision>,
  ): void {
    const { goalPercent } = this
    const violated = accuracyPercent < goalPercent
    if (violated) this.violations += 1
    this.round += 1
    const shared = { agent: 'factored', goalPercent, placements, accuracyPercent }
    this.record.hearJoint({
      ...{ session: 'story', round: this.round, ...shared },
      progress: { realSteps: this.round, plannedSteps: 0, updates: 0 },
      goalViolations: this.violations,
      served: { requests: 60 * this.names.length, accuracyPercent, windowSeconds: 60 },
      closed: { round: this.round - 1, ...shared, responseTimesMs: {}, responseTimeMs, violated },
      ...beside,
    })
  }

  private choose(index: number): string {
    const settled = SETTLED[index % SETTLED.length] ?? 'end/d0'
    const explored = NAMES[this.random.integer(NAMES.length)] ?? settled
    return this.random.uniform() < Math.exp(-this.round / this.settlingRounds) ? explored : settled
  }

  private timeOf(index: number, choice: string): number {
    const far = isWeak(index) && !choice.startsWith('end') ? 77 : 0
    return ((CHOICES[choice]?.[0] ?? 0) + far) * (1 + 0.05 * Math.abs(this.random.normal()))
  }

  private deviceTelemetry(index: number): Partial<LiveTelemetry> {
    const weak = isWeak(index)
    const edge = this.edges[Math.floor(index / PER_EDGE)]
    return {
      state: { processor: 0, memory: 0, bandwidth: weak ? 1 : 0 },
      measured: {
        ...{ backgroundProcessorPercent: 3, memoryUsedPercent: 41 },
        ...{ roundTripMs: weak ? 41.2 : 2.4, bandwidthMbps: weak ? 8 : 90 },
      },
      ...(edge !== undefined && { reaches: { edge, cloud: true } }),
    }
  }
}

/** Of every five devices the second and the fifth. */
function isWeak(index: number): boolean {
  return index % 5 === 1 || index % 5 === 4
}

/** For tests: devices that answer decisions with reports over a real broker, and agents that think in this thread. */
import { Socket } from 'node:net'
import mqtt, { type MqttClient } from 'mqtt'
import { pino } from 'pino'
import { type Clock, systemClock } from '../clock.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import {
  type AnswerReport,
  type DeviceDecision,
  decision as decisionSchema,
} from '../control/messages.ts'
import type { LiveTelemetry } from '../control/telemetry-message.ts'
import { InvalidInputError } from '../errors.ts'
import type { Choice } from '../fleet/choice.ts'
import { formatPlacement, parsePlacement, type Tier } from '../fleet/placement.ts'
import type { Agent, Explanation } from '../learning/agents/agent.ts'
import { interact } from '../learning/agents/interact.ts'
import type {
  Answer,
  Decision,
  Problem,
  State,
  Transition,
} from '../learning/environment/environment.ts'
import type { AgentRun } from './agent-messages.ts'
import { AgentRunner } from './agent-runner.ts'
import type { AgentThread, AgentThreadEvents } from './agent-thread.ts'
import type { Orchestrator, OrchestratorOptions } from './orchestrator-options.ts'
import { startOrchestrator } from './start-orchestrator.ts'

export const silentLogger = pino({ level: 'silent' })

/** Table III, shortened: end/d0 89.9, end/d4 88.9, end/d7 72.8, edge/d0 and cloud/d0 89.9. */
export const choices: readonly Choice[] = [
  { placement: { tier: 'end', variant: 'd0' }, accuracyPercent: 89.9 },
  { placement: { tier: 'end', variant: 'd4' }, accuracyPercent: 88.9 },
  { placement: { tier: 'end', variant: 'd7' }, accuracyPercent: 72.8 },
  { placement: { tier: 'edge', variant: 'd0' }, accuracyPercent: 89.9 },
  { placement: { tier: 'cloud', variant: 'd0' }, accuracyPercent: 89.9 },
]

/** A node that holds all variants; a device reaches the cloud, and the edge called `edge`. */
export function telemetryOf(node: string, tier: Tier, ready = true): LiveTelemetry {
  return {
    alive: true,
    node,
    tier,
    url: 'http://127.0.0.1:1',
    ready,
    variants: ['d0', 'd4', 'd7'].map((name) => ({ name })),
    ...(tier === 'end' && { reaches: { edge: 'edge', cloud: true } }),
    state: { processor: 0, memory: 0, bandwidth: 0 },
    measured: { backgroundProcessorPercent: 0, memoryUsedPercent: 0 },
    service: { requests: 0, failedRequests: 0, queueDepth: 0 },
  }
}

/** Resolves when the condition holds. */
export async function until(condition: () => boolean, what: string, timeoutMs = 10_000) {
  const startMs = performance.now()
  while (!condition()) {
    if (performance.now() - startMs > timeoutMs) throw new Error(`still waiting: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** A device asks again when it has heard no new decision for so long. */
const ASKS_AGAIN_MS = 150

/** A node that is nothing but an MQTT client; a device answers each decision with one report, and asks again and again. */
export class FakeNode {
  readonly name: string
  readonly tier: Tier
  /** Answered so far, oldest first. */
  readonly decisions: DeviceDecision[] = []
  /** What becomes of a decision; undefined stays silent. */
  answer: (decision: DeviceDecision) => Partial<AnswerReport> | undefined = () => ({})
  private readonly client: MqttClient
  private readonly prefix: string
  private asking: NodeJS.Timeout | undefined

  private constructor(client: MqttClient, prefix: string, name: string, tier: Tier) {
    this.client = client
    this.prefix = prefix
    this.name = name
    this.tier = tier
    client.on('message', (_topic, payload) =>
      this.decided(decisionSchema.parse(JSON.parse(payload.toString()))),
    )
  }

  static async join(
    url: string,
    prefix: string,
    name: string,
    tier: Tier,
    telling: Partial<LiveTelemetry> = {},
  ): Promise<FakeNode> {
    const payload = Buffer.from(JSON.stringify({ alive: false, node: name, tier }))
    const client = await mqtt.connectAsync(url, {
      clientId: `${prefix}-${name}`,
      reconnectPeriod: 0,
      will: { topic: `${prefix}/telemetry/${name}`, payload, qos: 1, retain: true },
    })
    if (client.stream instanceof Socket) client.stream.setNoDelay(true)
    const node = new FakeNode(client, prefix, name, tier)
    if (tier === 'end') await client.subscribeAsync(`${prefix}/decision/${name}`, { qos: 1 })
    await node.say({ ...telemetryOf(name, tier), ...telling })
    return node
  }

  get last(): DeviceDecision | undefined {
    return this.decisions.at(-1)
  }

  async say(telemetry: LiveTelemetry): Promise<void> {
    const topic = `${this.prefix}/telemetry/${this.name}`
    await this.client.publishAsync(topic, JSON.stringify(telemetry), { qos: 1, retain: true })
  }

  /** Dies without a word: the broker publishes its last will. */
  kill(): void {
    clearTimeout(this.asking)
    this.client.stream.destroy()
    this.client.end(true)
  }

  observe(decision: DeviceDecision, changes: Partial<AnswerReport> = {}): void {
    const { session, round, device, placement } = decision
    const accuracyPercent =
      choices.find(
        (choice) =>
          choice.placement.tier === placement.tier &&
          choice.placement.variant === placement.variant,
      )?.accuracyPercent ?? 0
    const report: AnswerReport = {
      device,
      session,
      round,
      decided: placement,
      served: placement,
      accuracyPercent,
      responseTimeMs: 10,
      queueMs: 0,
      computeMs: 10,
      networkMs: 0,
      decisionMs: 0,
      failed: false,
      ...changes,
    }
    const topic = `${this.prefix}/observation/${device}`
    this.client.publish(topic, JSON.stringify(report), { qos: 1 })
  }

  private decided(decision: DeviceDecision): void {
    this.decisions.push(decision)
    this.ask(decision)
  }

  private ask(decision: DeviceDecision): void {
    clearTimeout(this.asking)
    this.asking = setTimeout(() => this.ask(decision), ASKS_AGAIN_MS)
    const answer = this.answer(decision)
    if (answer) this.observe(decision, answer)
  }
}

export const placementOf = (node: FakeNode) => node.last && formatPlacement(node.last.placement)

/** Decides by a function and remembers what it saw. */
export class ScriptedAgent implements Agent {
  readonly name = 'scripted'
  readonly seen: Transition[] = []
  private readonly choose: (state: State, step: number) => Decision

  constructor(choose: (state: State, step: number) => Decision) {
    this.choose = choose
  }

  get progress() {
    return { realSteps: this.seen.length, plannedSteps: 0, updates: 0 }
  }
  decide(state: State): Decision {
    return this.choose(state, this.seen.length)
  }
  greedy(state: State): Decision {
    return this.decide(state)
  }
  observe(transition: Transition): void {
    this.seen.push(transition)
  }
  save(): unknown {
    return this.seen
  }
  restore(saved: unknown): void {
    this.seen.push(...(saved as Transition[]))
  }
}

/** The same, of an agent that also hears of single answers, goes on with other fleets, and can tell what it believes. */
export class MovingAgent extends ScriptedAgent {
  readonly heard: Answer[] = []
  readonly moves: Problem[] = []

  hear(answer: Answer): void {
    this.heard.push(answer)
  }
  /** To any fleet without a device called `refused`. */
  moveTo(problem: Problem): void {
    if (problem.names?.includes('refused')) throw new InvalidInputError('cannot go on there')
    this.moves.push(problem)
  }
  explain(state: State): Explanation {
    return { decision: this.decide(state), responseTimeMs: 20, lowerBoundMs: 15, gap: 0.25 }
  }
}

/** A decision of the same placement for each device. */
export function all(run: Pick<AgentRun, 'problem'>, placement: string): Decision {
  const { tier, variant } = parsePlacement(placement)
  const index = run.problem.choices.findIndex(
    (choice) => choice.placement.tier === tier && choice.placement.variant === variant,
  )
  return Array.from({ length: run.problem.devices }, () => index)
}

/** An agent's thread without the thread; messages are cloned and come later all the same, by default after a turn of the event loop. */
export function inThisThread(
  create: (run: AgentRun) => Agent,
  later: (act: () => void) => void = setImmediate,
) {
  return ({ onMessage }: AgentThreadEvents): AgentThread => {
    const runner = new AgentRunner({
      create,
      interact,
      post: (message) => {
        const clone = structuredClone(message)
        later(() => onMessage(clone))
      },
    })
    return {
      post(message) {
        const clone = structuredClone(message)
        later(() => runner.receive(clone))
      },
      close: () => Promise.resolve(),
    }
  }
}

export function orchestratorOver(
  control: ControlPlane,
  options: Partial<OrchestratorOptions>,
): Promise<Orchestrator> {
  return startOrchestrator({
    control,
    choices,
    goalPercent: 85,
    agent: 'scripted',
    seed: 1,
    expectedDevices: 2,
    roundTimeoutMs: 100,
    settleMs: 10,
    clock: systemClock,
    logger: silentLogger,
    ...options,
  })
}

/** A clock that moves when told. */
export class SimulatedTime implements Clock {
  private timeMs = 0
  private sleepers: { readonly wakeMs: number; readonly wake: () => void }[] = []

  nowMs(): number {
    return this.timeMs
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.sleepers.push({ wakeMs: this.timeMs + ms, wake })
    })
  }

  /** Resolves when whoever woke has run. */
  async advance(ms: number): Promise<void> {
    this.timeMs += ms
    const due = this.sleepers.filter(({ wakeMs }) => wakeMs <= this.timeMs)
    this.sleepers = this.sleepers.filter(({ wakeMs }) => wakeMs > this.timeMs)
    for (const { wake } of due) wake()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

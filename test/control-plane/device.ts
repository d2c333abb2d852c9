/** One device of the simulated fleet: the real device's parts, with an inference that only takes time. */
import { pino } from 'pino'
import type { DeviceDecision } from '../../src/control/messages.ts'
import type { LiveTelemetry, Telemetry } from '../../src/control/telemetry-message.ts'
import { startResourceMonitor } from '../../src/monitoring/resource-monitor.ts'
import { DecisionInForce } from '../../src/node/decision-in-force.ts'
import { DeviceModel } from '../../src/node/device-model.ts'
import { ObservationSpool } from '../../src/node/observation-spool.ts'
import type { InferCall } from '../../src/protocol/inference-handler.ts'
import { CATALOGUE } from './fleet.ts'
import type { SimulatedBroker, SimulatedClient } from './simulated-broker.ts'
import type { SimulatedDisk } from './simulated-disk.ts'
import { Machine, type SimulatedTime } from './simulated-time.ts'

export const silent = pino({ level: 'silent' })
const VARIANTS = CATALOGUE.variants.map(({ name }) => ({ name }))
const TELEMETRY_MS = 2000
/** Between two requests. */
const LONGEST_PAUSE_MS = 1500
const REQUEST_TIMEOUT_MS = 400

/** What a node of the fleet says of itself. */
export function telemetryOf(node: string, tier: LiveTelemetry['tier']): LiveTelemetry {
  return {
    alive: true,
    node,
    tier,
    url: `http://${node}.test`,
    ready: true,
    variants: VARIANTS,
    ...(tier === 'end' && { reaches: { edge: 'edge', cloud: true } }),
    state: { processor: 0, memory: 0, bandwidth: 0 },
    measured: { backgroundProcessorPercent: 0, memoryUsedPercent: 20 },
    service: { requests: 0, failedRequests: 0, queueDepth: 0 },
  }
}

/** A node that tells how it is, until its machine dies. */
export class SimulatedNode {
  readonly name: string
  readonly machine: Machine
  readonly client: SimulatedClient
  protected readonly time: SimulatedTime

  constructor(name: string, tier: LiveTelemetry['tier'], broker: SimulatedBroker) {
    const { time } = broker
    this.name = name
    this.time = time
    this.machine = new Machine(name, time)
    const goodbye: Telemetry = { alive: false, node: name, tier }
    this.client = broker.join(this.machine, { logger: silent }, goodbye)
    startResourceMonitor({
      tier,
      intervalMs: TELEMETRY_MS,
      clock: this.machine,
      processor: () => time.between(0, 100),
      memory: () => 20,
      publish: (sample) => {
        void this.client.plane.publish('telemetry', { ...telemetryOf(name, tier), ...sample })
      },
    })
  }

  /** At once, and without a word. */
  die(): void {
    this.machine.kill()
    this.client.died()
  }
}

/** What of a device a test may replace by something faulty. */
export type MakeDecisions = (
  options: ConstructorParameters<typeof DecisionInForce>[0],
) => DecisionInForce

/** A device with an application that asks again and again. */
export class SimulatedDevice extends SimulatedNode {
  readonly decisions: DecisionInForce
  readonly model: DeviceModel
  spool: ObservationSpool | undefined

  constructor(
    name: string,
    broker: SimulatedBroker,
    disk: SimulatedDisk,
    makeDecisions: MakeDecisions = (options) => new DecisionInForce(options),
  ) {
    super(name, 'end', broker)
    const { machine, time } = this
    const plane = this.client.plane
    this.decisions = makeDecisions({
      device: name,
      catalogue: CATALOGUE,
      held: CATALOGUE,
      first: { tier: 'end', variant: 'large' },
      probeTimeoutMs: REQUEST_TIMEOUT_MS,
      logger: silent,
    })
    const way = {
      up: true,
      takeBandwidthMbps: () => undefined,
      close: () => Promise.resolve(),
      forward: async (variant: string) => {
        await machine.sleep(time.between(5, 60))
        if (time.random.uniform() < 0.05) return undefined
        return { content: { body: new Uint8Array() }, variant, queueMs: 1, computeMs: 3 }
      },
    }
    this.model = new DeviceModel({
      catalogue: CATALOGUE,
      held: CATALOGUE,
      decisions: this.decisions,
      local: {
        medianMs: () => undefined,
        infer: async (variant) => {
          await machine.sleep(time.between(10, 90))
          const content = { model_name: variant, model_version: '1', outputs: [] }
          return { content, queueMs: 0, computeMs: 9 }
        },
      },
      links: { edge: way, cloud: way },
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      clock: machine,
      logger: silent,
      observe: (observation) => this.spool?.add(observation),
      auditShare: 0,
      isIdle: () => true,
      onDoubt: () => {},
      onLabelled: ({ session, round }, correct) =>
        void plane.publish('label', { device: name, session, round, correct }),
    })
    void this.openSpool(disk)
    void plane.subscribe('decision', (decision) => this.model.accept(decision), name)
    void this.askOn()
  }

  private async openSpool(disk: SimulatedDisk): Promise<void> {
    const { machine, client } = this
    const { plane: control } = client
    const kept = { stateFolder: 'state', disk: disk.of(machine) }
    const spool = await ObservationSpool.open({ control, clock: machine, logger: silent, ...kept })
    this.spool = spool
    await control.subscribe('orchestrator', (news) => {
      this.model.announce(news)
      spool.heardNews()
    })
  }

  get decision(): DeviceDecision {
    return this.decisions.latest
  }

  private async askOn(): Promise<void> {
    for (;;) {
      await this.machine.sleep(this.time.between(50, LONGEST_PAUSE_MS))
      await this.model.infer(call())
    }
  }
}

function call(): InferCall {
  return {
    model: CATALOGUE.model,
    wire: { body: new Uint8Array() },
    headers: {},
    signal: new AbortController().signal,
    decode: () => ({ inputs: [] }),
  }
}

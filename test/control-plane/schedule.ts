/** One seeded schedule: a fleet, what befalls it, and what the judge says. */
import { type CloudFaults, type Configured, SimulatedCloud } from './cloud.ts'
import { type MakeDecisions, SimulatedDevice, SimulatedNode } from './device.ts'
import { Judge } from './judge.ts'
import { SimulatedOperator } from './operator.ts'
import { SimulatedBroker } from './simulated-broker.ts'
import { SimulatedDisk } from './simulated-disk.ts'
import { SimulatedTime } from './simulated-time.ts'
import { Stranger } from './stranger.ts'

/** What a test plants, to see it found. */
export interface Planted {
  readonly cloud?: CloudFaults
  readonly decisions?: MakeDecisions
}

/** Told one line at a time. */
export type Trace = (line: string) => void

/** What came of a schedule. */
export interface Outcome {
  readonly seed: number
  /** The first thing that did not hold. */
  readonly violation?: string
  readonly rounds: number
  readonly acknowledged: number
  readonly refused: number
  readonly restarts: number
}

/** With what happens, and then without. */
const STORM_MS = 24_000
/** Longer than one orchestrator waits for another, plus a settled fleet's first decisions. */
const CALM_MS = 22_000
const DEVICES = ['device-1', 'device-2', 'device-3']
const CONFIGURED: Configured = { goalPercent: 85, agent: 'bandit' }

/** @param trace is told what befalls the fleet, and what is wished and decided. @returns what the judge says of it */
export async function runSchedule(
  seed: number,
  planted: Planted = {},
  trace: Trace = () => {},
): Promise<Outcome> {
  const schedule = new Schedule(seed, planted, trace)
  const reject = (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    schedule.judge.fault(`unhandled: ${text}`)
  }
  process.on('unhandledRejection', reject)
  process.on('uncaughtException', reject)
  try {
    return await schedule.run()
  } finally {
    process.off('unhandledRejection', reject)
    process.off('uncaughtException', reject)
  }
}

class Schedule {
  readonly judge: Judge
  private readonly seed: number
  private readonly planted: Planted
  private readonly trace: Trace
  private readonly time: SimulatedTime
  private readonly broker: SimulatedBroker
  private readonly clouds: SimulatedCloud[] = []
  private readonly nodes = new Map<string, SimulatedNode>()
  private readonly devices = new Map<string, SimulatedDevice>()
  private readonly disks = new Map<string, SimulatedDisk>()
  /**
   * The broker is a part of the first cloud, and dies and forgets with it. Else it is a machine of its own that keeps what it retains;
   * only there can a second orchestrator know what another has acknowledged.
   */
  private readonly isEmbedded: boolean
  private isCalm = false
  private restarts = 0

  constructor(seed: number, planted: Planted, trace: Trace) {
    this.seed = seed
    this.trace = (line) => trace(`${(this.time.nowMs / 1000).toFixed(3)} s  ${line}`)
    this.planted = planted
    const time = new SimulatedTime(seed)
    this.time = time
    this.isEmbedded = time.random.uniform() < 0.4
    this.judge = new Judge(time)
    this.broker = new SimulatedBroker(time, {
      longestDelayMs: [5, 50, 400][time.random.integer(3)] ?? 5,
      lossShare: 0.3 * time.random.uniform(),
      doubleShare: 0.3 * time.random.uniform(),
    })
  }

  async run(): Promise<Outcome> {
    const { broker, judge, seed, time } = this
    const stranger = time.random.uniform() < 0.7 ? new Stranger(broker) : undefined
    broker.onMessage = (topic, payload) => {
      stranger?.hear(topic, payload)
      if (/goal|orchestrator|decision$/.test(topic)) this.trace(`${topic} ${payload}`)
    }
    time.onStep = () => judge.check(this.clouds, [...this.devices.values()])
    for (const name of DEVICES) this.startDevice(name)
    for (const tier of ['edge', 'cloud'] as const) this.startNode(tier)
    judge.changes.configured(CONFIGURED)
    this.addCloud('first')
    const operator = new SimulatedOperator(broker, judge.changes)
    this.befallSoon()
    await this.runUntil(STORM_MS)
    this.calm()
    operator.isPatient = true
    if (stranger) stranger.isSilent = true
    await this.runUntil(STORM_MS + CALM_MS)
    this.checkEnd()
    const { rounds } = judge.decisions
    const { acknowledged, refused } = judge.changes
    const { violation } = judge
    const { restarts } = this
    const counts = { rounds, acknowledged, refused, restarts }
    return { seed, ...(violation !== undefined && { violation }), ...counts }
  }

  /** A violation ends it. */
  private async runUntil(endMs: number): Promise<void> {
    while (this.time.nowMs < endMs && this.judge.violation === undefined) {
      await this.time.run(Math.min(endMs, this.time.nowMs + 250))
    }
  }

  private befallSoon(): void {
    this.time.plan(this.time.between(200, 3000), () => {
      if (this.isCalm) return
      this.befall()
      this.befallSoon()
    })
  }

  private befall(): void {
    const { time } = this
    const cloud = this.clouds[time.random.integer(this.clouds.length)]
    const name = DEVICES[time.random.integer(DEVICES.length)] ?? ''
    const events: [string, () => unknown][] = [
      ['kill the cloud', () => this.restart(cloud, 'stays')],
      ['power fails at the cloud', () => this.restart(cloud, 'fails')],
      ['pause the cloud', () => this.pause(cloud)],
      ['part the cloud', () => cloud?.client?.part(time.between(100, 14_000))],
      ['part the device', () => this.devices.get(name)?.client.part(time.between(100, 8000))],
      ['kill the device', () => this.killDevice(name)],
      ['kill the edge', () => this.killNode('edge')],
      ['fill the disk', () => this.fillDisk(cloud)],
      ['a second orchestrator', () => this.addCloud('second')],
      ['stop the broker', () => this.stopBroker()],
    ]
    const [what, act] = events[time.random.integer(events.length)] ?? ['', () => {}]
    this.trace(`${what} (${cloud?.name}, ${name})`)
    act()
  }

  private stopBroker(): void {
    if (this.isEmbedded) return
    this.broker.stop('keeps')
    this.time.plan(this.time.between(10, 6000), () => this.broker.start())
  }

  private addCloud(name: string): void {
    if (this.clouds.length > 0 && (this.isEmbedded || this.clouds.length > 1)) return
    const cloud = new SimulatedCloud(name, CONFIGURED, this.broker, this.judge, this.planted.cloud)
    this.clouds.push(cloud)
    cloud.start()
  }

  private restart(cloud: SimulatedCloud | undefined, power: 'stays' | 'fails'): void {
    if (cloud?.machine === undefined) return
    this.restarts += 1
    cloud.kill(power)
    if (this.isEmbedded) this.broker.stop('forgets')
    this.judge.rounds.wasAway(cloud)
    this.time.plan(this.time.between(10, 6000), () => {
      this.broker.start()
      cloud.start()
    })
  }

  private pause(cloud: SimulatedCloud | undefined): void {
    if (cloud?.machine === undefined) return
    cloud.machine.pause(this.time.between(500, 14_000))
    this.judge.rounds.wasAway(cloud)
  }

  private fillDisk(cloud: SimulatedCloud | undefined): void {
    if (cloud === undefined) return
    cloud.disk.isFull = true
    this.time.plan(this.time.between(100, 3000), () => {
      cloud.disk.isFull = false
    })
  }

  private startNode(tier: 'edge' | 'cloud'): void {
    this.nodes.set(tier, new SimulatedNode(tier, tier, this.broker))
  }

  private killNode(tier: 'edge' | 'cloud'): void {
    const node = this.nodes.get(tier)
    if (node === undefined) return
    this.nodes.delete(tier)
    node.die()
    this.time.plan(this.time.between(10, 6000), () => this.startNode(tier))
  }

  private startDevice(name: string): void {
    const disk = this.disks.get(name) ?? new SimulatedDisk(this.time)
    this.disks.set(name, disk)
    const { broker, planted } = this
    this.devices.set(name, new SimulatedDevice(name, broker, disk, planted.decisions))
  }

  private killDevice(name: string): void {
    const device = this.devices.get(name)
    if (device === undefined) return
    this.restarts += 1
    this.devices.delete(name)
    device.die()
    if (this.time.random.uniform() < 0.5) this.disks.get(name)?.losePower()
    this.time.plan(this.time.between(10, 6000), () => this.startDevice(name))
  }

  /** Nothing befalls the fleet any more; what is down comes back by itself. */
  private calm(): void {
    this.isCalm = true
    this.broker.faults = { longestDelayMs: 20, lossShare: 0, doubleShare: 0 }
  }

  /** A calm fleet works again: one orchestrator decides, all obey it, and rounds close. */
  private checkEnd(): void {
    const { judge, clouds } = this
    const deciding = clouds.filter(({ orchestrator }) => orchestrator?.isDeciding)
    if (deciding.length !== 1) judge.fault(`${deciding.length} orchestrators decide in the end`)
    const [{ orchestrator } = {}] = deciding
    for (const { name, decision } of this.devices.values()) {
      const isObeyed = decision.session === orchestrator?.session
      if (!isObeyed) {
        judge.fault(
          `${name} obeys ${decision.session} in the end, and ${orchestrator?.session} decides`,
        )
      }
    }
    if ((orchestrator?.counts.closedRounds ?? 0) === 0) judge.fault('no round closed in the end')
  }
}

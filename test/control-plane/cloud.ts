/** The real orchestrator on a machine of its own, over and over: started, paused, killed, started again from what its disk kept. */
import type { Logger } from 'pino'
import type { ControlPlane } from '../../src/control/control-plane.ts'
import type { AnswerReport, MessageKind, MessageOf } from '../../src/control/messages.ts'
import { createAgent } from '../../src/learning/agents/create.ts'
import { agentProblem } from '../../src/orchestration/check-orchestration.ts'
import { inThisThread } from '../../src/orchestration/fake-fleet.fixture.ts'
import type {
  Orchestrator,
  OrchestratorOptions,
} from '../../src/orchestration/orchestrator-options.ts'
import { startOrchestrator } from '../../src/orchestration/start-orchestrator.ts'
import type { Random } from '../../src/random.ts'
import type { Disk } from '../../src/storage/disk.ts'
import { CHOICES } from './fleet.ts'
import type { SimulatedBroker, SimulatedClient } from './simulated-broker.ts'
import { SimulatedDisk } from './simulated-disk.ts'
import { Machine, type SimulatedTime } from './simulated-time.ts'

/** What an orchestrator is told to do, unless its disk says more. */
export interface Configured {
  readonly goalPercent: number
  readonly agent: string
}

/** What of a cloud a test may replace by something faulty. */
export interface CloudFaults {
  readonly disk?: (disk: Disk) => Disk
  readonly plane?: (plane: ControlPlane) => ControlPlane
  readonly machine?: (machine: Machine) => Machine
}

/** Who watches a cloud. */
export interface CloudWatcher {
  heard(cloud: SimulatedCloud, report: AnswerReport): void
  published<Kind extends MessageKind>(
    cloud: SimulatedCloud,
    kind: Kind,
    message: MessageOf<Kind>,
  ): void
  fault(text: string): void
}

export const ROUND_TIMEOUT_MS = 1000
/** Of the wall clock, in true time since 1970. */
const EPOCH_MS = 1_700_000_000_000
const LONGEST_SKEW_MS = 300_000

/** One place in the fleet where an orchestrator runs. */
export class SimulatedCloud {
  readonly name: string
  readonly configured: Configured
  readonly disk: SimulatedDisk
  orchestrator: Orchestrator | undefined
  machine: Machine | undefined
  client: SimulatedClient | undefined
  /** Counts starts. */
  life = 0
  private readonly broker: SimulatedBroker
  private readonly time: SimulatedTime
  private readonly watcher: CloudWatcher
  private readonly faults: CloudFaults

  constructor(
    name: string,
    configured: Configured,
    broker: SimulatedBroker,
    watcher: CloudWatcher,
    faults: CloudFaults = {},
  ) {
    this.name = name
    this.configured = configured
    this.broker = broker
    this.time = broker.time
    this.watcher = watcher
    this.faults = faults
    this.disk = new SimulatedDisk(this.time)
  }

  start(): void {
    const life = ++this.life
    const machine = new Machine(`${this.name}-${life}`, this.time)
    this.machine = machine
    this.client = this.broker.join(machine, { logger: this.logger() })
    void this.orchestrate(machine, this.client).then(
      (orchestrator) => {
        this.orchestrator = orchestrator
      },
      (error: unknown) => this.notStarted(machine, error),
    )
  }

  /** @param power what was not synced may be lost with it */
  kill(power: 'stays' | 'fails'): void {
    this.machine?.kill()
    this.client?.died()
    if (power === 'fails') this.disk.losePower()
    this.machine = undefined
    this.client = undefined
    this.orchestrator = undefined
  }

  /** As a service manager does: again in a while. A full disk is a reason. */
  private notStarted(machine: Machine, error: unknown): void {
    if (!String(error).includes('ENOSPC')) this.watcher.fault(`${machine.name}: ${error}`)
    this.kill('stays')
    this.time.plan(1000, () => this.start())
  }

  private async orchestrate(machine: Machine, client: SimulatedClient): Promise<Orchestrator> {
    const { configured, faults, time } = this
    const disk = this.disk.of(machine)
    const plane = this.watched(client.plane)
    // Between threads messages keep their order.
    const later = (act: () => void) => void machine.after(0.5, act)
    const orchestration = { ...configured, choices: CHOICES, expectedDevices: 2, seed: 1 }
    const options: OrchestratorOptions = {
      ...orchestration,
      control: faults.plane?.(plane) ?? plane,
      disk: faults.disk?.(disk) ?? disk,
      stateFolder: 'state',
      checkpointIntervalMs: 5000,
      roundTimeoutMs: ROUND_TIMEOUT_MS,
      graceMs: 3000,
      settleMs: 300,
      staleAfterMs: 8000,
      clock: faults.machine?.(machine) ?? machine,
      startedAtMs: EPOCH_MS + time.nowMs + time.between(-LONGEST_SKEW_MS, LONGEST_SKEW_MS),
      newSession: () => uuidOf(time.random),
      logger: this.logger(),
      agentProblem: (agent, expectedDevices) =>
        agentProblem({ ...orchestration, agent, expectedDevices }),
      startThread: inThisThread(
        ({ spec, problem, seed }) => createAgent(spec, problem, { seed, feedback: 'per-device' }),
        later,
      ),
    }
    return startOrchestrator(options)
  }

  /** Tells the watcher all that the orchestrator says. */
  private watched(plane: ControlPlane): ControlPlane {
    return {
      publish: (kind, message) => {
        this.watcher.published(this, kind, message)
        return plane.publish(kind, message)
      },
      subscribe: async (kind, handler, subject) => {
        if (kind === 'observation') {
          await plane.subscribe('observation', (report) => this.watcher.heard(this, report))
        }
        return plane.subscribe(kind, handler, subject)
      },
      close: () => plane.close(),
      get droppedMessages() {
        return plane.droppedMessages
      },
      get droppedPublications() {
        return plane.droppedPublications
      },
      get connected() {
        return plane.connected
      },
    }
  }

  /** Silent, but for what must not be. */
  private logger(): Logger {
    const ignore = () => {}
    const error = (first: unknown, text?: string) => {
      if (text?.startsWith('a fault')) this.watcher.fault(`${this.name}: ${detailOf(first)}`)
    }
    return { info: ignore, warn: ignore, debug: ignore, trace: ignore, error } as never
  }
}

/** Version 4, as if random. */
function uuidOf(random: Random): string {
  const digits = Array.from({ length: 31 }, () => random.integer(16).toString(16)).join('')
  const [a, b, c, d, e] = [
    [0, 8],
    [8, 12],
    [12, 15],
    [15, 18],
    [18, 30],
  ].map(([from, to]) => digits.slice(from, to))
  return `${a}-${b}-4${c}-8${d}-${e}`
}

function detailOf(told: unknown): string {
  if (typeof told !== 'object' || told === null || !('err' in told)) return String(told)
  const { err } = told
  return err instanceof Error ? (err.stack ?? err.message) : String(err)
}

/** For tests: an orchestrator over a real broker, with fake nodes and scripted agents, new for every test. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { type Broker, startBroker } from '../control/broker.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import type { ClosedRound, JointDecision } from '../control/messages.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import type { LiveTelemetry } from '../control/telemetry-message.ts'
import { ConfigError } from '../errors.ts'
import type { Tier } from '../fleet/placement.ts'
import type { Agent } from '../learning/agents/agent.ts'
import type { Decision, State } from '../learning/environment/environment.ts'
import type { AgentRun } from './agent-messages.ts'
import {
  all,
  FakeNode,
  inThisThread,
  orchestratorOver,
  ScriptedAgent,
  silentLogger,
} from './fake-fleet.fixture.ts'
import type { Orchestrator, OrchestratorOptions } from './orchestrator-options.ts'

export type Choose = (run: AgentRun) => (state: State, step: number) => Decision

export const always =
  (placement: string): Choose =>
  (run) =>
  () =>
    all(run, placement)

class TestFleet {
  /** All that was announced. */
  joint: JointDecision[] = []
  /** The newest scripted agent of each spec. */
  agents = new Map<string, ScriptedAgent>()
  /** Specs in the order their agents were asked for. */
  asked: string[] = []
  prefix = ''
  private broker: Broker | undefined
  private connections: ControlPlane[] = []
  private nodes: FakeNode[] = []
  private orchestrators: Orchestrator[] = []
  private count = 0

  get url(): string {
    return this.broker?.url ?? ''
  }
  /** The orchestrator's connection. */
  get control(): ControlPlane {
    return this.connections[0]
  }
  get user(): ControlPlane {
    return this.connections[1]
  }

  async open(): Promise<void> {
    this.broker = await startBroker({ port: 0, host: '127.0.0.1', logger: silentLogger })
  }

  async begin(): Promise<void> {
    const prefix = `fleet-${++this.count}`
    this.prefix = prefix
    this.joint = []
    this.agents = new Map()
    this.asked = []
    const connect = (name: string) =>
      connectControlPlane({
        url: this.url,
        prefix,
        clientId: `${prefix}-${name}`,
        logger: silentLogger,
      })
    this.connections = [await connect('cloud'), await connect('user')]
    await this.user.subscribe('jointDecision', (message) => this.joint.push(message))
  }

  async end(): Promise<void> {
    for (const orchestrator of this.orchestrators.splice(0)) await orchestrator.stop()
    for (const node of this.nodes.splice(0)) node.kill()
    for (const connection of this.connections.splice(0)) await connection.close()
  }

  async close(): Promise<void> {
    await this.broker?.close()
  }

  /** With scripted agents by their spec. */
  orchestrate = (
    chooseBySpec: Record<string, Choose>,
    options: Partial<OrchestratorOptions> = {},
  ): Promise<Orchestrator> =>
    this.orchestrateWith((run) => {
      const choose = chooseBySpec[run.spec]
      if (!choose) throw new ConfigError(`no agent ${run.spec}`)
      const agent = new ScriptedAgent(choose(run))
      this.agents.set(run.spec, agent)
      return agent
    }, options)

  orchestrateWith = async (
    create: (run: AgentRun) => Agent,
    options: Partial<OrchestratorOptions> = {},
  ): Promise<Orchestrator> => {
    const startThread = inThisThread((run) => {
      this.asked.push(run.spec)
      return create(run)
    })
    const orchestrator = await orchestratorOver(this.control, { startThread, ...options })
    this.orchestrators.push(orchestrator)
    return orchestrator
  }

  joinFleet = async (
    name: string,
    tier: Tier = 'end',
    telling: Partial<LiveTelemetry> = {},
  ): Promise<FakeNode> => {
    const node = await FakeNode.join(this.url, this.prefix, name, tier, telling)
    this.nodes.push(node)
    return node
  }

  closedBy = (agent: string): ClosedRound[] =>
    this.joint.flatMap(({ closed }) => (closed?.agent === agent ? [closed] : []))
}

/** One broker for all tests of the file, everything else new for each. */
export function useFleet(): TestFleet {
  const fleet = new TestFleet()
  beforeAll(() => fleet.open())
  afterAll(() => fleet.close())
  beforeEach(() => fleet.begin())
  afterEach(() => fleet.end())
  return fleet
}

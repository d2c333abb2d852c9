/** The agent in its real thread, with the real agents. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Broker, startBroker } from '../control/broker.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import type { JointDecision } from '../control/messages.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { startAgentThread } from './agent-thread.ts'
import { FakeNode, orchestratorOver, silentLogger, until } from './fake-fleet.fixture.ts'

let broker: Broker
let control: ControlPlane
let joint: JointDecision[]
let nodes: FakeNode[]

beforeEach(async () => {
  broker = await startBroker({ port: 0, host: '127.0.0.1', logger: silentLogger })
  control = await connectControlPlane({ url: broker.url, clientId: 'cloud', logger: silentLogger })
  joint = []
  await control.subscribe('jointDecision', (message) => joint.push(message))
  nodes = [
    await FakeNode.join(broker.url, 'tierwise', 'one', 'end'),
    await FakeNode.join(broker.url, 'tierwise', 'two', 'end'),
    await FakeNode.join(broker.url, 'tierwise', 'edge', 'edge'),
  ]
})
afterEach(async () => {
  for (const node of nodes) node.kill()
  await control.close()
  await broker.close()
})

const closedBy = (agent: string) => joint.filter(({ closed }) => closed?.agent === agent).length

describe('an agent in its thread', () => {
  it('learns by Algorithm 1 on the live fleet, never below the goal, and continues after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tierwise-'))
    const options = { agent: 'hybrid', goalPercent: 80, checkpointFile: join(folder, 'checkpoint') }
    for (const node of nodes) {
      node.answer = ({ placement }) => ({ responseTimeMs: placement.tier === 'end' ? 40 : 20 })
    }
    const first = await orchestratorOver(control, options)
    await until(() => closedBy('hybrid') >= 30, '30 rounds', 20_000)
    expect(first.counts.goalViolations).toBe(0)
    await first.stop()
    const before = joint.at(-1)?.progress
    expect(before?.realSteps).toBeGreaterThanOrEqual(29)

    joint = []
    const second = await orchestratorOver(control, options)
    await until(() => closedBy('hybrid') >= 2, 'rounds of the second', 20_000)
    const after = joint.find(({ agent }) => agent === 'hybrid')?.progress
    expect(after?.realSteps).toBeGreaterThanOrEqual(before?.realSteps ?? 0)
    expect(after?.updates).toBeGreaterThanOrEqual(before?.updates ?? 0)
    await second.stop()
    await rm(folder, { recursive: true })
  })

  it('learns on through a goal that changes and an edge that dies and returns', async () => {
    const orchestrator = await orchestratorOver(control, { agent: 'hybrid', goalPercent: 70 })
    const more = async (what: string) => {
      const rounds = closedBy('hybrid')
      await until(() => closedBy('hybrid') >= rounds + 15, what, 20_000)
    }
    await more('rounds')
    for (const accuracyPercent of [89.9, 75, 85]) {
      await control.publish('goal', { accuracyPercent })
      await more(`rounds at ${accuracyPercent} %`)
    }
    nodes[2]?.kill()
    await more('rounds without the edge')
    const fromHere = joint.length
    await more('more rounds without the edge')
    const placements = joint.slice(fromHere).flatMap((message) => Object.values(message.placements))
    expect(placements.filter((placement) => placement === 'edge/d0')).toEqual([])
    nodes.push(await FakeNode.join(broker.url, 'tierwise', 'edge', 'edge'))
    await more('rounds with the edge again')
    expect(orchestrator.counts.goalViolations).toBe(0)
    expect(orchestrator.inForce.agent).toBe('hybrid')
    expect(joint.filter((message) => message.accuracyPercent < message.goalPercent)).toEqual([])
    await orchestrator.stop()
  })
})

describe('what becomes of an agent that cannot act', () => {
  it('plays a fixed decision, and goes back when a spec names no agent', async () => {
    const lines: string[] = []
    const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })
    const agentProblem = () => undefined
    const settings = { agent: 'fixed:edge/d0', logger, agentProblem }
    const orchestrator = await orchestratorOver(control, settings)
    await until(() => closedBy('fixed:edge/d0') >= 3, 'rounds')
    await control.publish('goal', { accuracyPercent: 85, agent: 'no-such-agent' })
    await until(() => lines.some((line) => line.includes('agent before')), 'the return')
    expect(lines.join()).toContain('there is no agent \\"no-such-agent\\"')
    const rounds = closedBy('fixed:edge/d0')
    await until(() => closedBy('fixed:edge/d0') > rounds, 'the agent before')
    expect(orchestrator.inForce.agent).toBe('fixed:edge/d0')
    await orchestrator.stop()
  })

  it('gets a new thread when its own dies', async () => {
    let threads = 0
    const orchestrator = await orchestratorOver(control, {
      agent: 'fixed:end/d4',
      startThread: (events) => {
        threads += 1
        const thread = startAgentThread(events)
        if (threads > 1) return thread
        return {
          ...thread,
          post: (message) => {
            if (message.type !== 'answer') return thread.post(message)
            void thread.close().then(() => events.onDeath('killed by the test'))
          },
        }
      },
    })
    await until(() => closedBy('fixed:end/d4') >= 3, 'rounds in the second thread')
    expect(threads).toBe(2)
    await orchestrator.stop()
  })
})

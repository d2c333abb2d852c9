/** The orchestrator beside plain rounds: single requests, changing fleets, fixed rules, shadows, and agents that think for long. */
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import type { Drift } from '../learning/agents/agent.ts'
import type { AgentRun, FromAgent } from './agent-messages.ts'
import type { AgentThread, AgentThreadEvents } from './agent-thread.ts'
import {
  all,
  MovingAgent,
  orchestratorOver,
  placementOf,
  ScriptedAgent,
  until,
} from './fake-fleet.fixture.ts'
import { always, useFleet } from './orchestrated-fleet.fixture.ts'

const fleet = useFleet()
const { orchestrate, orchestrateWith, joinFleet, closedBy } = fleet

/** Remembers the agents that it makes. */
function moving(made: MovingAgent[], placement = 'end/d4') {
  return (run: AgentRun) => {
    // A decision for the fleet as it is: an agent that moved decides for more or fewer devices.
    const devices = () => made[0]?.moves.at(-1)?.devices ?? run.problem.devices
    const agent = new MovingAgent(() =>
      all({ problem: { ...run.problem, devices: devices() } }, placement),
    )
    made.push(agent)
    return agent
  }
}

describe('a device that asks nothing', () => {
  it('waits for a silent device once, and again when it is heard of', async () => {
    const orchestrator = await orchestrate({ scripted: always('end/d4') }, { roundTimeoutMs: 3000 })
    const [one, two] = [await joinFleet('one'), await joinFleet('two')]
    await until(() => closedBy('scripted').length >= 1, 'a round of both')
    two.answer = () => undefined
    const without = () =>
      closedBy('scripted').filter(({ responseTimesMs }) => responseTimesMs['two'] === undefined)
    await until(() => without().length >= 20, 'rounds of one')
    // One round was given its 3 s; with 19 more of them this test would not end in time.
    expect(orchestrator.counts.missingAnswers).toBeGreaterThanOrEqual(20)
    expect(without()[0]).toMatchObject({
      responseTimesMs: { one: 10 },
      responseTimeMs: 10,
      accuracyPercent: 88.9,
    })
    // An agent that knows nothing of single answers gets the number that a round may take.
    expect(fleet.agents.get('scripted')?.seen.at(-1)?.outcome).toMatchObject({
      responseTimesMs: [10, 3000],
      cost: 1505,
    })
    two.answer = () => ({})
    const heard = closedBy('scripted').length
    if (two.last) two.observe(two.last)
    await until(
      () =>
        closedBy('scripted')
          .slice(heard)
          .some(({ responseTimesMs }) => responseTimesMs['two']),
      'rounds of both again',
    )
    expect(one.last?.session).toBe(orchestrator.session)
  })

  it('ignores what is of another session, or of no round that it remembers', async () => {
    const orchestrator = await orchestrate({ scripted: always('end/d4') })
    const [one] = [await joinFleet('one'), await joinFleet('two')]
    await until(() => closedBy('scripted').length >= 1, 'a round')
    const before = orchestrator.counts.ignoredReports
    if (one.last) {
      one.observe({ ...one.last, session: 'another' }, { responseTimeMs: 999 })
      one.observe({ ...one.last, round: 1_000_000 }, { responseTimeMs: 999 })
    }
    await until(() => orchestrator.counts.ignoredReports >= before + 2, 'two ignored reports')
    expect(
      closedBy('scripted').flatMap((round) => Object.values(round.responseTimesMs)),
    ).not.toContain(999)
  })
})

describe('single requests', () => {
  it('reach the agent with the decision that they were sent under', async () => {
    const made: MovingAgent[] = []
    const orchestrator = await orchestrateWith(moving(made))
    const [one] = [await joinFleet('one'), await joinFleet('two')]
    await until(() => closedBy('scripted').length >= 3, 'rounds')
    const { last } = one
    if (!last) throw new Error('no decision')
    one.observe(last, { responseTimeMs: 77 })
    one.observe(last, { responseTimeMs: 78, failed: true })
    const heard = () => made[0]?.heard ?? []
    await until(() => heard().some(({ responseTimeMs }) => responseTimeMs === 77), 'the answer')
    await until(() => heard().some(({ responseTimeMs }) => Number.isNaN(responseTimeMs)), 'both')
    expect(heard().find(({ responseTimeMs }) => responseTimeMs === 77)).toMatchObject({
      decision: [1, 1],
      device: 0,
      state: { goalPercent: 85 },
    })
    // The agent acknowledges what it heard a message later.
    await until(() => orchestrator.answers.heard >= 2, 'both acknowledged')
    await until(() => (fleet.joint.at(-1)?.answers?.heard ?? 0) >= 2, 'their count')
  })

  it('of a device that asked nothing are no number in the round', async () => {
    const made: MovingAgent[] = []
    await orchestrateWith(moving(made))
    const [, two] = [await joinFleet('one'), await joinFleet('two')]
    await until(() => closedBy('scripted').length >= 1, 'a round')
    two.answer = () => undefined
    await until(
      () => made[0]?.seen.some(({ outcome }) => Number.isNaN(outcome.responseTimesMs[1])) === true,
      'a round without the second device',
    )
    const round = made[0]?.seen.findLast(({ outcome }) => Number.isNaN(outcome.responseTimesMs[1]))
    expect(round?.outcome).toMatchObject({ responseTimesMs: [10, Number.NaN], cost: 10 })
  })
})

describe('a fleet that grows and shrinks', () => {
  it('keeps the agent that can go on with it, which knows its devices by name', async () => {
    const made: MovingAgent[] = []
    await orchestrateWith(moving(made))
    await joinFleet('one')
    const two = await joinFleet('two')
    await until(() => closedBy('scripted').length >= 2, 'rounds of two')
    await joinFleet('three')
    const devices = () => Object.keys(closedBy('scripted').at(-1)?.placements ?? {}).length
    await until(() => devices() === 3, 'rounds of three')
    two.kill()
    await until(() => devices() === 2, 'rounds without the second')
    expect(made).toHaveLength(1)
    expect(made[0]?.moves.map(({ names }) => names)).toEqual([
      ['one', 'three', 'two'],
      ['one', 'three'],
    ])
  })
})

describe('what the agent finds to have changed', () => {
  it('is told once, by the names of nodes, also where its decision is refused', async () => {
    const found: Drift[] = [
      { tier: 'end', index: 1, became: 'slower' },
      { tier: 'edge', index: 0, became: 'faster' },
      { tier: 'cloud', index: 0, became: 'as-before' },
      { tier: 'end', index: 7, became: 'slower' },
    ]
    // Index 9 is no choice.
    await orchestrateWith(() => {
      const agent = new ScriptedAgent(() => (found.length > 0 ? [9, 9] : [0, 0]))
      return Object.assign(agent, { drift: () => found.splice(0) })
    })
    await joinFleet('cloud-1', 'cloud')
    await joinFleet('edge-1', 'edge')
    for (const name of ['one', 'two']) await joinFleet(name)
    await until(() => closedBy('scripted').length >= 3, 'rounds')
    expect(fleet.joint.flatMap(({ drift = [] }) => drift)).toEqual([
      { node: 'two', tier: 'end', became: 'slower' },
      { node: 'edge-1', tier: 'edge', became: 'faster' },
      { node: 'cloud-1', tier: 'cloud', became: 'as-before' },
    ])
  })
})

describe('the fixed rule', () => {
  it('takes the agent’s place when asked to, and the agent goes on when asked to', async () => {
    const orchestrator = await orchestrate(
      { scripted: always('end/d0') },
      { revert: { to: 'fixed:end/d4', rounds: 5 } },
    )
    const [one] = [await joinFleet('one'), await joinFleet('two')]
    await until(() => closedBy('scripted').length >= 2, 'rounds of the agent')
    await fleet.user.publish('goal', { accuracyPercent: 85, revert: true })
    await until(() => closedBy('fixed:end/d4').length >= 3, 'rounds of the rule')
    expect(orchestrator.inForce.reverted).toBe('asked for')
    expect(placementOf(one)).toBe('end/d4')
    const [round] = closedBy('fixed:end/d4')
    expect(round).toMatchObject({ byRule: true, violated: false })
    expect(fleet.joint.at(-1)?.revert).toEqual({ rule: 'fixed:end/d4', reason: 'asked for' })
    const agent = fleet.agents.get('scripted')
    const steps = agent?.seen.length ?? 0
    await fleet.user.publish('goal', { accuracyPercent: 88 })
    await until(() => fleet.joint.at(-1)?.goalPercent === 88, 'another goal under the rule')
    await fleet.user.publish('goal', { accuracyPercent: 88, revert: false })
    await until(() => (agent?.seen.length ?? 0) > steps + 1, 'the agent again')
    expect(fleet.agents.get('scripted')).toBe(agent)
    expect(orchestrator.inForce.reverted).toBeUndefined()
    expect(fleet.joint.at(-1)?.revert).toBeUndefined()
  })

  it('stays in force for a fleet that changes, and plays safe where it would break the goal', async () => {
    const orchestrator = await orchestrate(
      { scripted: always('end/d0') },
      { revert: { to: 'fixed:end/d7', rounds: 5 }, goalPercent: 70 },
    )
    const one = await joinFleet('one')
    await joinFleet('two')
    await until(() => closedBy('scripted').length >= 1, 'a round')
    await fleet.user.publish('goal', { accuracyPercent: 70, revert: true })
    await until(() => placementOf(one) === 'end/d7', 'the rule')
    const three = await joinFleet('three')
    await until(() => placementOf(three) === 'end/d7', 'the rule for three')
    await fleet.user.publish('goal', { accuracyPercent: 80 })
    await until(() => placementOf(three) === 'end/d0', 'what keeps the goal')
    expect(orchestrator.inForce.reverted).toBe('asked for')
    expect(fleet.joint.filter((now) => now.accuracyPercent < now.goalPercent)).toEqual([])
  })
})

describe('the fixed rule by itself', () => {
  it('takes over when the agent is slower than the rule was measured to be', async () => {
    const orchestrator = await orchestrate(
      { scripted: always('edge/d0') },
      { revert: { to: 'safe', whenSlowerPercent: 50, rounds: 5 }, settleMs: 1000 },
    )
    await joinFleet('edge', 'edge')
    for (const node of [await joinFleet('one'), await joinFleet('two')]) {
      node.answer = ({ placement }) => ({ responseTimeMs: placement.tier === 'end' ? 20 : 31 })
    }
    await until(() => orchestrator.inForce.reverted !== undefined, 'the revert')
    expect(orchestrator.inForce.reverted).toMatch(/last 5 rounds took 31\.0 ms .* 30\.0 ms/)
    await until(() => fleet.joint.at(-1)?.revert !== undefined, 'its announcement')
    expect(closedBy('scripted').length).toBeGreaterThanOrEqual(5)
  })

  it('never replaces a decision that somebody fixed', async () => {
    const orchestrator = await orchestrate(
      { 'fixed:edge/d0': always('edge/d0') },
      { agent: 'fixed:edge/d0', revert: { to: 'safe', whenSlowerPercent: 0, rounds: 1 } },
    )
    await joinFleet('edge', 'edge')
    for (const node of [await joinFleet('one'), await joinFleet('two')]) {
      node.answer = ({ placement }) => ({ responseTimeMs: placement.tier === 'end' ? 1 : 90 })
    }
    await until(() => closedBy('fixed:edge/d0').length >= 5, 'rounds')
    expect(orchestrator.inForce.reverted).toBeUndefined()
  })

  it('is in force while an agent fails, and says why', async () => {
    await orchestrate(
      { scripted: always('end/d7') }, // breaks the goal
      { revert: { to: 'fixed:end/d4', rounds: 5 } },
    )
    const one = await joinFleet('one')
    await joinFleet('two')
    await until(() => placementOf(one) === 'end/d4', 'the rule')
    expect(fleet.joint.at(-1)?.revert?.reason).toMatch(/cannot act.*below the goal/)
  })
})

describe('an agent that thinks for long', () => {
  /** A thread that thinks, from the moment it is to decide, until this test lets it go on. */
  function thinkingThread(gate: SharedArrayBuffer) {
    return ({ onMessage, onDeath }: AgentThreadEvents): AgentThread => {
      const worker = new Worker(
        `const { parentPort, workerData } = require('node:worker_threads')
         parentPort.on('message', (message) => {
           if (message.type === 'run') {
             Atomics.wait(new Int32Array(workerData), 0, 0)
             parentPort.postMessage({ type: 'reset', call: 0, key: message.run.key, seed: 1 })
           }
           if (message.type === 'hear') parentPort.postMessage({ type: 'heard', count: message.answers.length })
         })`,
        { eval: true, workerData: gate },
      )
      worker.on('message', (message: FromAgent) => onMessage(message))
      worker.on('error', ({ message }) => onDeath(message))
      return {
        post: (message) => worker.postMessage(message),
        close: async () => {
          await worker.terminate()
        },
      }
    }
  }

  it('blocks no request: devices are decided for and answered, and what it cannot hear is dropped and counted', async () => {
    const gate = new SharedArrayBuffer(4)
    const orchestrator = await orchestratorOver(fleet.control, {
      startThread: thinkingThread(gate),
    })
    const one = await joinFleet('one')
    await joinFleet('two')
    await until(() => orchestrator.counts.closedRounds >= 20, 'rounds while it thinks')
    expect(orchestrator.currentDecision('one')?.placement).toEqual({ tier: 'end', variant: 'd0' })
    for (let batch = 0; batch < 30; batch++) {
      const { last } = one
      for (let count = 0; count < 20; count++) if (last) one.observe(last)
      const rounds = orchestrator.counts.closedRounds
      await until(() => orchestrator.counts.closedRounds > rounds, 'another round')
    }
    await until(() => orchestrator.answers.dropped > 0, 'answers that are dropped')
    expect(orchestrator.answers.heard).toBe(0)
    Atomics.store(new Int32Array(gate), 0, 1)
    Atomics.notify(new Int32Array(gate), 0)
    await until(() => orchestrator.answers.heard > 0, 'the answers that waited')
    await orchestrator.stop()
  })
})

describe('a shadow', () => {
  it('is announced with its score, and decides nothing', async () => {
    await orchestrateWith(
      (run) => new MovingAgent(() => all(run, run.spec === 'b' ? 'end/d0' : 'end/d4')),
      {
        shadow: 'b',
      },
    )
    await joinFleet('one')
    await joinFleet('two')
    await until(() => (fleet.joint.at(-1)?.shadow?.rounds ?? 0) >= 5, 'a score')
    expect(fleet.joint.at(-1)?.shadow).toMatchObject({ agreementPercent: 0, goalViolations: 0 })
    expect(fleet.joint.at(-1)?.explanation).toMatchObject({ gapPercent: 25, inForce: true })
    const placements = closedBy('scripted').flatMap((round) => Object.values(round.placements))
    expect(new Set(placements)).toEqual(new Set(['end/d4']))
  })
})

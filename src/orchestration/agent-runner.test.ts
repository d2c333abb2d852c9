import { beforeEach, describe, expect, it } from 'vitest'
import { interact } from '../learning/agent/interact.ts'
import type { Outcome, State } from '../learning/environment/environment.ts'
import type { AgentRun, FromAgent } from './agent-messages.ts'
import { AgentRunner } from './agent-runner.ts'
import { choices, ScriptedAgent } from './fake-fleet.conformance.ts'

const problem = { devices: 1, choices, stateSize: 9 }
const run = (key: string, changes: Partial<AgentRun> = {}): AgentRun => ({
  key,
  spec: key,
  problem,
  seed: 3,
  missingMs: 100,
  ...changes,
})
const state: State = {
  features: new Float32Array(9),
  goalPercent: 80,
  available: choices.map(() => true),
}
const outcome = (responseTimeMs: number): Outcome => ({
  state,
  responseTimesMs: [responseTimeMs],
  accuracyPercent: [89.9],
  cost: responseTimeMs,
})

let posted: FromAgent[]
let agents: Map<string, ScriptedAgent>
let runner: AgentRunner

beforeEach(() => {
  posted = []
  agents = new Map()
  runner = new AgentRunner({
    create: ({ key }) => {
      if (key === 'impossible') throw new Error('there is no such agent')
      const agent = new ScriptedAgent((_state, step) => [step])
      agents.set(key, agent)
      return agent
    },
    interact,
    post: (message) => posted.push(message),
  })
})

const turn = () => new Promise((resolve) => setImmediate(resolve))
const last = () => posted.at(-1)
/** Answers the call that was posted last. */
const answer = (value: State | Outcome) => {
  const message = last()
  if (message && 'call' in message) runner.receive({ type: 'answer', call: message.call, value })
  return turn()
}
const refuse = (overtaken: boolean) => {
  const message = last()
  if (!message || !('call' in message)) throw new Error('nothing to refuse')
  runner.receive({ type: 'refusal', call: message.call, message: 'no', overtaken })
  return turn()
}
const start = async (key: string, changes: Partial<AgentRun> = {}) => {
  runner.receive({ type: 'run', run: run(key, changes) })
  await turn()
  await answer(state)
}

describe('acting', () => {
  it('resets, then steps: decisions, what they led to, and progress', async () => {
    runner.receive({ type: 'run', run: run('a') })
    await turn()
    expect(posted).toEqual([{ type: 'reset', call: 0, key: 'a', seed: 3 }])
    await answer(state)
    expect(last()).toMatchObject({ type: 'step', call: 1, key: 'a', decision: [0] })
    await answer(outcome(5))
    expect(last()).toMatchObject({ type: 'step', decision: [1], note: { progress: { realSteps: 1 } } })
    expect(agents.get('a')?.seen).toEqual([{ state, decision: [0], outcome: outcome(5) }])
  })

  it('begins anew from the state as it is when a round is overtaken, any number of times', async () => {
    await start('a')
    for (let time = 0; time < 10; time++) {
      await refuse(true)
      expect(last()).toMatchObject({ type: 'reset' })
      await answer(state)
    }
    await answer(outcome(5))
    expect(agents.get('a')?.seen).toHaveLength(1)
    expect(posted.filter(({ type }) => type === 'failed')).toEqual([])
  })

  it('gives up on an agent whose decisions are refused again and again', async () => {
    await start('a')
    for (let time = 0; time < 3; time++) {
      await refuse(false)
      await answer(state)
    }
    await refuse(false)
    expect(last()).toEqual({ type: 'failed', key: 'a', message: 'no' })
    await start('a')
    expect(last()).toMatchObject({ type: 'step', decision: [0] })
  })

  it('reports an agent that cannot be made', async () => {
    runner.receive({ type: 'run', run: run('impossible') })
    await turn()
    expect(posted).toEqual([
      { type: 'failed', key: 'impossible', message: 'there is no such agent' },
    ])
  })
})

describe('pausing', () => {
  it('keeps the agent for its key', async () => {
    await start('a')
    await answer(outcome(5))
    const stale = last()
    await start('b')
    expect(last()).toMatchObject({ key: 'b', decision: [0] })
    runner.receive({ type: 'pause' })
    await start('a')
    expect(last()).toMatchObject({ key: 'a', decision: [1] })
    if (stale && 'call' in stale) {
      runner.receive({ type: 'answer', call: stale.call, value: outcome(999) })
    }
    await turn()
    expect(agents.get('a')?.seen).toHaveLength(1)
  })

  it('keeps four agents and forgets the oldest', async () => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      await start(key)
      await answer(outcome(1))
    }
    const [first, second] = [agents.get('a'), agents.get('b')]
    await start('b')
    expect(agents.get('b')).toBe(second)
    await start('a')
    expect(agents.get('a')).not.toBe(first)
  })
})

describe('saving', () => {
  it('gives what the agent knows, which another of its key takes up', async () => {
    await start('a')
    await answer(outcome(5))
    runner.receive({ type: 'save', call: 77 })
    expect(last()).toMatchObject({ type: 'saved', call: 77, agent: { spec: 'a', problem } })
    const saved = posted.at(-1)
    if (saved?.type !== 'saved') throw new Error('not saved')
    await start('b', { saved: structuredClone(saved.agent) })
    expect(last()).toMatchObject({ key: 'b', decision: [1] })
  })

  it('has nothing before an agent acted', () => {
    runner.receive({ type: 'save', call: 1 })
    expect(posted).toEqual([{ type: 'saved', call: 1, agent: undefined }])
  })
})

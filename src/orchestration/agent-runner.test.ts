import { beforeEach, describe, expect, it } from 'vitest'
import { interact } from '../learning/agents/interact.ts'
import { allAvailable } from '../learning/environment/availability.ts'
import type { Outcome, State } from '../learning/environment/environment.ts'
import type { AgentRun, FromAgent } from './agent-messages.ts'
import { AgentRunner } from './agent-runner.ts'
import { choices, MovingAgent, ScriptedAgent } from './fake-fleet.fixture.ts'

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
  available: allAvailable(problem),
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
    create: ({ spec: key }) => {
      if (key === 'impossible') throw new Error('there is no such agent')
      const choose = (_state: State, step: number) => [step]
      const agent = key.startsWith('moving') ? new MovingAgent(choose) : new ScriptedAgent(choose)
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
    expect(last()).toMatchObject({
      type: 'step',
      decision: [1],
      note: { progress: { realSteps: 1 } },
    })
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
    if (saved?.type !== 'saved' || !saved.agent) throw new Error('not saved')
    await start('b', { saved: structuredClone(saved.agent) })
    expect(last()).toMatchObject({ key: 'b', decision: [1] })
  })

  it('has nothing before an agent acted', () => {
    runner.receive({ type: 'save', call: 1 })
    expect(posted).toEqual([{ type: 'saved', call: 1, agent: undefined }])
  })
})

const moving = (devices: readonly string[], changes: Partial<AgentRun> = {}) =>
  run(`moving ${devices}`, {
    spec: 'moving',
    problem: { ...problem, devices: devices.length, names: devices },
    ...changes,
  })
const mover = () => agents.get('moving') as MovingAgent

describe('single requests', () => {
  const answerOf = (responseTimeMs: number) => ({ state, decision: [0], device: 0, responseTimeMs })
  const hear = (key: string, ...timesMs: number[]) =>
    runner.receive({ type: 'hear', key, answers: timesMs.map(answerOf) })

  it('reach the agent at any time, and are replied to', async () => {
    await start('moving')
    hear('moving', 5, Number.NaN)
    expect(last()).toEqual({ type: 'heard', count: 2 })
    expect(mover().heard).toEqual([answerOf(5), answerOf(Number.NaN)])
  })

  it('are nothing to an agent that learns from rounds alone, or to one that is gone', async () => {
    await start('a')
    hear('a', 5)
    expect(last()).toEqual({ type: 'heard', count: 0 })
    hear('gone', 5)
    expect(last()).toEqual({ type: 'heard', count: 0 })
  })

  it('that never came are no numbers to an agent that hears, and the time-out to others', async () => {
    for (const [key, timeMs] of [
      ['a', 100],
      ['moving', Number.NaN],
    ] as const) {
      await start(key)
      await answer({ ...outcome(0), responseTimesMs: [Number.NaN], cost: Number.NaN })
      expect(agents.get(key)?.seen[0]?.outcome.responseTimesMs).toEqual([timeMs])
    }
  })

  it('begin with a measured profile, once', async () => {
    const all = ['end/d0', 'end/d4', 'end/d7', 'edge/d0', 'cloud/d0']
    const profile = { responseTimesMs: Object.fromEntries(all.map((name, i) => [name, [[i + 1]]])) }
    const profiled = moving(['one'], { profile })
    runner.receive({ type: 'run', run: profiled })
    await turn()
    await answer(state)
    expect(mover().heard.map(({ responseTimeMs }) => responseTimeMs)).toEqual([1, 2, 3, 4, 5])
    await refuse(true)
    await answer(state)
    runner.receive({ type: 'run', run: moving(['one', 'two'], { profile }) })
    await turn()
    await answer(state)
    expect(mover().heard).toHaveLength(5)
  })
})

describe('another fleet', () => {
  const begin = async (next: AgentRun) => {
    runner.receive({ type: 'run', run: next })
    await turn()
    await answer(state)
  }

  it('takes over the agent of the one before, if it can move', async () => {
    await begin(moving(['one']))
    await answer(outcome(5))
    const first = mover()
    await begin(moving(['one', 'two']))
    expect(last()).toMatchObject({ type: 'step', key: 'moving one,two', decision: [1] })
    expect(mover()).toBe(first)
    expect(first.moves.map(({ names }) => names)).toEqual([['one', 'two']])
    // What was moved away from its problem is not there any more: back is another move.
    await begin(moving(['one']))
    expect(first.moves).toHaveLength(2)
  })

  it('gets a new agent where the old one cannot', async () => {
    await begin(moving(['one']))
    const first = mover()
    await begin(moving(['refused']))
    expect(mover()).not.toBe(first)
    await begin(run('a', { spec: 'a' }))
    const other = agents.get('a')
    await begin(run('b', { spec: 'a' }))
    expect(agents.get('a')).not.toBe(other)
  })

  it('takes over what was saved of the one before', async () => {
    const saved = { spec: 'moving', problem: moving(['one']).problem, saved: [{ state }] }
    await begin(moving(['one', 'two'], { saved }))
    expect(mover().seen).toHaveLength(1)
    expect(mover().moves.map(({ names }) => names)).toEqual([['one', 'two']])
    await begin(moving(['refused'], { saved }))
    expect(mover().seen).toHaveLength(0)
  })
})

describe('devices that tell other times of their own', () => {
  const telling = (timeMs: number, devices = ['one']): Partial<AgentRun> => ({
    problem: { ...moving(devices).problem, localTimesMs: devices.map(() => [timeMs]) },
  })

  it('are the same fleet: the agent hears of them if it can, and goes on', async () => {
    await start('moving', telling(5))
    await answer(outcome(5))
    const first = mover()
    await start('moving', telling(9))
    expect(last()).toMatchObject({ type: 'step', decision: [1] })
    expect(mover()).toBe(first)
    expect(first.moves.map(({ localTimesMs }) => localTimesMs)).toEqual([[[9]]])
    await start('a', telling(5))
    await answer(outcome(5))
    await start('a', telling(9))
    expect(last()).toMatchObject({ type: 'step', key: 'a', decision: [1] })
  })

  it('are so for what was saved, too', async () => {
    for (const spec of ['a', 'moving']) {
      const saved = { spec, problem: moving(['one']).problem, saved: [{ state }] }
      await start(spec, { ...telling(9), saved })
      expect(agents.get(spec)?.seen).toHaveLength(1)
    }
    expect(mover().moves.map(({ localTimesMs }) => localTimesMs)).toEqual([[[9]]])
  })
})

describe('beside the decision', () => {
  it('goes what the agent believes of its best one, if it can tell', async () => {
    await start('moving')
    expect(last()).not.toHaveProperty('note.explanation')
    await answer(outcome(5))
    expect(last()).toMatchObject({
      note: {
        explanation: { responseTimeMs: 20, lowerBoundMs: 15, gapPercent: 25, inForce: true },
      },
    })
    await answer(outcome(5))
    await start('a')
    expect(last()).not.toHaveProperty('note.explanation')
  })

  it('goes the score of a shadow, which sees every round and acts in none', async () => {
    await start('a', { shadow: 'moving' })
    for (const timeMs of [5, 6, 7]) await answer(outcome(timeMs))
    const message = last()
    expect(message).toMatchObject({ decision: [3], note: { shadow: { agent: 'scripted' } } })
    expect(mover().seen.map(({ decision }) => decision)).toEqual([[0], [1], [2]])
    runner.receive({ type: 'hear', key: 'a', answers: [] })
    expect(last()).toEqual({ type: 'heard', count: 0 })
  })

  it('goes nothing more of a shadow that fails; the agent goes on', async () => {
    await start('a', { shadow: 'impossible' })
    expect(posted).toContainEqual({ type: 'shadowFailed', message: 'there is no such agent' })
    expect(last()).toMatchObject({ type: 'step', decision: [0] })
    await start('b', { shadow: 'moving' })
    mover().observe = () => {
      throw new Error('the shadow is broken')
    }
    await answer(outcome(5))
    expect(last()).toEqual({ type: 'shadowFailed', message: 'the shadow is broken' })
    const step = posted.at(-2)
    if (step?.type !== 'step') throw new Error('no step')
    runner.receive({ type: 'answer', call: step.call, value: outcome(6) })
    await turn()
    expect(last()).toMatchObject({ type: 'step', decision: [2] })
  })
})

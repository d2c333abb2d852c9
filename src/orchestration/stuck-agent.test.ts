/** An agent that never says anything again: its own code loops, or waits for what never comes. */
import { expect, it } from 'vitest'
import { AgentHost } from './agent-host.ts'
import type { AgentRun, ToAgent } from './agent-messages.ts'
import type { AgentThreadEvents } from './agent-thread.ts'
import { silentLogger } from './fake-fleet.fixture.ts'

const run: AgentRun = {
  ...{ key: 'mine', spec: './mine.mjs', seed: 1, missingMs: 1 },
  problem: { devices: 1, choices: [], stateSize: 0 },
}
const state = { features: new Float32Array(), goalPercent: 0, available: [] }
const environment = {
  problem: run.problem,
  devices: [],
  now: { state, decision: [] },
  reset: () => state,
  step: () => Promise.reject(new Error('not asked for')),
}

/** A host whose threads are silent, and whose time passes when it is told to. */
function silentFleet() {
  const threads: { events: AgentThreadEvents; posted: ToAgent[]; closed: boolean }[] = []
  const waits: { ms: number; act: () => void }[] = []
  const failures: string[] = []
  const host = new AgentHost({
    clock: {
      after(ms, act) {
        const wait = { ms, act }
        waits.push(wait)
        return () => {
          if (waits.includes(wait)) waits.splice(waits.indexOf(wait), 1)
        }
      },
    },
    startThread: (events) => {
      const thread = { events, posted: [] as ToAgent[], closed: false }
      threads.push(thread)
      return {
        post: (message) => thread.posted.push(message),
        close: async () => {
          thread.closed = true
        },
      }
    },
    onFailure: (_, message) => failures.push(message),
    logger: silentLogger,
  })
  return { host, threads, waits, failures }
}

it('is given up once it has thought for two minutes, and its thread is not heard any more', async () => {
  const { host, threads, waits, failures } = silentFleet()
  host.run(run, environment)
  const [first] = threads
  first?.events.onMessage({ type: 'reset', call: 0, key: 'mine', seed: 1 })
  await expect.poll(() => first?.posted.at(-1)?.type).toBe('answer')
  expect(waits.map(({ ms }) => ms)).toEqual([120_000])
  waits[0]?.act()
  expect(failures).toEqual(['the agent has not decided within 120 s'])
  expect(first?.closed).toBe(true)
  expect(host.isActing).toBe(false)

  host.run(run, environment)
  const [, second] = threads
  const posted = second?.posted.length
  first?.events.onMessage({ type: 'reset', call: 1, key: 'mine', seed: 1 })
  first?.events.onDeath('it exited')
  await Promise.resolve()
  expect(second?.posted).toHaveLength(posted ?? 0)
  expect(host.isActing).toBe(true)
})

it('holds up neither its saving nor the end, and nothing is waited for after them', async () => {
  const { host, waits } = silentFleet()
  host.run(run, environment)
  const saved = host.save()
  const wait = waits.find(({ ms }) => ms === 10_000)
  wait?.act()
  await expect(saved).resolves.toBeUndefined()
  await host.close()
  expect(waits).toEqual([])
})

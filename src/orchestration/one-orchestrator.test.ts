/** Epochs, two orchestrators at one broker, and what an orchestrator knows of the one before it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { systemClock, type Timers } from '../clock.ts'
import { HIGHEST_EPOCH } from '../control/fields.ts'
import type { OrchestratorNews } from '../control/messages.ts'
import { all, MovingAgent, until } from './fake-fleet.fixture.ts'
import { always, useFleet } from './orchestrated-fleet.fixture.ts'

const fleet = useFleet()
const { orchestrate, orchestrateWith, joinFleet } = fleet

/** The machine's clock, ten times as fast: an orchestrator is given up for silent after ten of its seconds. */
const HURRY = 10
const clock: Timers = {
  nowMs: () => HURRY * systemClock.nowMs(),
  sleep: (ms) => systemClock.sleep(ms / HURRY),
  after: (ms, act) => systemClock.after(ms / HURRY, act),
}

describe('two orchestrators at one broker', () => {
  it('never both decide: the older stands by, and decides again when the newer is silent', async () => {
    const hurried = { clock, staleAfterMs: 1e9 }
    const first = await orchestrate({ scripted: always('end/d4') }, { startedAtMs: 1, ...hurried })
    const [one] = [await joinFleet('one'), await joinFleet('two')]
    await until(() => first.counts.closedRounds > 2, 'rounds of the first')
    const deviceGoal = { device: 'one', goalPercent: 60 }
    const accuracyPercent = first.inForce.goalPercent
    await fleet.user.publish('goal', { accuracyPercent, deviceGoal, id: 'own' })
    await until(() => first.inForce.deviceGoals !== undefined, 'a device has its own goal')
    const second = await orchestrate({ scripted: always('end/d0') }, { startedAtMs: 2, ...hurried })
    await until(() => one.last?.session === second.session, 'the second decides')
    await until(() => !first.isDeciding, 'the first stands by')
    const rounds = first.counts.closedRounds
    await until(() => second.counts.closedRounds > 3, 'rounds of the second')
    expect(first.counts.closedRounds).toBe(rounds)
    await fleet.user.publish('goal', { accuracyPercent: 80, id: 'a' })
    await until(() => second.inForce.goalPercent === 80, 'the second hears the goal')
    await second.stop()
    await until(() => one.last?.session === first.session, 'the first decides again')
    expect(one.last?.epoch).toBe(3)
    expect(first.inForce.goalPercent).toBe(80)
    // The second knew of no goal of a device.
    expect(first.inForce).not.toHaveProperty('deviceGoals')
  })
})

describe('a forged announcement of the highest epoch', () => {
  it('ends no orchestrator: it decides again when the forger is silent, and after its next start', async () => {
    const stateFolder = await mkdtemp(join(tmpdir(), 'tierwise-'))
    const first = await orchestrate({ scripted: always('end/d4') }, { clock, stateFolder })
    await until(() => first.isDeciding, 'the first decides')
    await fleet.user.publish('orchestrator', {
      ...{ session: '0', epoch: HIGHEST_EPOCH, goalPercent: 80, agent: 'scripted', answered: [] },
    })
    await until(() => !first.isDeciding, 'the first stands by')
    await until(() => first.isDeciding, 'the first decides again')
    await first.stop()
    const second = await orchestrate({ scripted: always('end/d4') }, { clock, stateFolder })
    await until(() => second.isDeciding, 'the second decides')
    await second.stop()
    await rm(stateFolder, { recursive: true })
  })
})

describe('an orchestrator that starts again', () => {
  it('goes on in its session, in a higher epoch, and learns from what was queued meanwhile', async () => {
    const stateFolder = await mkdtemp(join(tmpdir(), 'tierwise-'))
    const news: OrchestratorNews[] = []
    await fleet.user.subscribe('orchestrator', (message) => news.push(message))
    const agents: MovingAgent[] = []
    const start = () =>
      orchestrateWith(
        (run) => {
          const agent = new MovingAgent(() => all(run, 'end/d4'))
          agents.push(agent)
          return agent
        },
        { stateFolder },
      )
    const first = await start()
    const nodes = [await joinFleet('one'), await joinFleet('two')]
    await until(() => first.counts.closedRounds > 5, 'rounds')
    for (const node of nodes) node.answer = () => undefined
    await until(
      () => nodes.every((node) => node.last?.round === nodes[0]?.last?.round),
      'one round',
    )
    await new Promise((resolve) => setTimeout(resolve, 200))
    const [one] = nodes
    const left = one?.last
    await first.stop()
    const second = await start()
    expect(second.session).toBe(first.session)
    expect(news.at(-1)?.epoch).toBeGreaterThan(news[0]?.epoch ?? 0)
    if (left) for (let count = 0; count < 7; count++) one?.observe(left, { responseTimeMs: 123 })
    await vi.waitFor(() => {
      const heard = agents.at(-1)?.heard.filter(({ responseTimeMs }) => responseTimeMs === 123)
      expect(heard).toHaveLength(7)
      expect(heard?.[0]).toMatchObject({ device: 0, decision: [1, 1] })
    }, 5000)
    expect(one?.last?.round).toBeGreaterThan((left?.round ?? 0) + 100)
    await second.stop()
    await rm(stateFolder, { recursive: true })
  })
})

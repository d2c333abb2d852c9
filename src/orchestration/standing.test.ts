import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { Goal, OrchestratorNews } from '../control/messages.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { orchestratorOver, ScriptedAgent, silentLogger, until } from './fake-fleet.fixture.ts'
import { always, useFleet } from './orchestrated-fleet.fixture.ts'
import type { OrchestratorOptions } from './orchestrator-options.ts'

const fleet = useFleet()
let stateFolder: string
let news: OrchestratorNews[]

beforeEach(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'tierwise-'))
  folders.push(stateFolder)
  news = []
  await fleet.user.subscribe('orchestrator', (message) => news.push(message))
})
// At the end: orchestrators write until they are stopped.
const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

const agents = { scripted: always('end/d4'), other: always('end/d0') }
const start = (options: Partial<OrchestratorOptions> = {}) =>
  fleet.orchestrate(agents, { stateFolder, ...options })

/** The answer to a wish, and what was in force then. */
async function ask(wish: Goal & { readonly id: string }) {
  await fleet.user.publish('goal', wish)
  const answerTo = () => news.at(-1)?.answered.find(({ id }) => id === wish.id)
  await until(() => answerTo() !== undefined, 'the answer')
  return { answer: answerTo(), now: news.at(-1) }
}
/** As a process that is killed leaves it: nothing more is written. */
const asKilled = async () => {
  const file = join(stateFolder, 'promises')
  const kept = await readFile(file)
  return { restore: () => writeFile(file, kept) }
}

describe('what was acknowledged', () => {
  it('is on the disk by then: goal, agent, revert', async () => {
    const first = await start()
    expect(news.at(-1)).toMatchObject({ goalPercent: 85, agent: 'scripted', answered: [] })
    const { answer, now } = await ask({ id: 'a', accuracyPercent: 80, agent: 'other' })
    expect(answer).toEqual({ id: 'a' })
    expect(now).toMatchObject({ goalPercent: 80, agent: 'other' })
    const reverted = await ask({ id: 'b', accuracyPercent: 80, revert: true })
    expect(reverted.now?.reverted).toBe('asked for')
    const { restore } = await asKilled()
    await first.stop()
    await restore()
    const second = await start()
    expect(second.inForce).toEqual({ goalPercent: 80, agent: 'other', reverted: 'asked for' })
  })

  it('gives way to another configuration', async () => {
    const first = await start()
    await ask({ id: 'a', accuracyPercent: 80 })
    await first.stop()
    await fleet.user.publish('goal', { accuracyPercent: 86 })
    const second = await start({ goalPercent: 86 })
    expect(second.inForce).toEqual({ goalPercent: 86, agent: 'scripted' })
  })

  it('holds for many wishes at once, and their answers are bounded', async () => {
    const first = await start()
    const wishes = Array.from({ length: 30 }, (_, index) => ({
      id: `wish-${index}`,
      accuracyPercent: 60 + (index % 20),
    }))
    for (const wish of wishes) void fleet.user.publish('goal', wish)
    const { now } = await ask({ id: 'last', accuracyPercent: 81 })
    expect(now?.answered).toHaveLength(8)
    const { restore } = await asKilled()
    await first.stop()
    await restore()
    expect((await start()).inForce.goalPercent).toBe(81)
  })
})

describe('what exploring may cost', () => {
  it('is told to the agent, which goes on, and kept', async () => {
    const budgets: number[] = []
    const options = { agent: 'factored', stateFolder }
    const factored = () =>
      Object.assign(new ScriptedAgent(() => [1, 1]), {
        boundExploring: (share: number) => budgets.push(share),
      })
    const first = await fleet.orchestrateWith(factored, options)
    expect(news.at(-1)?.explorationBudgetPercent).toBe('unbounded')
    for (const name of ['one', 'two']) await fleet.joinFleet(name)
    await until(() => fleet.closedBy('factored').length > 0, 'a round')
    const { answer, now } = await ask({
      ...{ id: 'a', accuracyPercent: 85 },
      explorationBudgetPercent: 4,
    })
    expect(answer).toEqual({ id: 'a' })
    expect(now?.explorationBudgetPercent).toBe(4)
    await until(() => budgets.length > 0, 'the agent’s budget')
    expect(budgets).toEqual([0.04])
    // It is the same agent: no other was asked for.
    expect(fleet.asked).toEqual(['factored'])
    const other = await ask({ id: 'b', accuracyPercent: 80 })
    expect(other.now).toMatchObject({ goalPercent: 80, explorationBudgetPercent: 4 })
    const { restore } = await asKilled()
    await first.stop()
    await restore()
    const second = await fleet.orchestrateWith(factored, options)
    expect(second.inForce.explorationBudgetPercent).toBe(4)
    await ask({ id: 'c', accuracyPercent: 80, explorationBudgetPercent: 'unbounded' })
    await until(() => budgets.at(-1) === Number.POSITIVE_INFINITY, 'no bound any more')
  })
})

describe('a wish that is refused', () => {
  it('is answered with the reason, and changes nothing', async () => {
    await start({
      agentProblem: (agent) => (agent === 'none' ? 'there is no agent none' : undefined),
    })
    const high = await ask({ id: 'a', accuracyPercent: 99 })
    expect(high.answer?.refused).toContain('99')
    expect(high.now?.goalPercent).toBe(85)
    const unknown = await ask({ id: 'b', accuracyPercent: 80, agent: 'none' })
    expect(unknown.answer?.refused).toBe('there is no agent none')
    expect(unknown.now).toMatchObject({ goalPercent: 85, agent: 'scripted' })
    const budget = await ask({ id: 'c', accuracyPercent: 80, explorationBudgetPercent: 4 })
    expect(budget.answer?.refused).toBe(
      'agent "scripted" has no exploration budget (4 %): leave it, or use agent factored',
    )
    expect(budget.now?.goalPercent).toBe(85)
  })

  it('is told to everybody with its reason, until another is granted', async () => {
    await start()
    await fleet.user.publish('goal', { accuracyPercent: 99 })
    const told = () => news.at(-1)?.refusedWish
    await until(() => told() !== undefined, 'the refusal')
    expect(told()).toEqual({ accuracyPercent: 99, reason: expect.stringContaining('99') })
    const { now } = await ask({ id: 'b', accuracyPercent: 80 })
    expect(now?.goalPercent).toBe(80)
    expect(now?.refusedWish).toBeUndefined()
  })
})

describe('a state folder', () => {
  it('that is damaged costs what it held, never the start', async () => {
    const first = await start()
    await ask({ id: 'a', accuracyPercent: 80 })
    await ask({ id: 'b', accuracyPercent: 81 })
    await first.stop()
    // The goal that the broker retains is another fleet's: this one knows of its own alone.
    const options = { prefix: 'else', clientId: 'else', url: fleet.url, logger: silentLogger }
    const control = await connectControlPlane(options)
    await writeFile(join(stateFolder, 'promises'), 'garbage')
    const startThread = () => ({ post: () => {}, close: () => Promise.resolve() })
    const second = await orchestratorOver(control, { stateFolder, startThread })
    expect(second.inForce.goalPercent).toBe(81)
    await second.stop()
    for (const name of ['promises', 'promises.old', 'checkpoint', 'checkpoint.old'])
      await writeFile(join(stateFolder, name), 'garbage')
    const third = await orchestratorOver(control, { stateFolder, startThread })
    // The broker still tells what was in force.
    expect(third.inForce.goalPercent).toBe(81)
    await third.stop()
    await control.close()
    await writeFile(join(stateFolder, 'promises'), 'garbage')
    await writeFile(join(stateFolder, 'promises.old'), 'garbage')
    const other = await connectControlPlane({ ...options, prefix: 'another' })
    const fourth = await orchestratorOver(other, { stateFolder, startThread })
    expect(fourth.inForce.goalPercent).toBe(85)
    await fourth.stop()
    await other.close()
  })

  it('that another orchestrator uses is refused by name, until that one has stopped', async () => {
    const first = await start()
    await expect(start()).rejects.toThrow(`the state folder ${stateFolder} is in use by process`)
    await first.stop()
    await start()
  })

  it('that cannot be written is refused by name', async () => {
    await writeFile(join(stateFolder, 'file'), '')
    const inside = join(stateFolder, 'file', 'folder')
    await expect(start({ stateFolder: inside })).rejects.toThrow(`${inside} cannot be written`)
  })

  it('that cannot be written later is told to who asks', async () => {
    await start()
    await chmod(stateFolder, 0o500)
    const { answer } = await ask({ id: 'a', accuracyPercent: 80 })
    await chmod(stateFolder, 0o700)
    // The superuser may write everywhere.
    const isSuperuser = process.getuid?.() === 0
    expect(answer?.refused === undefined).toBe(isSuperuser)
  })
})

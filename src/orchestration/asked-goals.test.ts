/** Goals of single devices that are asked for while the fleet, whose own goal is far below them, runs. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { MAX_ASKED_GOALS } from '../control/device-goal.ts'
import type { Goal, OrchestratorNews } from '../control/messages.ts'
import { AskedGoals } from './asked-goals.ts'
import { choices, placementOf, silentLogger, telemetryOf, until } from './fake-fleet.fixture.ts'
import { type Choose, useFleet } from './orchestrated-fleet.fixture.ts'
import type { OrchestratorOptions } from './orchestrator-options.ts'
import type { GoalInForce } from './promises.ts'

const fleet = useFleet()
let stateFolder: string
let news: OrchestratorNews[]
let asked: number

beforeEach(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'tierwise-'))
  folders.push(stateFolder)
  news = []
  asked = 0
  await fleet.user.subscribe('orchestrator', (message) => news.push(message))
})
// At the end: orchestrators write until they are stopped.
const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

/** d7, else d4, else d0: the least accurate that a device may take. */
const least: Choose = () => (state) =>
  state.available.map((open) => [2, 1, 0].find((choice) => open[choice]) ?? 0)
const start = (options: Partial<OrchestratorOptions> = {}) =>
  fleet.orchestrate({ scripted: least }, { goalPercent: 70, stateFolder, ...options })

/** @returns why it is refused */
async function ask(deviceGoal: NonNullable<Goal['deviceGoal']>): Promise<string | undefined> {
  const id = `wish-${++asked}`
  await fleet.user.publish('goal', { accuracyPercent: 70, deviceGoal, id })
  const answer = () => news.at(-1)?.answered.find((one) => one.id === id)
  await until(() => answer() !== undefined, 'the answer')
  return answer()?.refused
}

/** Two devices under the least accurate decision. */
async function joined(goalPercent?: number) {
  const one = await fleet.joinFleet('one', 'end', goalPercent === undefined ? {} : { goalPercent })
  const two = await fleet.joinFleet('two')
  await until(() => placementOf(two) === 'end/d7', 'the least accurate')
  return { one, two }
}

describe('a goal that is asked for a device', () => {
  it('is kept, told with the decision, and taken back; other devices keep what they had', async () => {
    await start()
    const { one, two } = await joined()
    expect(await ask({ device: 'one', goalPercent: 88 })).toBeUndefined()
    expect(news.at(-1)?.deviceGoals).toEqual({ one: { goalPercent: 88 } })
    await until(() => placementOf(one) === 'end/d4', 'what keeps it')
    await until(() => fleet.joint.at(-1)?.deviceGoals?.['one']?.goalPercent === 88, 'it is told')
    expect(placementOf(two)).toBe('end/d7')
    expect(await ask({ device: 'one', goalPercent: 'none' })).toBeUndefined()
    expect(news.at(-1)).not.toHaveProperty('deviceGoals')
    await until(() => placementOf(one) === 'end/d7', 'it has none again')
    await until(() => fleet.joint.at(-1)?.deviceGoals === undefined, 'that is told, too')
  })

  it('is in place of the one that it was started with, until it is started with another', async () => {
    await start()
    const { one } = await joined(88)
    await until(() => placementOf(one) === 'end/d4', 'its own')
    expect(await ask({ device: 'one', goalPercent: 'none' })).toBeUndefined()
    await until(() => placementOf(one) === 'end/d7', 'it has none')
    expect(news.at(-1)?.deviceGoals).toEqual({ one: { goalPercent: 'none', ownPercent: 88 } })
    await one.say({ ...telemetryOf('one', 'end'), goalPercent: 89.5 })
    await until(() => placementOf(one) === 'end/d0', 'that it was started with now')
    await until(() => news.at(-1)?.deviceGoals === undefined, 'nothing is asked for any more')
  })

  it('is on the disk once it is acknowledged, whatever goal the fleet is started with next', async () => {
    const first = await start()
    await joined()
    await ask({ device: 'one', goalPercent: 88 })
    const file = join(stateFolder, 'promises')
    await copyFile(file, `${file}.kept`)
    await first.stop()
    // As a process that is killed leaves it.
    await copyFile(`${file}.kept`, file)
    const second = await start()
    expect(second.inForce.deviceGoals).toEqual({ one: { goalPercent: 88 } })
    await second.stop()
    const third = await start({ goalPercent: 71 })
    expect(third.inForce).toMatchObject({ goalPercent: 71, deviceGoals: { one: {} } })
  })
})

describe('a goal that cannot be', () => {
  it('is refused with the reason, and changes nothing', async () => {
    await start()
    await joined()
    expect(await ask({ device: 'three', goalPercent: 88 })).toBe(
      'no device "three" is there and ready: tierwise goal names those that are',
    )
    expect(await ask({ device: 'constructor', goalPercent: 'none' })).toContain('"constructor"')
    expect(await ask({ device: 'one', goalPercent: 95 })).toBe(
      'a goal of 95 % cannot be met for one: what serves it now has 89.9 % at most',
    )
    expect(news.at(-1)).not.toHaveProperty('deviceGoals')
    expect(news.at(-1)?.refusedWish?.deviceGoal).toEqual({ device: 'one', goalPercent: 95 })
  })

  const goalsOf = (devices: string[], inForce: GoalInForce) => {
    const standing = {
      inForce,
      change: (now: GoalInForce): void => {
        standing.inForce = now
      },
    }
    const nodes = {
      devices,
      availableTo: () => choices.map(() => true),
      ownGoalOf: () => undefined,
    }
    const goals = new AskedGoals({ standing, nodes, choices, logger: silentLogger })
    return { goals, standing }
  }

  it('is one of too many, but each that there is can change', () => {
    const devices = Array.from({ length: MAX_ASKED_GOALS + 1 }, (_, index) => `camera-${index}`)
    const { goals, standing } = goalsOf(devices, { goalPercent: 70, agent: 'factored' })
    for (const device of devices.slice(1)) goals.grant({ device, goalPercent: 80 })
    expect(Object.keys(standing.inForce.deviceGoals ?? {})).toHaveLength(MAX_ASKED_GOALS)
    expect(goals.problem({ device: 'camera-0', goalPercent: 80 })).toBe(
      '256 devices have a goal that was asked for, and no more can: start camera-0 with --device-goal 80',
    )
    expect(goals.problem({ device: 'camera-1', goalPercent: 81 })).toBeUndefined()
  })

  it('can be taken back from a device that is gone', () => {
    const deviceGoals = { gone: { goalPercent: 80, ownPercent: 75 } }
    const { goals, standing } = goalsOf([], { goalPercent: 70, agent: 'factored', deviceGoals })
    goals.forgetOvertaken()
    expect(standing.inForce.deviceGoals).toEqual(deviceGoals)
    expect(goals.problem({ device: 'gone', goalPercent: 82 })).toContain('"gone"')
    expect(goals.problem({ device: 'gone', goalPercent: 'none' })).toBeUndefined()
    goals.grant({ device: 'gone', goalPercent: 'none' })
    expect(standing.inForce).toEqual({ goalPercent: 70, agent: 'factored' })
  })
})

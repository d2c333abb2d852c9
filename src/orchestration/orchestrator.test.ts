import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import mqtt from 'mqtt'
import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { all, placementOf, telemetryOf, until } from './fake-fleet.fixture.ts'
import { always, type Choose, useFleet } from './orchestrated-fleet.fixture.ts'

const fleet = useFleet()
const { orchestrate, joinFleet, closedBy } = fleet

describe('rounds', () => {
  it('begins safe, then follows the agent, one round for one answer of each device', async () => {
    const orchestrator = await orchestrate({ scripted: always('edge/d0') })
    const [one] = [await joinFleet('one')]
    await until(() => one.decisions.length > 0, 'the safe decision')
    expect(placementOf(one)).toBe('end/d0')
    expect(one.last?.fallbackAccuracyPercent).toBe(89.9)
    await joinFleet('edge', 'edge')
    const two = await joinFleet('two')
    two.answer = () => ({ responseTimeMs: 30 })
    await until(() => closedBy('scripted').length >= 3, 'three rounds')
    expect(orchestrator.devices).toEqual(['one', 'two'])
    expect(placementOf(one)).toBe('edge/d0')
    // Goal 85, both at 89.9: 9.8 points of slack, 4.9 for each.
    expect(two.last?.fallbackAccuracyPercent).toBe(85)
    // Others may have been overtaken by the agent's first decision.
    const closed = closedBy('scripted').at(-1)
    expect(closed).toMatchObject({
      goalPercent: 85,
      placements: { one: 'edge/d0', two: 'edge/d0' },
      responseTimesMs: { one: 10, two: 30 },
      responseTimeMs: 20,
      accuracyPercent: 89.9,
      violated: false,
    })
    const rounds = fleet.joint.map(({ round }) => round)
    expect(rounds).toEqual([...rounds.keys()])
    // Rounds go on: what is pushed and what would be answered to a question differ only while a message travels.
    const asked = () => orchestrator.currentDecision('two')
    await until(() => isDeepStrictEqual(asked(), two.last), 'the same decision either way')
    expect(orchestrator.counts.goalViolations).toBe(0)
    expect(fleet.agents.get('scripted')?.seen.at(-1)?.outcome).toMatchObject({
      responseTimesMs: [10, 30],
      accuracyPercent: [89.9, 89.9],
      cost: 20,
    })
  })
})

describe('traffic', () => {
  it('is waited for: no round closes while nobody asks', async () => {
    const orchestrator = await orchestrate({ scripted: always('end/d4') })
    const [one, two] = [await joinFleet('one'), await joinFleet('two')]
    for (const node of [one, two]) node.answer = () => undefined
    await until(() => placementOf(two) === 'end/d4', 'the first decision')
    const before = orchestrator.counts.closedRounds
    await new Promise((resolve) => setTimeout(resolve, 250))
    expect(orchestrator.counts.closedRounds).toBe(before)
    for (const node of [one, two]) if (node.last) node.observe(node.last)
    await until(() => orchestrator.counts.closedRounds > before, 'the round')
  })

  it('counts a failed request as the time-out and a served accuracy below the goal as a violation', async () => {
    const orchestrator = await orchestrate({ scripted: always('end/d4') })
    const [one, two] = [await joinFleet('one'), await joinFleet('two')]
    one.answer = () => ({ failed: true, responseTimeMs: 1 })
    two.answer = () => ({ accuracyPercent: 72.8 })
    await until(() => closedBy('scripted').length >= 1, 'a round')
    expect(closedBy('scripted')[0]).toMatchObject({
      responseTimesMs: { one: 100, two: 10 },
      violated: true, // (88.9 + 72.8) / 2 = 80.85
    })
    expect(orchestrator.counts.goalViolations).toBeGreaterThanOrEqual(1)
  })
})

describe('a fleet that changes', () => {
  it('plays safe at once when a device dies or joins, and learns the new problem', async () => {
    await orchestrate({ scripted: always('end/d4') }, { expectedDevices: 3 })
    const [one, two, three] = [
      await joinFleet('one'),
      await joinFleet('two'),
      await joinFleet('three'),
    ]
    await until(() => closedBy('scripted').length >= 2, 'rounds of three')
    three.kill()
    await until(
      () =>
        fleet.joint.some(
          ({ agent, placements }) =>
            agent === 'safe' &&
            !placements['three'] &&
            placements['two'] === 'end/d0' &&
            fleet.joint.length > 4,
        ),
      'the safe decision of two',
    )
    await until(
      () => Object.keys(closedBy('scripted').at(-1)?.placements ?? {}).length === 2,
      'rounds of two',
    )
    const again = await joinFleet('three')
    await until(
      () => again.decisions.some(({ session }) => session === one.last?.session),
      'a decision',
    )
    await until(
      () => Object.keys(closedBy('scripted').at(-1)?.placements ?? {}).length === 3,
      'rounds of three again',
    )
    expect(two.decisions.length).toBeGreaterThan(0)
  })

  it('overtakes a round whose tier dies, and offers the tier again when it is back', async () => {
    const offload: Choose = (run) => (state) =>
      all(run, state.available[0]?.[3] ? 'edge/d0' : 'end/d4')
    await orchestrate({ scripted: offload })
    const edge = await joinFleet('edge', 'edge')
    const [one, two] = [await joinFleet('one'), await joinFleet('two')]
    await until(() => placementOf(one) === 'edge/d0', 'offloading')
    two.answer = ({ placement }) => (placement.tier === 'edge' ? undefined : {})
    one.answer = two.answer
    await until(() => placementOf(two) === 'edge/d0', 'an open round at the edge')
    edge.kill()
    await until(() => placementOf(two) === 'end/d4', 'the devices by themselves')
    await joinFleet('edge', 'edge')
    await until(() => placementOf(two) === 'edge/d0', 'the edge again')
  })
})

describe('devices that are waited for', () => {
  it('starts with fewer devices than expected when the grace time is over', async () => {
    await orchestrate({ scripted: always('end/d4') }, { expectedDevices: 9, graceMs: 100 })
    const one = await joinFleet('one')
    await until(() => placementOf(one) === 'end/d4', 'the agent')
  })

  it('takes a node for dead that says nothing, and back when it speaks', async () => {
    const orchestrator = await orchestrate(
      { scripted: always('end/d4') },
      { expectedDevices: 1, staleAfterMs: 300 },
    )
    const one = await joinFleet('one')
    await until(() => orchestrator.devices.length === 1, 'the device')
    await until(() => orchestrator.devices.length === 0, 'its absence')
    await one.say(telemetryOf('one', 'end'))
    await until(() => orchestrator.devices.length === 1, 'its return')
  })
})

describe('the goal', () => {
  it('changes while running: what breaks the new goal is taken back at once', async () => {
    const frugal: Choose = (run) => (state) =>
      all(run, state.goalPercent > 72.8 ? 'end/d4' : 'end/d7')
    const orchestrator = await orchestrate({ scripted: frugal }, { goalPercent: 70 })
    const [one, two] = [await joinFleet('one'), await joinFleet('two')]
    await until(() => placementOf(one) === 'end/d7', 'the cheap decision')
    for (const node of [one, two]) node.answer = () => undefined
    await until(() => placementOf(one) === 'end/d7', 'an open round')
    await fleet.user.publish('goal', { accuracyPercent: 85 })
    await until(() => placementOf(one) === 'end/d4', 'a decision for the new goal')
    for (const node of [one, two]) node.answer = () => ({})
    for (const node of [one, two]) if (node.last) node.observe(node.last)
    const closed = () => closedBy('scripted').filter(({ goalPercent }) => goalPercent === 85)
    await until(() => closed().length >= 2, 'rounds under the new goal')
    expect(closed().every(({ violated }) => !violated)).toBe(true)
    expect(
      fleet.joint.filter(({ goalPercent, accuracyPercent }) => accuracyPercent < goalPercent),
    ).toEqual([])
    expect(orchestrator.counts.goalViolations).toBe(0)
  })

  it('is refused when no device could keep it', async () => {
    const orchestrator = await orchestrate({ scripted: always('end/d4') })
    await fleet.user.publish('goal', { accuracyPercent: 95 })
    await fleet.user.publish('goal', { accuracyPercent: 88 })
    await until(() => orchestrator.inForce.goalPercent === 88, 'the goal that can be kept')
    await expect(orchestrate({}, { goalPercent: 90 })).rejects.toThrow(/90 % cannot be met.*89\.9/)
    await expect(orchestrate({}, { choices: [] })).rejects.toThrow(/no choice is available/)
  })

  it('switches the agent, and the one before it goes on where it was paused', async () => {
    await orchestrate({ scripted: always('end/d4'), other: always('end/d0') })
    await joinFleet('one')
    await joinFleet('two')
    await until(() => closedBy('scripted').length >= 3, 'the first agent')
    await fleet.user.publish('goal', { accuracyPercent: 85, agent: 'other' })
    await until(() => closedBy('other').length >= 2, 'the second agent')
    const first = fleet.agents.get('scripted')
    const steps = first?.seen.length ?? 0
    await fleet.user.publish('goal', { accuracyPercent: 85, agent: 'scripted' })
    await until(() => (first?.seen.length ?? 0) > steps + 1, 'the first agent again')
    expect(fleet.agents.get('scripted')).toBe(first)
  })

  it('goes back to the agent before it when one cannot be made or breaks the goal', async () => {
    const orchestrator = await orchestrate({
      scripted: always('end/d4'),
      reckless: always('end/d7'),
      broken: () => () => [0.5],
    })
    await joinFleet('one')
    await joinFleet('two')
    await until(() => closedBy('scripted').length >= 1, 'the first agent')
    for (const agent of ['unknown', 'reckless', 'broken']) {
      await fleet.user.publish('goal', { accuracyPercent: 85, agent })
      await until(() => fleet.asked.includes(agent), agent)
      await until(() => orchestrator.inForce.agent === 'scripted', 'the first agent again')
    }
    const rounds = closedBy('scripted').length
    await until(() => closedBy('scripted').length > rounds + 1, 'more rounds')
    const published = fleet.joint.flatMap(({ placements }) => Object.values(placements))
    expect(new Set(published)).toEqual(new Set(['end/d0', 'end/d4']))
    expect(fleet.joint.filter(({ accuracyPercent }) => accuracyPercent < 85)).toEqual([])
  })
})

describe('robustness', () => {
  it('goes on through garbage on every topic', async () => {
    const orchestrator = await orchestrate({ scripted: always('end/d4') })
    const [one] = [await joinFleet('one'), await joinFleet('two')]
    await until(() => orchestrator.counts.closedRounds >= 1, 'a round')
    const attacker = await mqtt.connectAsync(fleet.url, { clientId: `${fleet.prefix}-attacker` })
    const random = new Random(5)
    const samples = [
      '',
      '{',
      'null',
      '[]',
      JSON.stringify({ ...one.last, round: -1 }),
      '{"alive":true}',
    ]
    for (let count = 0; count < 300; count++) {
      for (const topic of ['telemetry/one', 'telemetry/x', 'observation/one', 'goal', 'decision']) {
        const sample = samples[random.integer(samples.length)] ?? ''
        attacker.publish(`${fleet.prefix}/${topic}`, sample)
      }
    }
    await attacker.publishAsync(`${fleet.prefix}/goal`, '{', { qos: 1 })
    await attacker.endAsync()
    const rounds = orchestrator.counts.closedRounds
    await until(() => orchestrator.counts.closedRounds > rounds + 3, 'more rounds')
    expect(fleet.control.droppedMessages).toBeGreaterThan(500)
    expect(orchestrator.devices).toEqual(['one', 'two'])
  })

  it('continues from its state folder: the agent, and the goal that was in force', async () => {
    const stateFolder = await mkdtemp(join(tmpdir(), 'tierwise-'))
    const first = await orchestrate({ scripted: always('end/d4') }, { stateFolder })
    await joinFleet('one')
    await joinFleet('two')
    await fleet.user.publish('goal', { accuracyPercent: 88 })
    await until(() => closedBy('scripted').length >= 5, 'rounds')
    await first.stop()
    const known = fleet.agents.get('scripted')?.seen.length ?? 0
    expect(known).toBeGreaterThanOrEqual(5)
    await fleet.user.publish('goal', { accuracyPercent: 88 })
    const second = await orchestrate({ scripted: always('end/d4') }, { stateFolder })
    await until(() => (fleet.agents.get('scripted')?.seen.length ?? 0) > known, 'more steps')
    expect(second.session).toBe(first.session)
    expect(second.inForce.goalPercent).toBe(88)
    expect(fleet.agents.get('scripted')?.seen.length).toBeGreaterThanOrEqual(known + 1)
    await second.stop()
    await rm(stateFolder, { recursive: true })
  })
})

/** A fleet whose devices may take different choices. */
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { accuraciesOf, meetsGoal } from '../fleet/goal.ts'
import type { Decision, State } from '../learning/environment/environment.ts'
import type { AgentRun } from './agent-messages.ts'
import { choices, MovingAgent, placementOf, telemetryOf, until } from './fake-fleet.fixture.ts'
import { always, type Choose, useFleet } from './orchestrated-fleet.fixture.ts'

const fleet = useFleet()
const { orchestrate, orchestrateWith, joinFleet, closedBy } = fleet
const D7 = [{ name: 'd7' }]

/** Index of a choice: end/d0, end/d4, end/d7, edge/d0, cloud/d0. */
const [OWN_D4, OWN_D7, EDGE, CLOUD] = [1, 2, 3, 4]

/** Each device by its own rule. */
const each =
  (...choose: ((open: readonly boolean[]) => number)[]): Choose =>
  () =>
  ({ available }) =>
    choose.map((one, device) => one(available[device] ?? []))

/** A logger, and what it was told. */
function recorder() {
  const lines: string[] = []
  const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line).msg) })
  return { logger, lines }
}

describe('a device that holds no variants', () => {
  it('takes part as a client of edge and cloud', async () => {
    const orchestrator = await orchestrate({
      scripted: each(
        () => OWN_D4,
        (open) => (open[EDGE] ? EDGE : CLOUD),
      ),
    })
    const client = await joinFleet('two', 'end', { variants: [] })
    const one = await joinFleet('one')
    await until(() => placementOf(one) === 'end/d0', 'the safe decision of one')
    expect(orchestrator.devices).toEqual(['one'])
    const edge = await joinFleet('edge', 'edge')
    await until(() => orchestrator.devices.length === 2, 'both')
    await until(() => placementOf(client) === 'edge/d0', 'its safe decision')
    await until(() => closedBy('scripted').length >= 2, 'rounds of both')
    expect(closedBy('scripted').at(-1)?.placements).toEqual({ one: 'end/d4', two: 'edge/d0' })
    await joinFleet('sky', 'cloud')
    await until(() => orchestrator.devices.length === 2, 'both, still')
    edge.kill()
    await until(() => placementOf(client) === 'cloud/d0', 'the cloud in the edge’s place')
    expect(one.decisions.every(({ placement }) => placement.tier === 'end')).toBe(true)
    expect(orchestrator.counts.goalViolations).toBe(0)
  })
})

describe('one of two edges', () => {
  it('takes from its own devices alone what it served', async () => {
    const seen: (readonly (boolean | undefined)[])[] = []
    const offload: Choose =
      () =>
      ({ available }) => {
        seen.push(available.map((open) => open[EDGE]))
        return available.map((open) => (open[EDGE] ? EDGE : OWN_D4))
      }
    await orchestrate({ scripted: offload })
    const east = await joinFleet('east', 'edge')
    await joinFleet('west', 'edge')
    const at = (edge: string) => ({ reaches: { edge, cloud: true } })
    const [one, two] = [
      await joinFleet('one', 'end', at('east')),
      await joinFleet('two', 'end', at('west')),
    ]
    await until(() => placementOf(one) === 'edge/d0' && placementOf(two) === 'edge/d0', 'both')
    east.kill()
    await until(() => placementOf(one) === 'end/d4', 'the first by itself')
    await until(() => seen.at(-1)?.[0] === false, 'the state that tells so')
    expect(seen.at(-1)).toEqual([false, true])
    expect(placementOf(two)).toBe('edge/d0')
    await joinFleet('east', 'edge')
    await until(() => placementOf(one) === 'edge/d0', 'its edge again')
  })
})

describe('warm-up times', () => {
  it('end in the problem, and other ones in that of the agent that goes on', async () => {
    const runs: AgentRun[] = []
    const made: MovingAgent[] = []
    await orchestrateWith(
      (run) => {
        runs.push(run)
        const agent = new MovingAgent(({ available }) => available.map(() => OWN_D7))
        made.push(agent)
        return agent
      },
      { goalPercent: 0 },
    )
    const telling = (serviceTimeMs: number) => ({ variants: [{ name: 'd7', serviceTimeMs }] })
    const one = await joinFleet('one', 'end', telling(20))
    await joinFleet('two', 'end', { variants: D7 })
    await until(() => closedBy('scripted').length >= 2, 'rounds')
    const timesOfOne = (timeMs: number) => [undefined, undefined, timeMs, undefined, undefined]
    const untold = choices.map(() => undefined)
    expect(runs[0]?.problem.localTimesMs).toEqual([timesOfOne(20), untold])
    expect(runs[0]?.problem.edgeOf).toEqual([0, 0])
    await one.say({ ...telemetryOf('one', 'end'), ...telling(50) })
    await until(() => made[0]?.moves.length === 1, 'the new time')
    expect(made[0]?.moves[0]?.localTimesMs).toEqual([timesOfOne(50), untold])
    const steps = made[0]?.seen.length ?? 0
    await until(() => (made[0]?.seen.length ?? 0) > steps, 'the same agent going on')
    expect(made).toHaveLength(1)
  })
})

describe('the goal', () => {
  it('is checked against what the devices can reach', async () => {
    const { logger, lines } = recorder()
    const orchestrator = await orchestrate({ scripted: always('end/d7') }, { logger })
    await joinFleet('one', 'end', { variants: D7 })
    await joinFleet('two', 'end', { variants: D7 })
    const unreachable =
      'a goal of 85 % cannot be met: the best reachable average accuracy is 72.8 %'
    await until(() => lines.includes(unreachable), 'the warning')
    await fleet.user.publish('goal', { accuracyPercent: 80 })
    await fleet.user.publish('goal', { accuracyPercent: 72 })
    await until(() => orchestrator.inForce.goalPercent === 72, 'the goal that can be met')
    expect(lines.filter((line) => line.startsWith('refused a goal'))).toHaveLength(1)
    await joinFleet('edge', 'edge')
    await fleet.user.publish('goal', { accuracyPercent: 89 })
    await until(() => orchestrator.inForce.goalPercent === 89, 'a goal that the edge can meet')
  })

  it('is told to be at risk where fallbacks are poor, and what they cost is paid back', async () => {
    const { logger, lines } = recorder()
    /** The first by itself, with d4 if that meets the goal it is held to; the second at the edge. */
    const frugal = ({ goalPercent }: State): Decision => {
      const d4 = [OWN_D4, EDGE]
      return meetsGoal(accuraciesOf(d4, choices), goalPercent) ? d4 : [0, EDGE]
    }
    await orchestrate({ scripted: () => frugal }, { goalPercent: 89, logger })
    await joinFleet('edge', 'edge')
    const one = await joinFleet('one')
    const two = await joinFleet('two', 'end', { variants: D7 })
    await until(() => placementOf(one) === 'end/d4' && closedBy('scripted').length >= 2, 'rounds')
    expect(two.last?.fallbackAccuracyPercent).toBe(72.8)
    const risk = fleet.joint.at(-1)?.fallbackRisk
    expect(risk).toMatch(/goal of 89 % breaks if requests of two fall back/)
    expect(lines.filter((line) => line === risk).length).toBeGreaterThanOrEqual(1)
    expect(fleet.joint.at(-1)?.raisedGoalPercent).toBeUndefined()
    // As often as it takes: what was served better before, in the same window, counts as well.
    let fallsBack = true
    two.answer = () =>
      fallsBack ? { served: { tier: 'end', variant: 'd7' }, accuracyPercent: 72.8 } : {}
    await until(() => fleet.joint.some(({ closed }) => closed?.violated), 'the broken round')
    await until(() => fleet.joint.at(-1)?.raisedGoalPercent === 89.9, 'a raised goal')
    fallsBack = false
    await until(() => placementOf(one) === 'end/d0', 'more accurate decisions')
    await until(() => placementOf(one) === 'end/d4', 'the debt to be paid')
    expect(fleet.joint.at(-1)?.raisedGoalPercent).toBeUndefined()
    expect(fleet.joint.at(-1)?.served?.accuracyPercent).toBeGreaterThanOrEqual(89 - 1e-6)
  })
})

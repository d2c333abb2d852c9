import { expect, it } from 'vitest'
import { formatPlacement } from '../fleet/placement.ts'
import { createAgent } from '../learning/agents/create.ts'
import { placementOf, telemetryOf, until } from './fake-fleet.fixture.ts'
import { useFleet } from './orchestrated-fleet.fixture.ts'

const fleet = useFleet()

it('gives the one device with a floor nothing below it, from the start and when the floor comes later', async () => {
  // Mostly to d7 of 72.8 %: what a goal of 70 % and the least time ask for.
  const orchestrator = await fleet.orchestrateWith(
    (run) => createAgent('factored', run.problem, { seed: 1, feedback: 'per-device' }),
    { agent: 'factored', goalPercent: 70 },
  )
  const one = await fleet.joinFleet('one', 'end', { floorPercent: 88.9 })
  const two = await fleet.joinFleet('two')
  for (const node of [one, two]) {
    node.answer = ({ placement }) => ({ responseTimeMs: placement.variant === 'd7' ? 4 : 40 })
  }
  const isFast = () => placementOf(two) === 'end/d7'
  await until(() => isFast() && fleet.closedBy('factored').length > 20, 'the other learns d7')
  const ofOne = new Set(one.decisions.map(({ placement }) => placement.variant))
  expect([...ofOne].filter((variant) => variant === 'd7')).toEqual([])
  await two.say({ ...telemetryOf('two', 'end'), floorPercent: 89.9 })
  await until(() => placementOf(two) === 'end/d0', 'the other has a floor, too')
  const { length } = two.decisions
  await until(() => two.decisions.length > length + 10, 'more decisions')
  expect(
    two.decisions.slice(length).map(({ placement }) => formatPlacement(placement)),
  ).not.toContain('end/d7')
  expect(orchestrator.counts.goalViolations).toBe(0)
})

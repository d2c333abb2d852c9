/** A goal that one device has for its own requests, in a fleet whose goal is far below it. */
import { expect, it } from 'vitest'
import { formatPlacement } from '../fleet/placement.ts'
import { createAgent } from '../learning/agents/create.ts'
import { choices, type FakeNode, placementOf, telemetryOf, until } from './fake-fleet.fixture.ts'
import { useFleet } from './orchestrated-fleet.fixture.ts'

const fleet = useFleet()

/** The fast variant is the least accurate. */
const quickest = (node: FakeNode) => {
  node.answer = ({ placement }) => ({ responseTimeMs: placement.variant === 'd7' ? 4 : 40 })
}
const orchestrate = () =>
  fleet.orchestrateWith(
    (run) => createAgent('factored', run.problem, { seed: 1, feedback: 'per-device' }),
    { agent: 'factored', goalPercent: 70 },
  )
/** Accuracy of what one device was told, decision by decision. */
const toldPercent = ({ decisions }: FakeNode) =>
  decisions.map(({ placement }) => {
    const text = formatPlacement(placement)
    return (
      choices.find((choice) => formatPlacement(choice.placement) === text)?.accuracyPercent ?? 0
    )
  })

it('is kept from the start, when it comes later, and shown', async () => {
  const orchestrator = await orchestrate()
  const one = await fleet.joinFleet('one', 'end', { goalPercent: 88 })
  const two = await fleet.joinFleet('two')
  quickest(one)
  quickest(two)
  await until(() => placementOf(two) === 'end/d7', 'the other learns d7', 20_000)
  await until(() => fleet.closedBy('factored').length > 20, 'twenty rounds')
  expect(Math.min(...toldPercent(one))).toBeGreaterThanOrEqual(88)
  expect(orchestrator.deviceGoals['one']?.served?.accuracyPercent).toBeGreaterThanOrEqual(88)
  await until(() => fleet.joint.at(-1)?.deviceGoals?.['one']?.served !== undefined, 'it is told')
  expect(Object.keys(fleet.joint.at(-1)?.deviceGoals ?? {})).toEqual(['one'])
  await two.say({ ...telemetryOf('two', 'end'), goalPercent: 88.9 })
  await until(() => placementOf(two) !== 'end/d7', 'the other has a goal, too')
  const { length } = two.decisions
  await until(() => two.decisions.length > length + 10, 'more decisions')
  expect(Math.min(...toldPercent(two).slice(length))).toBeGreaterThanOrEqual(88.9)
})

it('is kept over the window although requests fall back: what follows pays for them', async () => {
  const orchestrator = await orchestrate()
  const one = await fleet.joinFleet('one', 'end', { goalPercent: 88 })
  quickest(await fleet.joinFleet('two'))
  let served = 0
  // Of its first requests a third is served by d7, whatever is decided.
  one.answer = () => {
    served += 1
    return served <= 15 && served % 3 === 0
      ? { served: { tier: 'end', variant: 'd7' }, accuracyPercent: 72.8 }
      : {}
  }
  await until(() => served >= 15, 'it falls back')
  const kept = () => orchestrator.deviceGoals['one']?.served?.accuracyPercent ?? 0
  await until(() => kept() >= 88, 'the debt is paid back', 25_000)
  // 5 × 15.2 are owed, and d4 has but 0.9 to give: d0 paid, and was asked for.
  expect(toldPercent(one)).toContain(89.9)
})

it('that nothing reaches gets the most accurate there is, and is named', async () => {
  const orchestrator = await orchestrate()
  const one = await fleet.joinFleet('one', 'end', { goalPercent: 99 })
  quickest(one)
  quickest(await fleet.joinFleet('two'))
  await until(() => fleet.closedBy('factored').length > 10, 'ten rounds')
  expect(new Set(toldPercent(one))).toEqual(new Set([89.9]))
  expect(orchestrator.deviceGoals['one']).toMatchObject({ goalPercent: 99, reachablePercent: 89.9 })
})

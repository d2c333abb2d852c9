import { expect, it } from 'vitest'
import { createAgent } from '../learning/agents/create.ts'
import { placementOf, until } from './fake-fleet.fixture.ts'
import { useFleet } from './orchestrated-fleet.fixture.ts'

const fleet = useFleet()

it('keeps the goal by what labels have shown: a fast variant that is wrong is left for a slow one that is right', async () => {
  const overrides = { 'accuracies.confidence': 0.95, 'accuracies.measuredOn': 200 }
  await fleet.orchestrateWith((run) => createAgent(run.spec, run.problem, { seed: 1, overrides }), {
    agent: 'factored',
    goalPercent: 70,
    expectedDevices: 1,
  })
  const node = await fleet.joinFleet('one', 'end', {
    variants: [{ name: 'd0' }, { name: 'd4' }],
    reaches: { cloud: false },
  })
  /** Whether answers of the fast variant are right. */
  let isRight = true
  let labels = 0
  node.answer = ({ session, round, device, placement }) => {
    const isFast = placement.variant === 'd4'
    const correct = !isFast || isRight
    void fleet.user.publish('label', { device, session, round, correct })
    labels += 1
    return { responseTimeMs: isFast ? 10 : 60 }
  }
  await until(() => labels > 60 && placementOf(node) === 'end/d4', 'the fast variant serves')
  isRight = false
  await until(
    () => node.decisions.slice(-20).every(({ placement }) => placement.variant === 'd0'),
    'the fast variant is given up',
    20_000,
  )
  const { measured } = fleet.joint.at(-1) ?? {}
  expect(measured?.labelled).toBeGreaterThan(60)
  expect(measured?.right).toBeLessThan(measured?.labelled ?? 0)
})

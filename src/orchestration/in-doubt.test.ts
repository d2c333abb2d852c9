import { expect, it } from 'vitest'
import type { DeviceDecision } from '../control/messages.ts'
import { formatChoice } from '../fleet/choice.ts'
import { createAgent } from '../learning/agents/create.ts'
import { choices, type FakeNode, telemetryOf, until } from './fake-fleet.fixture.ts'
import { useFleet } from './orchestrated-fleet.fixture.ts'

const fleet = useFleet()
const escalation = { to: { tier: 'edge', variant: 'd0' }, margin: 0.51, share: 0.2 } as const
const cascade = {
  placement: { tier: 'end', variant: 'd7' },
  accuracyPercent: 89,
  escalation,
} as const
const CASCADE = 'end/d7>edge/d0@0.51'

const told = ({ last }: FakeNode) => last && formatChoice(last)

/** An escalating device judges every answer. */
function judges(node: FakeNode): void {
  node.answer = (decision: DeviceDecision) =>
    decision.escalation && { escalation: { escalated: false, margin: 0.9, firstMs: 8 } }
}

it('closes what escalates to the one device that doubts its accuracy, and opens it again', async () => {
  await fleet.orchestrateWith((run) => createAgent(run.spec, run.problem, { seed: 1 }), {
    agent: `fixed:${CASCADE}`,
    choices: [...choices, cascade],
  })
  await fleet.joinFleet('edge', 'edge')
  const [one, two] = [await fleet.joinFleet('one'), await fleet.joinFleet('two')]
  judges(one)
  judges(two)
  await until(() => told(one) === CASCADE && told(two) === CASCADE, 'both escalate')
  const seen = { judged: 90, plannedPercent: 20, seenPercent: 61, audited: 0, agreed: 0 }
  const inService = { ...seen, labelled: 0, right: 0 }
  await one.say({ ...telemetryOf('one', 'end'), inService: { ...inService, inDoubt: 'turned' } })
  await until(() => told(one) === 'end/d0', 'the one in doubt plays safe')
  one.answer = () => ({})
  await until(
    () => fleet.closedBy(`fixed:${CASCADE}`).at(-1)?.placements['one'] === 'end/d0',
    'a round',
  )
  expect(told(two)).toBe(CASCADE)
  judges(one)
  await one.say({ ...telemetryOf('one', 'end'), inService })
  await until(() => told(one) === CASCADE, 'it escalates again')
  expect(two.decisions.every((decision) => decision.placement.tier === 'end')).toBe(true)
})

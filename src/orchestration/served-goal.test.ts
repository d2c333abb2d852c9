/** The goal over the requests that are served: a fleet of which one device asks. */
import { expect, it } from 'vitest'
import { createAgent } from '../learning/agents/create.ts'
import { choices, until } from './fake-fleet.fixture.ts'
import { useFleet } from './orchestrated-fleet.fixture.ts'

const fleet = useFleet()
const TIME_MS = { d0: 50, d4: 30, d7: 10 } as const

it('holds where three devices are alive but ask nothing', async () => {
  const local = choices.filter(({ placement }) => placement.tier === 'end')
  const orchestrator = await fleet.orchestrateWith(
    (run) => createAgent('factored', run.problem, { seed: 1 }),
    { agent: 'factored', choices: local, expectedDevices: 4 },
  )
  const served: number[] = []
  const busy = await fleet.joinFleet('busy')
  busy.answer = ({ placement: { variant } }) => {
    const choice = local.find(({ placement }) => placement.variant === variant)
    served.push(choice?.accuracyPercent ?? 0)
    return { responseTimeMs: TIME_MS[variant as keyof typeof TIME_MS] }
  }
  for (const name of ['idle-1', 'idle-2', 'idle-3']) {
    const idle = await fleet.joinFleet(name)
    idle.answer = () => undefined
  }
  await until(() => served.length >= 150, '150 requests', 25_000)
  const mean = served.reduce((sum, percent) => sum + percent, 0) / served.length
  expect(mean).toBeGreaterThanOrEqual(85)
  expect(orchestrator.served?.accuracyPercent).toBeGreaterThanOrEqual(85)
  expect(orchestrator.served?.requests).toBeGreaterThan(100)
  expect(fleet.joint.at(-1)?.served?.windowSeconds).toBe(60)
})

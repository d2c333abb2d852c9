import { systemClock } from '../clock.ts'
import { startBroker } from '../control/broker.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { describeEnvironment } from '../learning/environment/environment.conformance.ts'
import { DecisionBoard } from './decision-board.ts'
import { choices, FakeNode, silentLogger, until } from './fake-fleet.fixture.ts'
import { GoalGovernor } from './goal-governor.ts'
import { LiveEnvironment } from './live-environment.ts'
import { LiveNodes } from './live-nodes.ts'

describeEnvironment('the live fleet', async () => {
  const logger = silentLogger
  const broker = await startBroker({ port: 0, host: '127.0.0.1', logger })
  const control = await connectControlPlane({ url: broker.url, clientId: 'cloud', logger })
  const clock = systemClock
  const live = new LiveNodes({ choices, staleAfterMs: 60_000, clock, logger })
  const governor = new GoalGovernor(systemClock)
  const board = new DecisionBoard({
    standing: { session: 's', epoch: 1, firstRound: 0 },
    control,
    roundTimeoutMs: 1000,
    clock,
    logger,
    governor,
  })
  await control.subscribe('telemetry', (telemetry) => live.hear(telemetry))
  await control.subscribe('observation', (report) => board.hear(report))
  const join = (name: string, tier: 'end' | 'edge' | 'cloud', holding = ['d0', 'd4', 'd7']) =>
    FakeNode.join(broker.url, 'tierwise', name, tier, {
      variants: holding.map((variant) => ({ name: variant })),
    })
  const nodes = [
    await join('one', 'end'),
    await join('two', 'end', ['d4']),
    await join('three', 'end', []),
  ]
  const [edge, cloud] = [await join('edge', 'edge'), await join('cloud', 'cloud')]
  await until(() => live.devices.length === 3 && live.isUp('cloud'), 'the fleet')
  const environment = new LiveEnvironment({
    nodes: live,
    board,
    choices,
    devices: live.devices,
    governor,
    goalPercent: 0,
    clock,
  })
  return {
    environment,
    deterministic: false,
    async loseTier() {
      edge.kill()
      await until(() => !live.isUp('edge'), 'the last will')
      return environment.reset(0)
    },
    async close() {
      for (const node of [...nodes, edge, cloud]) node.kill()
      await control.close()
      await broker.close()
    },
  }
})

/** The cloud node: a node of tier cloud that also holds the broker, the Intelligent Orchestrator and the live page. */
import fastifyStatic from '@fastify/static'
import type { Logger } from 'pino'
import { systemClock } from '../clock.ts'
import { type Broker, startBroker } from '../control/broker.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { NotFoundError } from '../errors.ts'
import { choicesOf } from '../fleet/choice.ts'
import { startNode } from '../node/node.ts'
import type { RunningNode } from '../node/node-options.ts'
import { startOrchestrator } from '../orchestration/orchestrator.ts'
import type { Orchestrator } from '../orchestration/orchestrator-options.ts'
import { packageFile } from '../package-files.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { checkOrchestration, readProfile } from './check-orchestration.ts'
import { nodeOptions } from './node-options.ts'
import type { NodeSettings } from './node-settings.ts'

const PAGE = packageFile('dist/dashboard/')
/** Where the page finds the embedded broker by WebSocket. */
const MQTT_PATH = '/mqtt'

/** @param catalogueFile path of the catalogue */
export async function startCloudNode(
  settings: NodeSettings,
  catalogueFile: string,
  catalogue: Catalogue,
  logger: Logger,
): Promise<RunningNode> {
  const profile = settings.profile === undefined ? undefined : await readProfile(settings.profile)
  const choices = choicesOf(catalogue.variants)
  checkOrchestration({ ...settings, profile }, choices)
  const broker =
    settings.broker === undefined
      ? await startBroker({ port: settings.brokerPort, host: settings.host, logger })
      : undefined
  const url = broker?.url ?? settings.broker ?? ''
  let orchestrator: Orchestrator | undefined
  const node = await startNode({
    ...nodeOptions({ ...settings, broker: url }, catalogueFile, logger),
    extend: async (app) => {
      await app.register(fastifyStatic, { root: PAGE, wildcard: false })
      app.get<{ Params: { device: string } }>('/v2/tierwise/decision/:device', ({ params }) => {
        const decision = orchestrator?.currentDecision(params.device)
        const explanation = orchestrator?.explanation
        if (decision) return { ...decision, ...(explanation && { explanation }) }
        throw new NotFoundError(
          `there is no decision for "${params.device}" yet: the fleet has no such live device`,
        )
      })
    },
  })
  broker?.attachWebSocket(node.app.server, MQTT_PATH)
  const control = await connectControlPlane({
    url,
    clientId: `${settings.name}-orchestrator`,
    logger,
  })
  orchestrator = await startOrchestrator({
    control,
    choices,
    goalPercent: settings.goal,
    agent: settings.agent,
    seed: settings.seed,
    expectedDevices: settings.devices,
    roundTimeoutMs: 2 * settings.requestTimeoutMs,
    clock: systemClock,
    logger,
    ...(settings.checkpoint !== undefined && { checkpointFile: settings.checkpoint }),
    ...(profile && { profile }),
    ...agentOptions(settings),
  })
  return withOrchestrator(node, orchestrator, control, broker)
}

function agentOptions({ shadow, exploration, revert }: NodeSettings) {
  const { to, whenSlowerPercent, rounds } = revert
  const { budgetPercent } = exploration
  return {
    revert: { to, rounds, ...(whenSlowerPercent !== false && { whenSlowerPercent }) },
    ...(budgetPercent !== undefined && { explorationBudget: budgetPercent / 100 }),
    ...(shadow !== undefined && { shadow }),
  }
}

function withOrchestrator(
  node: RunningNode,
  orchestrator: Orchestrator,
  control: ControlPlane,
  broker: Broker | undefined,
): RunningNode {
  return {
    url: node.url,
    app: node.app,
    ready: node.ready,
    close: async () => {
      await orchestrator.stop()
      await control.close()
      await node.close()
      await broker?.close()
    },
  }
}

/** The cloud node: a node of tier cloud that also holds the broker, the Intelligent Orchestrator and the live page. */
import fastifyStatic from '@fastify/static'
import type { Logger } from 'pino'
import { systemClock } from '../clock.ts'
import { startBroker } from '../control/broker.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { NotFoundError } from '../errors.ts'
import { choicesOf } from '../fleet/choice.ts'
import { measuredAccuracy } from '../node/labelled-answers.ts'
import { gaugeText } from '../node/metrics.ts'
import { startNode } from '../node/node.ts'
import type { NodeOptions, RunningNode } from '../node/node-options.ts'
import { agentProblem } from '../orchestration/check-orchestration.ts'
import type { Served } from '../orchestration/goal-governor.ts'
import { startOrchestrator } from '../orchestration/orchestrator.ts'
import type { Orchestrator } from '../orchestration/orchestrator-options.ts'
import { packageFile } from '../package-files.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { orchestrationOf } from './orchestration.ts'
import { type NodeSettings, servingPart } from './settings/node.ts'
import { stateFolder } from './state-folder.ts'

const PAGE = packageFile('dist/dashboard/')
/** Where the page finds the embedded broker by WebSocket. */
const MQTT_PATH = '/mqtt'

/** Settings in the form that `startNode` takes. @param catalogue path of the catalogue file */
export function nodeOptions(
  settings: NodeSettings,
  catalogue: string,
  logger: Logger,
): NodeOptions {
  const { name, edge, cloud } = settings
  return {
    ...servingPart(settings),
    name,
    catalogue,
    logger,
    ...(edge !== undefined && { edgeUrl: edge }),
    ...(cloud !== undefined && { cloudUrl: cloud }),
  }
}

/** @param catalogueFile path of the catalogue */
export async function startCloudNode(
  settings: NodeSettings,
  catalogueFile: string,
  catalogue: Catalogue,
  logger: Logger,
): Promise<RunningNode> {
  const orchestration = await orchestrationOf(
    settings,
    choicesOf(catalogue.variants, catalogue.cascades),
  )
  const broker =
    settings.broker === undefined
      ? await startBroker({ port: settings.brokerPort, host: settings.host, logger })
      : undefined
  const url = broker?.url ?? settings.broker ?? ''
  let orchestrator: Orchestrator | undefined
  const node = await startNode({
    ...nodeOptions({ ...settings, broker: url }, catalogueFile, logger),
    moreMetrics: () => servedText(orchestrator?.served),
    extend: async (app) => {
      await app.register(fastifyStatic, { root: PAGE, wildcard: false })
      app.get('/v2/tierwise/accuracy', () => {
        const { labelled = 0, right = 0, devices = {} } = orchestrator?.accuracy ?? {}
        return { measured: measuredAccuracy(labelled, right), devices }
      })
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
  const clientId = `${settings.name}-orchestrator`
  const control = await connectControlPlane({ url, clientId, logger })
  const state = stateFolder(settings)
  const started = await startOrchestrator({
    ...orchestration,
    control,
    roundTimeoutMs: 2 * settings.requestTimeoutMs,
    clock: systemClock,
    agentProblem: (agent, expectedDevices) =>
      agentProblem({ ...orchestration, agent, expectedDevices }),
    logger,
    ...(state !== undefined && { stateFolder: state }),
    ...(settings.checkpoint !== undefined && { checkpointFile: settings.checkpoint }),
  })
  orchestrator = started
  const { app, ready } = node
  const close = async () => {
    await started.stop()
    await control.close()
    await node.close()
    await broker?.close()
  }
  return { url: node.url, app, ready, close }
}

/** The fleet's average in Prometheus' format; nothing where nothing was answered in the window. */
function servedText(served: Served | undefined): string {
  if (served === undefined) return ''
  const { accuracyPercent, requests, windowSeconds } = served
  const window = `in the last ${windowSeconds} s, whole fleet.`
  return [
    gaugeText(
      'fleet_served_accuracy_percent',
      `Average over requests answered ${window}`,
      accuracyPercent,
    ),
    gaugeText('fleet_served_requests', `Requests answered ${window}`, requests),
  ].join('')
}

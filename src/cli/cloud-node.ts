/** The cloud node: a node of tier cloud that also holds the broker, the Intelligent Orchestrator and the live page. */
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { BrokerGuard } from '../access/broker-guard.ts'
import { clientTls, encryptedUrl, serverTls } from '../access/credentials.ts'
import { hostCheck } from '../access/hosts.ts'
import type { NodeAccess } from '../access/node-access.ts'
import { systemClock } from '../clock.ts'
import { type Broker, startBroker } from '../control/broker.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { DEFAULT_PREFIX } from '../control/topics.ts'
import { NotFoundError } from '../errors.ts'
import { measuredAccuracy } from '../node/labelled-answers.ts'
import { startNode } from '../node/node.ts'
import type { RunningNode } from '../node/node-options.ts'
import { agentProblem } from '../orchestration/check-orchestration.ts'
import type { Orchestrator } from '../orchestration/orchestrator-options.ts'
import { startOrchestrator } from '../orchestration/start-orchestrator.ts'
import { packageFile } from '../package-files.ts'
import { about } from '../protocol/openapi.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { testPictures } from '../serving/models/test-pictures.ts'
import { FleetRecord } from '../views/fleet-record.ts'
import { addViews, type ViewsOptions } from '../views/routes.ts'
import { cloudMetrics } from './cloud-metrics.ts'
import { type NodeParts, nodeOptions } from './node-parts.ts'
import { choicesFor, fleetChoices, orchestrationOf } from './orchestration.ts'
import type { NodeSettings } from './settings/node.ts'
import { stateFolder } from './state-folder.ts'

const PAGE = packageFile('dist/dashboard/')
/** Where the page finds the embedded broker by WebSocket. */
const MQTT_PATH = '/mqtt'
/** Starts the cloud node and what it holds. */
export async function startCloudNode(
  settings: NodeSettings,
  { file, catalogue, access, logger }: NodeParts & { readonly catalogue: Catalogue },
): Promise<RunningNode> {
  const orchestration = await orchestrationOf(
    settings,
    choicesFor(
      [settings.agent, settings.shadow],
      fleetChoices(catalogue, settings.remoteVariants),
      settings.devices,
    ),
  )
  const broker =
    settings.broker === undefined ? await ownBroker(settings, access, logger) : undefined
  const url = broker?.url ?? settings.broker ?? ''
  const control = await orchestratorsPlane(settings.name, url, access, logger)
  const record = new FleetRecord()
  const stopRecording = await record.follow(control)
  const shown = {
    ...{ record, control, mode: settings.mode },
    // Demonstrations have no authority; where there is one, labelled pictures may be private.
    ...(!access && { testPicture: testPictures(catalogue) }),
  }
  let orchestrator: Orchestrator | undefined
  const state = stateFolder(settings)
  const node = await startNode({
    ...nodeOptions(
      { ...settings, broker: url, ...(state !== undefined && { state }) },
      { file, access, logger },
    ),
    moreMetrics: (registry) => cloudMetrics(registry, () => ({ orchestrator, broker })),
    extend: (app) => extend(app, shown, () => orchestrator),
  })
  broker?.attachWebSocket(node.app.server, MQTT_PATH, hostCheck(namesOf(settings, access)))
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
  const stopTelling = access && tellRoster(access, control)
  const close = async () => {
    stopTelling?.()
    stopRecording()
    await started.stop()
    await control.close()
    await node.close()
    await broker?.close()
  }
  return { url: node.url, grpcAddress: node.grpcAddress, app, ready, close }
}

/** The page, what it asks for, and what only an orchestrator can answer. @param deciding undefined until there is one */
async function extend(
  app: FastifyInstance,
  shown: Omit<ViewsOptions, 'beliefs'>,
  deciding: () => Orchestrator | undefined,
): Promise<void> {
  await app.register(fastifyStatic, { root: PAGE, wildcard: false, preCompressed: true })
  addViews(app, {
    ...shown,
    beliefs: {
      alternatives: async (device) => deciding()?.reasons.of(device),
      bestFixed: async () => deciding()?.reasons.bestFixed(),
    },
  })
  app.get('/v2/tierwise/accuracy', about('How right the fleet’s answers are.'), () => {
    const { labelled = 0, right = 0, devices = {} } = deciding()?.accuracy ?? {}
    return { measured: measuredAccuracy(labelled, right), devices }
  })
  app.get<{ Params: { device: string } }>(
    '/v2/tierwise/decision/:device',
    about('What is decided for a device.'),
    ({ params }) => {
      const decision = deciding()?.currentDecision(params.device)
      const explanation = deciding()?.explanation
      if (decision) return { ...decision, ...(explanation && { explanation }) }
      throw new NotFoundError(
        `there is no decision for "${params.device}" yet: the fleet has no such live device`,
      )
    },
  )
}

function namesOf({ host, allowedHosts }: NodeSettings, access: NodeAccess | undefined): string[] {
  return [host, ...allowedHosts, ...(access?.credentials.addresses ?? [])]
}

function ownBroker(
  { brokerPort: port, host }: NodeSettings,
  access: NodeAccess | undefined,
  logger: Logger,
): Promise<Broker> {
  return startBroker({
    ...{ port, host, logger, limits: { prefix: DEFAULT_PREFIX } },
    ...(access && { tls: serverTls(access.credentials), door: new BrokerGuard(access.gate) }),
  })
}

function orchestratorsPlane(
  cloud: string,
  url: string,
  access: NodeAccess | undefined,
  logger: Logger,
): Promise<ControlPlane> {
  if (!access) return connectControlPlane({ url, clientId: `${cloud}-orchestrator`, logger })
  const { credentials } = access
  const { name = '', password = '' } = credentials.orchestrator ?? {}
  const tls = clientTls(credentials)
  return connectControlPlane({
    ...{ url: encryptedUrl(url), clientId: name, username: name, password, tls, logger },
  })
}

/** Nodes elsewhere hear from the cloud whom the fleet knows, now and whenever it changes. @returns a function that ends it */
function tellRoster({ roster }: NodeAccess, control: ControlPlane): () => void {
  const tell = () => void control.publish('roster', roster.newest)
  tell()
  return roster.onChange(tell)
}

/** One process of a tier (HL paper, Figure 1): its Intelligent Service and Resource Monitoring, reachable by others. */

import { callGuard } from '../access/call-guard.ts'
import { clientTls, mqttLogin, serverTls } from '../access/credentials.ts'
import { refuseExposure } from '../access/exposure.ts'
import { hostCheck } from '../access/hosts.ts'
import { guardRoutes } from '../access/route-guard.ts'
import { systemClock } from '../clock.ts'
import { Boundary } from '../control/boundary.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import type { MessageKind, MessageOf } from '../control/messages.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { type LiveTelemetry, type Telemetry, telemetry } from '../control/telemetry-message.ts'
import { ConfigError, messageOf, UnavailableError } from '../errors.ts'
import { NODE_HEADER } from '../monitoring/link-probe.ts'
import { packageVersion } from '../package-files.ts'
import {
  createGrpcServer,
  type GrpcServer,
  type GrpcServerOptions,
} from '../protocol/grpc/server.ts'
import { about } from '../protocol/openapi.ts'
import { createInferenceServer, type InferenceServer } from '../protocol/server.ts'
import { BytesInFlight, SERVER_BOUNDS } from '../protocol/server-bounds.ts'
import { IntelligentService } from '../serving/intelligent-service.ts'
import {
  type Catalogue,
  FASHION_CATALOGUE,
  heldPart,
  loadCatalogue,
} from '../serving/models/catalogue.ts'
import { silentLogger } from '../silent-logger.ts'
import { holdFolder, type Release } from '../storage/folder-lock.ts'
import type { Served } from './answer-headers.ts'
import { addDecisionRelay, DecisionClient } from './decision-route.ts'
import { createDeviceModel, type DeviceModel, type DeviceOptions } from './device-model.ts'
import { Drain } from './drain.ts'
import { startEmulatedLinks, type Upstream } from './emulated-links.ts'
import { ErrorAnswers } from './error-answers.ts'
import { LocalVariants } from './local-variants.ts'
import { type Measured, NodeMetrics } from './metrics.ts'
import { NodeHandler } from './node-handler.ts'
import {
  NODE_DEFAULTS,
  type NodeOptions,
  PICTURE_LIMIT_PIXELS,
  type RunningNode,
  type StartNodeOptions,
} from './node-options.ts'
import { NodeTelemetry, type TelemetryOptions } from './node-telemetry.ts'
import { ObservationSpool } from './observation-spool.ts'
import { Pictures } from './pictures.ts'
import { RequestTermsReader } from './request-terms.ts'
import { ToldService } from './told-service.ts'
import { variantsInMemory } from './variants-in-memory.ts'

/** Of the first connection to the broker; then the node goes on without, and keeps trying. */
const connectTimeoutMs = 1000
const defaultDrainTimeoutMs = 5000
const defaultAuditPercent = 2

/**
 * Starts a node. It listens at once (live) and is ready when its models are warm.
 * @throws ConfigError for a name, catalogue, address or port that cannot be used, for a state folder that another process uses, and
 *   for an address that lets other machines in without `access` or `insecure`
 */
export async function startNode(given: StartNodeOptions): Promise<RunningNode> {
  const options = { ...NODE_DEFAULTS, ...fallbacksOf(given), ...given }
  const { access, insecure = false } = options
  refuseExposure({ ...options, insecure, hasCredentials: access !== undefined })
  const goodbye = goodbyeOf(options)
  const catalogue = await loadCatalogue(options.catalogue, options)
  const variants = await variantsInMemory(options, catalogue)
  const release = await holdFolder(options.stateFolder, 'node', options.logger)
  const upstream = await startEmulatedLinks(options)
  let node: TierNode | undefined
  try {
    const fitting = { ...options, ...(variants && { variants }) }
    node = new TierNode(fitting, { catalogue, upstream, goodbye, release })
    await node.start()
    return node
  } catch (error) {
    await node?.close()
    await upstream.close()
    await release()
    throw error
  }
}

function fallbacksOf({ tier: name }: StartNodeOptions) {
  return { name, catalogue: FASHION_CATALOGUE, logger: silentLogger }
}

type Goodbye = Extract<Telemetry, { alive: false }>

function goodbyeOf({ name: node, tier }: NodeOptions): Goodbye {
  const goodbye = { alive: false, node, tier } as const
  if (telemetry.safeParse(goodbye).success) return goodbye
  throw new ConfigError(`"${node}" cannot name a node: use letters, digits, ".", "_" and "-"`)
}

/** What is there before the node is. */
interface Begun {
  readonly catalogue: Catalogue
  readonly upstream: Upstream
  /** What the broker says on the node's behalf, should it die. */
  readonly goodbye: Goodbye
  /** Of the state folder. */
  readonly release: Release
}

class TierNode implements RunningNode {
  url = ''
  ready: Promise<void> = Promise.resolve()
  private readonly options: NodeOptions
  private readonly begun: Begun
  private readonly service: IntelligentService
  private readonly local: LocalVariants
  private readonly device: DeviceModel | undefined
  private readonly handler: NodeHandler
  private readonly metrics: NodeMetrics
  private readonly errors: ErrorAnswers
  private readonly server: InferenceServer
  private readonly grpc: GrpcServer | undefined
  private readonly decisions: DecisionClient | undefined
  private readonly drain: Drain
  private readonly boundary: Boundary
  private control: ControlPlane | undefined
  private telemetry: NodeTelemetry | undefined
  private readonly toldService: ToldService
  /** Of a device that has a broker. */
  private spool: ObservationSpool | undefined
  private closing: Promise<void> | undefined

  constructor(options: NodeOptions, begun: Begun) {
    const { catalogue, upstream } = begun
    const { tier, clock = systemClock, requestTimeoutMs } = options
    this.options = options
    this.boundary = new Boundary(clock, options.logger)
    this.begun = begun
    const { name: node, queueLimit, moreMetrics } = options
    const version = packageVersion()
    this.metrics = new NodeMetrics({
      ...{ node, tier, version, queueLimit },
      measure: () => this.measured(),
    })
    moreMetrics?.(this.metrics.registry)
    const count = (code: string) => this.metrics.refused(code)
    this.errors = new ErrorAnswers({ count, logger: options.logger, clock })
    const held = heldPart(catalogue, options.variants)
    this.service = new IntelligentService({
      ...options,
      catalogue: held,
      catalogueFile: options.catalogue,
      serverLimits: serverLimits(options),
    })
    const terms = new RequestTermsReader(held, options.scheduling?.defaultDeadlineMs)
    const pictures = new Pictures(catalogue, {
      limitPixels: options.pictureLimitPixels ?? PICTURE_LIMIT_PIXELS,
      limitWaiting: options.queueLimit,
    })
    this.local = new LocalVariants(this.service, terms, pictures)
    const { local, service } = this
    const tls = options.access && clientTls(options.access.credentials)
    const parts = { ...options, catalogue, held, clock, local, pictures, upstream, service, tls }
    this.device =
      tier === 'end' ? createDeviceModel({ ...parts, ...this.deviceParts() }) : undefined
    const onAnswer = (served: Served) => this.metrics.answered(served)
    this.handler = new NodeHandler({ ...parts, node, device: this.device, onAnswer })
    this.toldService = new ToldService({ handler: this.handler, service, local })
    const { inFlightLimitBytes } = { ...SERVER_BOUNDS, ...options.bounds }
    const bounded = { ...options, inFlight: new BytesInFlight(inFlightLimitBytes) }
    this.server = guardedServer(this.handler, bounded)
    this.grpc = guardedGrpc(this.handler, bounded, this.errors)
    this.drain = new Drain(this.app.server)
    this.device?.inService.addRoutes(this.app)
    this.app.addHook('onRequest', (_request, reply, done) => {
      reply.header(NODE_HEADER, options.name)
      done()
    })
    this.app.get('/v2/tierwise/scheduling', about('How requests with a deadline fare.'), () => {
      const report = this.service.schedulingReport()
      if (report) return report
      throw new UnavailableError('nothing is scheduled yet: the models are not warm; try again')
    })
    this.app.get('/v2/tierwise/arrivals', about('Arrivals, as a trace.'), (_request, reply) => {
      reply.type('text/plain; charset=utf-8')
      return this.service.arrivalTrace()
    })
    const { errors } = this
    this.app.addHook('onError', async ({ id, method, url }, _reply, error) => {
      errors.note(error, { requestId: id, request: `${method} ${url}` })
    })
    this.app.get('/metrics', about('Metrics, for Prometheus.'), (_request, reply) => {
      reply.type(this.metrics.contentType)
      return this.metrics.text()
    })
    if (tier === 'edge' && upstream.cloudUrl !== undefined) {
      this.decisions = new DecisionClient(upstream.cloudUrl, tls)
      addDecisionRelay(this.server.app, this.decisions, requestTimeoutMs)
    }
  }

  /** What a device tells as it goes, and when it may do what no request waits for. */
  private deviceParts() {
    const { auditPercent = defaultAuditPercent, name: device } = this.options
    return {
      auditShare: auditPercent / 100,
      isIdle: () => this.service.usage.queueDepth === 0,
      observe: (observation) => {
        if (!observation.failed)
          this.metrics.answered({ ...observation, placement: observation.served })
        this.boundary.run('telling an observation', () => this.spool?.add(observation))
      },
      onDoubt: () => this.telemetry?.announce(),
      onLabelled: ({ session, round }, correct) =>
        this.tell('label', { device, session, round, correct }),
    } satisfies Partial<DeviceOptions>
  }

  private tell<Kind extends MessageKind>(kind: Kind, message: MessageOf<Kind>): void {
    this.boundary.run(`publishing ${kind}`, () => this.control?.publish(kind, message))
  }

  get grpcAddress() {
    return this.grpc?.address
  }

  get app() {
    return this.server.app
  }

  async start(): Promise<void> {
    const { name, logger, extend } = this.options
    await extend?.(this.app)
    await this.server.listen()
    this.url = this.server.url
    await this.grpc?.listen()
    this.ready = this.service.start()
    this.ready.catch((error) => {
      if (this.closing === undefined) logger.error(`${name} cannot serve: ${messageOf(error)}`)
    })
    if (this.begun.upstream.broker !== undefined) await this.connect(this.begun.upstream.broker)
  }

  close(): Promise<void> {
    this.closing ??= this.drainAndEnd()
    return this.closing
  }

  private async connect(broker: string): Promise<void> {
    const { access, name, logger, clock = systemClock } = this.options
    const tls = access && clientTls(access.credentials)
    this.control = await connectControlPlane({
      url: broker,
      ...(access && { tls, ...mqttLogin(access.credentials) }),
      clientId: name,
      logger,
      lastWill: this.begun.goodbye,
      startOffline: true,
      connectTimeoutMs,
      clock,
    })
    const { device } = this
    if (device) {
      const { control } = this
      const { stateFolder } = this.options
      const spool = await ObservationSpool.open({ control, clock, logger, stateFolder })
      this.spool = spool
      await this.control.subscribe('orchestrator', (news) => {
        device.announce(news)
        spool.heardNews()
      })
      await this.control.subscribe('decision', (decision) => device.accept(decision), name)
    }
    if (access) await this.control.subscribe('roster', (heard) => void access.roster.hear(heard))
    const aboveUrl = this.aboveUrl()
    const measured = new NodeTelemetry({
      node: this.options,
      control: this.control,
      boundary: this.boundary,
      describe: (above) => this.describe(above),
      ...(aboveUrl !== undefined && { aboveUrl }),
      ...(tls && { tls }),
      ...(device && { bandwidthMbps: () => device.bandwidthMbps() }),
    })
    this.telemetry = measured
    this.ready.then(() => measured.announce()).catch(() => {})
  }

  private measured(): Measured {
    const { device, handler, service, spool } = this
    return {
      ready: handler.ready(),
      ...handler.counts(),
      ...service.usage,
      inferences: service.inferences,
      scheduling: service.schedulingReport(),
      admission: this.toldService.admission(),
      ...(device && {
        answers: { ...device.measured, ...(spool && { spool }) },
      }),
    }
  }

  private aboveUrl(): string | undefined {
    const { edgeUrl, cloudUrl } = this.begun.upstream
    if (this.options.tier === 'cloud') return undefined
    return this.options.tier === 'end' ? (edgeUrl ?? cloudUrl) : cloudUrl
  }

  private describe(above: string | undefined): ReturnType<TelemetryOptions['describe']> {
    const { name: node, tier, site, goalPercent } = this.options
    const { dilationErrorPercent } = this.service
    return {
      alive: true,
      node,
      tier,
      ...(site !== undefined && { site }),
      url: this.url,
      ready: this.handler.ready(),
      variants: this.local.told(),
      ...(this.device && {
        reaches: this.reaches(above),
        inService: this.device.inService.summary,
        ...(this.device.floor.percent > 0 && { floorPercent: this.device.floor.percent }),
        ...(goalPercent !== undefined && { goalPercent }),
      }),
      service: this.toldService.summary(),
      ...(dilationErrorPercent !== undefined && { dilationErrorPercent }),
    }
  }

  private reaches(above: string | undefined): LiveTelemetry['reaches'] {
    const { edgeUrl, cloudUrl } = this.begun.upstream
    const isEdge = edgeUrl !== undefined && above !== undefined
    return { cloud: cloudUrl !== undefined, ...(isEdge && { edge: above }) }
  }

  private async drainAndEnd(): Promise<void> {
    const { clock = systemClock, drainDelayMs = 0 } = this.options
    const { drainTimeoutMs = defaultDrainTimeoutMs } = this.options
    this.handler.leave()
    this.service.stopRetraining()
    this.telemetry?.announce()
    if (drainDelayMs > 0) await clock.sleep(drainDelayMs)
    this.handler.end()
    // Until then it listens: who comes now is told why nothing is served, rather than finding nobody.
    await Promise.all([this.drain.answered(drainTimeoutMs), this.grpc?.close(drainTimeoutMs)])
    const closed = this.server.close()
    this.drain.end()
    await closed
    await this.service.close()
    await this.telemetry?.stop()
    await this.spool?.close()
    await this.control?.publish('telemetry', { ...this.begun.goodbye, stopped: true })
    await this.control?.close()
    await this.device?.close()
    await this.decisions?.close()
    await this.begun.upstream.close()
    await this.begun.release()
    this.options.access?.roster.close()
  }
}

/** What a request may wait for a server behind this node is what it may wait for any other node. */
function serverLimits({ requestTimeoutMs: timeoutMs, serverConcurrency }: NodeOptions) {
  return { timeoutMs, ...(serverConcurrency !== undefined && { concurrency: serverConcurrency }) }
}

/** REST and gRPC hold their bytes together. */
type BoundedOptions = NodeOptions & { readonly inFlight: BytesInFlight }

function guardedServer(handler: NodeHandler, options: BoundedOptions): InferenceServer {
  const { access, allowedHosts = [], host, insecure = false, logger } = options
  const tls = access && serverTls(access.credentials)
  const server = createInferenceServer(handler, { ...options, ...(tls && { tls }) })
  guardRoutes(server.app, {
    checkHost: hostCheck([host, ...allowedHosts, ...(access?.credentials.addresses ?? [])]),
    ...{ insecure, logger },
    ...(access && { gate: access.gate }),
  })
  return server
}

function guardedGrpc(
  handler: NodeHandler,
  options: BoundedOptions,
  errors: ErrorAnswers,
): GrpcServer | undefined {
  const { access, grpcPort: port, logger } = options
  if (port === undefined) return undefined
  const tls = access && serverTls(access.credentials)
  const admit = callGuard({ logger, ...(access && { gate: access.gate }) })
  const onError: GrpcServerOptions['onError'] = (error, call) => errors.note(error, call)
  return createGrpcServer(handler, { ...options, port, admit, onError, ...(tls && { tls }) })
}

import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { NodeAccess } from '../access/node-access.ts'
import type { Clock } from '../clock.ts'
import type { Tier } from '../fleet/placement.ts'
import type { Thresholds } from '../monitoring/discretise.ts'
import type { ServerBounds } from '../protocol/server-bounds.ts'
import type { Dilation } from '../serving/backends/backend.ts'
import type { SchedulingOptions } from '../serving/intelligent-service.ts'
import type { LinkConditions } from './link-proxy.ts'

/** Most pixels of one picture: twice what phones usually take, and at most 200 MB while it is decoded (16-bit, interlaced). */
export const PICTURE_LIMIT_PIXELS = 25_000_000

/** The emulated links of a device; a link that is absent is as it is. */
export interface EmulatedLinks {
  readonly edge?: LinkConditions
  readonly cloud?: LinkConditions
  readonly broker?: LinkConditions
}

/** One process of a tier. */
export interface NodeOptions {
  /** Unique in the fleet: letters, digits, `.`, `_`, `-`. */
  readonly name: string
  readonly tier: Tier
  /** Where it stands, as people call it. */
  readonly site?: string
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  /** The same by gRPC; absent: not by gRPC. 0 takes a free port. */
  readonly grpcPort?: number
  /** Path of the catalogue file. */
  readonly catalogue: string
  /** Names of the variants that this node holds; absent: all of the catalogue. A device that holds none is a client of edge and cloud. */
  readonly variants?: readonly string[]
  /** MiB that variants may take in all workers, see `fittingVariants`; those beyond it are not held. Absent: no limit. */
  readonly memoryLimitMb?: number
  /** URL of a server that has every variant, in place of files: the node asks it instead of running them. */
  readonly serveFrom?: string
  /** Environment variable with the token of such a server, and the PEM file of the authorities to trust there. */
  readonly serverTokenFrom?: string
  readonly serverCa?: string
  /** Requests that such a server is asked at the same time; default `SERVER_LIMITS`. */
  readonly serverConcurrency?: number
  /** Cores of the node, real or emulated. */
  readonly workers: number
  /** See `IntelligentServiceOptions`. */
  readonly maxBatch: number
  /** Requests that may wait for a worker. */
  readonly queueLimit: number
  readonly bodyLimitBytes: number
  /** Of the server; where they are not to be `SERVER_BOUNDS`. */
  readonly bounds?: Partial<ServerBounds>
  /** Width × height of a picture that is to be decoded; default `PICTURE_LIMIT_PIXELS`. */
  readonly pictureLimitPixels?: number
  /** URL of the MQTT broker; without one the node serves, and hears and tells nothing. */
  readonly broker?: string
  /**
   * A folder for what outlives the process: observations of a device that no orchestrator hears, and a scheduling policy that the
   * node has learned by itself. Absent: both are lost with it.
   */
  readonly stateFolder?: string
  /** Adds to what `/metrics` tells. */
  readonly moreMetrics?: (registry: Registry) => void
  readonly edgeUrl?: string
  readonly cloudUrl?: string
  /** `pushed`: the newest decision that came by MQTT. `consulted`: ask edge, then cloud, for every request. */
  readonly mode: 'pushed' | 'consulted'
  /** What one request may wait for other nodes. */
  readonly requestTimeoutMs: number
  readonly dilation?: Dilation
  /** See `RuntimeOptions`. */
  readonly executionProviders?: readonly string[]
  readonly scheduling?: SchedulingOptions
  readonly links?: EmulatedLinks
  /** Of a device: none of its requests is served below this accuracy; absent: no floor. In [0, 100]. */
  readonly floorPercent?: number
  /** Of a device: its requests are to be at least so accurate on average; absent: the fleet's goal alone counts. In [0, 100]. */
  readonly goalPercent?: number
  /** Of a device's sure answers, how many the larger variant is asked about once they have left; default 2. In [0, 100]. */
  readonly auditPercent?: number
  /** How long a node that closes still takes requests while it already says that it is not ready, for balancers; default 0. */
  readonly drainDelayMs?: number
  /** What requests in flight may take when the node closes. */
  readonly drainTimeoutMs?: number
  readonly telemetryPeriodMs?: number
  /** From measurements to Table II (HL paper). */
  readonly thresholds?: Thresholds
  /** Emulated load of this node; absent: measured on a real machine, 0 where speed or links are emulated. */
  readonly backgroundProcessorPercent?: number
  readonly logger: Logger
  /** Present: everything is encrypted, and nobody may more than the table of rights says. */
  readonly access?: NodeAccess
  /** Names that browsers may call the node by, beside localhost, the machine's own, and addresses in digits. */
  readonly allowedHosts?: readonly string[]
  /** Open to other machines without credentials: the page says so. */
  readonly insecure?: boolean
  readonly clock?: Clock
  /** Adds routes before the node listens. */
  readonly extend?: (app: FastifyInstance) => void | Promise<void>
}

/** Where neither a program nor a setting says it. */
export const NODE_DEFAULTS = {
  host: '127.0.0.1',
  port: 8000,
  workers: 1,
  maxBatch: 8,
  queueLimit: 64,
  bodyLimitBytes: 16 * 2 ** 20,
  mode: 'pushed',
  requestTimeoutMs: 2000,
} as const satisfies Partial<NodeOptions>

type Defaulted = keyof typeof NODE_DEFAULTS | 'name' | 'catalogue' | 'logger'

/**
 * What `startNode` takes: only `tier` is needed. The name is the tier's, the models are those that come with Tierwise, nothing is
 * logged, and the rest is `NODE_DEFAULTS`.
 */
export interface StartNodeOptions
  extends Omit<NodeOptions, Defaulted>,
    Partial<Pick<NodeOptions, Defaulted>> {}

/** A node that listens. */
export interface RunningNode {
  /** Base URL of the node's Open Inference Protocol server. */
  readonly url: string
  /** `host:port` of its gRPC server; undefined without one. */
  readonly grpcAddress?: string | undefined
  readonly app: FastifyInstance
  /** Resolves when every model is warm; rejects when one cannot be loaded. */
  readonly ready: Promise<void>
  /** Takes no more requests, answers those in flight (up to `drainTimeoutMs`), says goodbye, and ends. */
  close(): Promise<void>
}

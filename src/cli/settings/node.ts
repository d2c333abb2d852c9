/** Settings of `tierwise node`: one process of a tier. */
import { z } from 'zod'
import { MAX_SITE_CHARACTERS } from '../../control/telemetry-message.ts'
import { NAME } from '../../fleet/name.ts'
import { TIERS } from '../../fleet/placement.ts'
import { DEFAULT_THRESHOLDS } from '../../monitoring/discretise.ts'
import { NODE_DEFAULTS, PICTURE_LIMIT_PIXELS } from '../../node/node-options.ts'
import { SERVER_BOUNDS } from '../../protocol/server-bounds.ts'
import {
  executionProviders,
  serverUrl,
  variableName,
} from '../../serving/models/catalogue-schema.ts'
import { SERVER_LIMITS } from '../../serving/runtime.ts'
import { orchestrationSettings, servingSettings } from './fleet.ts'
import {
  addedMs,
  address,
  brokerUrl,
  credentials,
  file,
  floorPercent,
  httpUrl,
  integer,
  names,
  namesOrNone,
  port,
  positive,
  waitMs,
  workMs,
} from './kinds.ts'
import { setting } from './setting.ts'

const NAMES = 'write letters, digits, ".", "_" and "-", at most 128'

const delayMs = addedMs.default(0)
/** An emulated link of a device. */
const link = z
  .strictObject({
    upDelayMs: setting('emulated: what the device sends comes so much later', delayMs),
    downDelayMs: setting('emulated: what it receives comes so much later', delayMs),
    rateMbps: setting(
      'emulated rate, each way; when left out, as it is',
      z.number().positive().exactOptional(),
    ),
  })
  .exactOptional()

/** A state is entered at one value and left at another, so that it does not flicker between them. */
const band = (border: { readonly enter: number; readonly leave: number }) =>
  z
    .strictObject({
      enter: setting('the state of Table II begins here', z.number().min(0).default(border.enter)),
      leave: setting('and ends here', z.number().min(0).default(border.leave)),
    })
    .prefault({})

/** Borders between the discrete values of Table II (HL paper). */
const thresholds = z
  .strictObject({
    busyProcessorPercent: band(DEFAULT_THRESHOLDS.busyProcessorPercent),
    busyMemoryPercent: band(DEFAULT_THRESHOLDS.busyMemoryPercent),
    weakRoundTripMs: band(DEFAULT_THRESHOLDS.weakRoundTripMs),
    weakBandwidthMbps: band(DEFAULT_THRESHOLDS.weakBandwidthMbps),
    levelMarginPercent: setting(
      'beyond a border between two levels of use, before the other counts',
      z.number().min(0).default(DEFAULT_THRESHOLDS.levelMarginPercent),
    ),
  })
  .prefault({})

/** Emulated speed: `variant` takes `targetMs` on this node; or services take `slowdown` times as long as profiled. */
const dilation = z
  .union([
    z.strictObject({
      variant: setting('emulated speed: this one', z.string()),
      targetMs: setting('takes so long, others in proportion', workMs),
    }),
    z.strictObject({
      slowdown: setting('or: services take so many times as long', z.number().min(1)),
    }),
  ])
  .exactOptional()

const { bodyTimeoutMs, headersTimeoutMs } = SERVER_BOUNDS
/** What a server takes from all of its clients together. */
const bounds = z
  .strictObject({
    jsonLimitBytes: setting(
      'JSON part of one request; binary data after it does not count',
      integer(1, 2 ** 26).default(SERVER_BOUNDS.jsonLimitBytes),
    ),
    bodyTimeoutMs: setting(
      'what a body may take to come, then 408; and an answer to be read, then the connection ends',
      waitMs(1).default(bodyTimeoutMs),
    ),
    headersTimeoutMs: setting(
      'what the headers of a request may take to come; then 408',
      waitMs(1).default(headersTimeoutMs),
    ),
    inFlightLimitBytes: setting(
      'bodies of all requests that are not answered yet; beyond it 503',
      integer(1).default(SERVER_BOUNDS.inFlightLimitBytes),
    ),
    maxConnections: setting(
      'open at once; more are closed unheard',
      integer(1, 65_536).default(SERVER_BOUNDS.maxConnections),
    ),
  })
  .prefault({})

/** What a node of any tier needs to serve. */
const servingNode = z.object({
  tier: setting('which tier; the credentials say it too', z.enum(TIERS), '--tier <tier>'),
  name: setting(
    'unique in the fleet; when left out, that of the credentials, else the tier',
    z.string().regex(NAME, NAMES).exactOptional(),
    '--name <name>',
  ),
  site: setting(
    'where it stands, such as Oslo: the page groups devices by it',
    z.string().min(1).max(MAX_SITE_CHARACTERS).exactOptional(),
    '--site <name>',
  ),
  host: setting('address to listen on', address.default(NODE_DEFAULTS.host), '--host <address>'),
  port: setting(
    'port of the inference server; 0 takes a free one',
    port.default(NODE_DEFAULTS.port),
    '--port <number>',
  ),
  grpcPort: setting(
    'port of the same by gRPC; when left out, 8001 beside port 8000, else a free one',
    port.exactOptional(),
    '--grpc-port <number>',
  ),
  allowedHosts: setting(
    'names that browsers may call this node by, beside localhost, the machine’s own, those of the credentials, and addresses in digits',
    names.default([]),
    '--allowed-hosts <names>',
  ),
  variants: setting(
    'variants that this node holds, such as d4,d7; none: a device that leaves all to edge and cloud; when left out, all of the catalogue',
    namesOrNone.exactOptional(),
    '--variants <names>',
  ),
  memoryLimitMb: setting(
    'MiB that variants may take in all workers, measured when the node starts; from the smallest up, those that fit together are held. A device that can hold none leaves all to edge and cloud',
    positive.exactOptional(),
    '--memory-limit <MiB>',
  ),
  serveFrom: setting(
    'a server of the Open Inference Protocol (Triton, OpenVINO Model Server, KServe, MLServer, another Tierwise) that has the models: http://, https://, grpc:// or grpcs://. The node runs none itself and stands before it: each variant is the model that its entry in the catalogue names, else the model of its own name',
    serverUrl.exactOptional(),
    '--serve-from <url>',
  ),
  serverTokenFrom: setting(
    'environment variable that holds the token of such a server',
    variableName.exactOptional(),
    '--server-token-from <variable>',
  ),
  serverCa: setting(
    'PEM file of the authorities to trust there; when left out, those that Node.js trusts',
    file.exactOptional(),
    '--server-ca <file>',
  ),
  serverConcurrency: setting(
    'requests that such a server is asked at the same time; more wait here, where they are ordered by their deadlines',
    integer(1, 1024).default(SERVER_LIMITS.concurrency),
    '--server-concurrency <number>',
  ),
  workers: setting(
    'ONNX Runtime workers, one for each core',
    integer(1, 256).default(NODE_DEFAULTS.workers),
    '--workers <number>',
  ),
  executionProviders: setting(
    'what ONNX Runtime may run on, the preferred one first: cpu, and where it has them cuda, tensorrt, openvino, webgpu, coreml, dml; when left out, what the catalogue says, else cpu',
    names.pipe(executionProviders).exactOptional(),
    '--execution-providers <names>',
  ),
  maxBatch: setting(
    'requests that may be run as one inference: 2, 4, 8 … up to this, as far as the models take several rows and each doubling answers a tenth more a second, measured at the start; 1: every request by itself',
    integer(1, 128).default(NODE_DEFAULTS.maxBatch),
    '--max-batch <number>',
  ),
  queueLimit: setting(
    'requests that may wait before new ones are refused',
    integer(1).default(NODE_DEFAULTS.queueLimit),
    '--queue-limit <number>',
  ),
  bodyLimitBytes: setting('of one request', integer(1).default(NODE_DEFAULTS.bodyLimitBytes)),
  bounds,
  drainDelayMs: setting(
    'how long a node that ends still serves while it says that it is not ready, for balancers',
    waitMs(0).default(0),
    '--drain-delay <ms>',
  ),
  pictureLimitPixels: setting(
    'width × height of a picture that is posted; larger ones are refused with 413',
    integer(1).default(PICTURE_LIMIT_PIXELS),
    '--picture-limit <pixels>',
  ),
  broker: setting(
    'MQTT broker, user:password@ before its host if it asks for them; the cloud node starts its own when absent',
    brokerUrl.exactOptional(),
    '--broker <url>',
  ),
  credentials: setting(
    'what `tierwise access add` wrote for this node: all is encrypted then, and nobody may more than their role',
    credentials,
    '--credentials <file>',
  ),
  insecure: setting(
    'let other machines in without credentials: they may everything',
    z.boolean().default(false),
    '--insecure',
  ),
  ...servingSettings.shape,
  thresholds,
  dilation,
  /** Emulated links of a device. */
  links: z.strictObject({ edge: link, cloud: link, broker: link }).exactOptional(),
})

/** All settings of a node. */
export const nodeSettings = z.strictObject({
  ...servingNode.shape,
  edge: setting('inference server of the edge (devices)', httpUrl.exactOptional(), '--edge <url>'),
  floor: setting(
    'lowest accuracy in percent by which a request of this device may be served, whatever is decided (devices); when left out, none',
    floorPercent.exactOptional(),
    '--floor <percent>',
  ),
  deviceGoal: setting(
    'lowest average accuracy in percent of the requests of this device, beside the goal of the fleet (devices); when left out, none',
    floorPercent.exactOptional(),
    '--device-goal <percent>',
  ),
  cloud: setting(
    'inference server of the cloud (devices and edges)',
    httpUrl.exactOptional(),
    '--cloud <url>',
  ),
  ...orchestrationSettings.shape,
  brokerPort: setting(
    'port of the cloud node’s own broker',
    port.default(1883),
    '--broker-port <number>',
  ),
  remoteVariants: setting(
    'variants that devices may ask of edge and cloud, where a node there holds them: the more, the longer is learned (cloud); when left out, the most accurate',
    names.exactOptional(),
    '--remote-variants <names>',
  ),
  devices: setting(
    'devices to wait for before the first round (cloud)',
    integer(1).default(1),
    '--devices <number>',
  ),
  state: setting(
    'folder for what outlives the process: goal, agent, revert, what was learned (cloud; when left out, one in $XDG_STATE_HOME for its name and broker, none with --broker-port 0); observations that wait for an orchestrator (device; when left out, they wait in memory); a policy learned with --retrain-every (any node; when left out, it is lost with the process)',
    file.exactOptional(),
    '--state <dir>',
  ),
  checkpoint: setting(
    'keep what was learned here in place of the state folder (cloud)',
    file.exactOptional(),
    '--checkpoint <file>',
  ),
})

/** As a node gets them. */
export type NodeSettings = z.infer<typeof nodeSettings> & { readonly name: string }

/** The part of the settings that serving needs. */
export function servingPart(settings: NodeSettings): z.infer<typeof servingNode> {
  return servingNode.parse(settings)
}

/** Settings of the commands that ask a node or a fleet for something. */
import { z } from 'zod'
import { POLICY_NAMES } from '../../scheduling/policies/create.ts'
import { GOAL_WINDOW } from '../bench/goal-outcome.ts'
import { servingSettings } from './fleet.ts'
import {
  brokerUrl,
  catalogueName,
  credentials,
  file,
  goalPercent,
  httpUrl,
  integer,
  names,
  PAPER,
  positive,
  text,
  waitMs,
} from './kinds.ts'
import { setting } from './setting.ts'

const { catalogue } = servingSettings.shape

const token = setting(
  'what `tierwise access add` wrote for you',
  credentials,
  '--credentials <file>',
)

/** Of `access` and what it does. */
export const accessSettings = z.strictObject({
  authority: setting(
    'folder of the fleet’s authority; when left out, the working directory or the only authority in it',
    file.exactOptional(),
    '--authority <folder>',
  ),
})

/** Of `goal`, `revert` and `resume`. */
export const goalSettings = z.strictObject({
  broker: setting(
    'MQTT broker of the fleet',
    brokerUrl.default('ws://127.0.0.1:8000/mqtt'),
    '--broker <url>',
  ),
  credentials: token,
})

/** Of `infer`. */
export const inferSettings = z.strictObject({
  url: setting(
    'the node to ask; `tierwise up` prints its devices',
    httpUrl.default('http://127.0.0.1:8000'),
    '--url <url>',
  ),
  model: setting(
    'a variant such as d4; when left out, the node decides',
    text.exactOptional(),
    '--model <name>',
  ),
  credentials: token,
  catalogue,
  timeoutMs: setting('how long to wait', waitMs(1).default(10_000), '--timeout <ms>'),
  deadlineMs: setting(
    'a smaller variant may serve to answer in time; refused when none can',
    waitMs(1).exactOptional(),
    '--deadline-ms <ms>',
  ),
  minAccuracy: setting(
    'with a deadline: no variant below it',
    goalPercent.exactOptional(),
    '--min-accuracy <percent>',
  ),
})
/** As `infer` gets them. */
export type InferSettings = z.infer<typeof inferSettings>

/** Of `bench`: the node, not the load. */
export const benchSettings = z.strictObject({
  url: setting(
    'a node that runs already, under the policy that it has; when left out, one is started on this machine',
    httpUrl.exactOptional(),
    '--url <url>',
  ),
  credentials: token,
  catalogue: setting(
    'your own models (a file), or those that come with Tierwise: paper, whose services take long enough to schedule, or fashion',
    catalogueName.default(PAPER),
    '--catalogue <file>',
  ),
  policies: setting(
    `separated by commas: ${POLICY_NAMES.join(', ')}; or the .json files of learned ones`,
    names.default(['largest', 'slack-fit', 'uniform-fit-drop', 'anticipating-fit', 'smallest']),
    '--policies <names>',
  ),
  goal: setting(
    `the node as the edge of a fleet of two devices that pass every request on to it, under this accuracy goal; it is an average over ${GOAL_WINDOW}. --policies are the edge's`,
    goalPercent.exactOptional(),
    '--goal <percent>',
  ),
  workers: setting('of the node', integer(1, 256).default(1), '--workers <number>'),
  deadline: setting(
    'of every request in ms, from its intended time; when left out, four services of the largest variant, and the way',
    positive.exactOptional(),
    '--deadline <ms>',
  ),
  transit: setting(
    'of the deadline, left for the way to the node and back; when left out, as measured',
    positive.exactOptional(),
    '--transit <ms>',
  ),
  priority: setting('of every request, 1 to 9', integer(1, 9).default(5), '--priority <number>'),
  minAccuracy: setting(
    'of every request: no variant below it serves',
    z.number().min(0).max(100).default(0),
    '--min-accuracy <percent>',
  ),
  overload: setting(
    'the plateau of the default load at so many times what the smallest variant that may serve sustains: how the node refuses what it cannot serve',
    positive.exactOptional(),
    '--overload <factor>',
  ),
  beside: setting(
    'requests without a deadline at the same time, for the largest variant: their rate ÷ that at which the node serves them when it is never idle, measured first',
    z.number().min(0).default(0),
    '--beside <share>',
  ),
  besidePriority: setting(
    'of those, 1 to 9',
    integer(1, 9).default(5),
    '--beside-priority <number>',
  ),
  slowdown: setting(
    'services take so many times as long as the node has profiled (emulated, from 1)',
    positive.default(1),
    '--slowdown <factor>',
  ),
  inFlight: setting(
    'requests on their way at most',
    integer(1, 10_000).default(256),
    '--in-flight <number>',
  ),
  seed: setting('of the arrivals', integer(0).default(1), '--seed <number>'),
})

/** Of `conformance`. */
export const conformanceSettings = z.strictObject({
  model: setting(
    'which of its models; when left out, the first that it lists',
    text.exactOptional(),
    '--model <name>',
  ),
  grpc: setting(
    'its gRPC server: host:port; grpcs://host:port for TLS',
    z
      .string()
      .regex(
        /^(grpcs?:\/\/)?[^\s/]+:\d+$/,
        'write host:port, such as 127.0.0.1:8001, or grpcs://host:port',
      )
      .exactOptional(),
    '--grpc <address>',
  ),
  credentials: token,
  authority: setting(
    'PEM file of the authority that its TLS certificate is of, where this machine does not know it',
    file.exactOptional(),
    '--authority <file>',
  ),
  token: setting('bearer token, of the environment alone', text.exactOptional()),
  timeoutMs: setting('how long to wait for an answer', waitMs(1).default(10_000), '--timeout <ms>'),
})

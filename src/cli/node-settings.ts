/** What `tierwise node` runs: one process of a tier. `tierwise up` writes these; a person writes flags or a YAML file. */
import { z } from 'zod'
import { TIERS } from '../fleet/placement.ts'
import { DEFAULT_THRESHOLDS } from '../monitoring/discretise.ts'
import { LONGEST_DEADLINE_MS } from '../node/request-terms.ts'
import { DEFAULT_POLICY, POLICY_NAMES } from '../scheduling/policies/create.ts'
import { agentSettings, DEFAULT_AGENT } from './agent-settings.ts'

const delays = z.strictObject({
  /** What the device sends arrives this much later. */
  upDelayMs: z.number().min(0).default(0),
  downDelayMs: z.number().min(0).default(0),
  rateMbps: z.number().positive().optional(),
})

/** A state is entered at one value and left at another, so that it does not flicker between them. */
const band = (border: { readonly enter: number; readonly leave: number }) =>
  z
    .strictObject({
      enter: z.number().min(0).default(border.enter),
      leave: z.number().min(0).default(border.leave),
    })
    .prefault({})

/** Borders between the discrete values of Table II (HL paper). */
const thresholds = z.strictObject({
  busyProcessorPercent: band(DEFAULT_THRESHOLDS.busyProcessorPercent),
  busyMemoryPercent: band(DEFAULT_THRESHOLDS.busyMemoryPercent),
  weakRoundTripMs: band(DEFAULT_THRESHOLDS.weakRoundTripMs),
  weakBandwidthMbps: band(DEFAULT_THRESHOLDS.weakBandwidthMbps),
  levelMarginPercent: z.number().min(0).default(DEFAULT_THRESHOLDS.levelMarginPercent),
})

/** How requests with a deadline are served. */
export const schedulingSettings = z
  .strictObject({
    policy: z.enum(POLICY_NAMES).default(DEFAULT_POLICY),
    /** A file with another policy, taken while the node serves, whenever it changes. */
    policyFile: z.string().min(1).optional(),
    /** Of requests that name none; absent: they are served as asked, however long it takes. */
    deadlineMs: z.number().positive().max(LONGEST_DEADLINE_MS).optional(),
  })
  .prefault({})

export const nodeSettings = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'letters, digits, ".", "_" and "-", at most 128'),
  tier: z.enum(TIERS),
  host: z.string().default('127.0.0.1'),
  port: z.int().min(0).max(65535).default(8000),
  /** Catalogue file; the built models when absent. */
  catalogue: z.string().optional(),
  /** ONNX Runtime workers, one for each core given to inference. */
  workers: z.int().min(1).max(256).default(1),
  /** Requests that may wait for a worker before new ones are refused. */
  queueLimit: z.int().min(1).default(64),
  bodyLimitBytes: z
    .int()
    .min(1)
    .default(16 * 2 ** 20),
  /** MQTT broker URL. The cloud node starts its own when absent. */
  broker: z.string().optional(),
  /** Port of the cloud node's own broker. */
  brokerPort: z.int().min(0).max(65535).default(1883),
  /** Data-plane URLs of the tiers above. */
  edge: z.url().optional(),
  cloud: z.url().optional(),
  mode: z.enum(['pushed', 'consulted']).default('pushed'),
  requestTimeoutMs: z.int().positive().default(2000),
  goal: z.number().min(0).max(100).default(85),
  /** Intelligent Orchestrator; the cloud node's part. */
  agent: z.string().default(DEFAULT_AGENT),
  ...agentSettings,
  seed: z.int().min(0).default(1),
  /** Devices to wait for before the first round. */
  devices: z.int().min(1).default(1),
  /** Learning survives a restart through this file. */
  checkpoint: z.string().optional(),
  /** Resource Monitoring: what counts as Busy and as Weak. */
  thresholds: thresholds.prefault({}),
  /** Measured profile (JSON): what `oracle` searches, and what `factored` begins with. */
  profile: z.string().optional(),
  scheduling: schedulingSettings,
  /** Emulated speed: `variant` takes `targetMs` on this node; or services take `slowdown` times as long as profiled. */
  dilation: z
    .union([
      z.strictObject({ variant: z.string(), targetMs: z.number().positive() }),
      z.strictObject({ slowdown: z.number().min(1) }),
    ])
    .optional(),
  /** Emulated links of a device. */
  links: z.strictObject({ edge: delays, cloud: delays, broker: delays }).partial().optional(),
})

export type NodeSettings = z.infer<typeof nodeSettings>

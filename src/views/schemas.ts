/** What people are shown of a fleet: the answers of the cloud node's routes, and what the page checks them against. */
import { z } from 'zod'
import { NAME } from '../fleet/name.ts'
import { TIERS } from '../fleet/placement.ts'
import { measured, testAnswer, tests } from './schemas-test-answers.ts'

const tier = z.enum(TIERS)
const name = z.string()
const count = z.int().min(0)
/** Unix time. */
const atMs = z.number()
/** Requests by the tier that answered them. */
const byTier = z.object({ end: count, edge: count, cloud: count })

/** `silent`: nothing was heard of it for a while. `unknown`: decided for, but it has said nothing of itself yet. */
const health = z.enum(['ready', 'starting', 'silent', 'down', 'unknown'])

/** A node of edge or cloud. */
const nodeRow = z.object({
  name,
  tier,
  health,
  /** The first that it serves. */
  variant: name.exactOptional(),
  queueDepth: count.exactOptional(),
  /** Share of its requests of the last seconds that was late or refused, where that is so much that it sheds load. */
  shedPercent: z.number().exactOptional(),
  /** What its idle workers could serve beside. */
  spareRequestsPerS: z.number().exactOptional(),
  /** Of the link to the cloud; absent until a live node has said. */
  weakLink: z.boolean().exactOptional(),
  roundTripMs: z.number().exactOptional(),
})

/** A device and its requests of the newest minute. */
const deviceRow = z.object({
  name,
  health,
  /** Where it stands, as it says itself. */
  site: name.exactOptional(),
  edge: name.exactOptional(),
  weakLink: z.boolean().exactOptional(),
  /** The choice in force, as text: `edge/d0`. */
  decided: z.string().exactOptional(),
  /** Where its newest request was answered, where that is not where it was decided. */
  fellBackTo: z.string().exactOptional(),
  /** Its newest request failed. */
  isFailing: z.boolean(),
  /** Its requests are served less accurately than its own goal asks. */
  isBelowGoal: z.literal(true).exactOptional(),
  /** Why its accuracy may not be what was measured before. */
  inDoubt: z.string().exactOptional(),
  meanMs: z.number().exactOptional(),
  /** How long its newest request took. */
  lastMs: z.number().exactOptional(),
  byTier,
})

/** What happened to the fleet, newest last. */
const event = z.object({
  id: count,
  atMs,
  kind: z.enum([
    'started',
    'goal',
    'agent',
    'budget',
    'refused',
    'reverted',
    'resumed',
    'down',
    'up',
    'doubt',
    'shedding',
    'room',
    'drift',
    'below-goal',
    'ended',
  ]),
  /** The node that it is about. */
  node: name.exactOptional(),
  /** A sentence without its full stop. */
  text: z.string(),
})

/** Extra response time that exploring may cost, percent of what the best decision known takes. Absent where the agent has none. */
const exploring = {
  explorationBudgetPercent: z
    .union([z.number().gt(0).max(1000), z.literal('unbounded')])
    .exactOptional(),
}

/** What one device's own requests are to reach on average. */
const deviceGoal = z.object({
  device: z.string().regex(NAME),
  goalPercent: z.union([z.number().min(0).max(100), z.literal('none')]),
})

/** What is in force, as the orchestrator told it. */
const inForce = z.object({
  goalPercent: z.number(),
  agent: z.string(),
  /** Why a fixed rule is in force in the agent's place. */
  reverted: z.string().exactOptional(),
  ...exploring,
  /** The newest wish, where it changed nothing. */
  refusedWish: z
    .object({
      accuracyPercent: z.number(),
      agent: z.string().exactOptional(),
      ...exploring,
      deviceGoal: deviceGoal.exactOptional(),
      reason: z.string(),
    })
    .exactOptional(),
})

const strategy = z.object({
  name: z.string(),
  responseTimeMs: z.number(),
  /** Promised. */
  accuracyPercent: z.number(),
  /** Right by labels. */
  measuredAccuracyPercent: z.number().exactOptional(),
  meetsGoal: z.boolean(),
})

/** What a run of `tierwise up` came to. */
export const runReport = z.object({
  goalPercent: z.number(),
  agent: z.string(),
  rounds: count,
  requests: count,
  failedRequests: count,
  seconds: z.number(),
  firstMs: z.number().exactOptional(),
  lastMs: z.number().exactOptional(),
  accuracyPercent: z.number().exactOptional(),
  measured: measured.exactOptional(),
  goalViolations: count,
  /** Fixed ones, as measured at the end. */
  strategies: z.array(strategy).max(1000),
  oracleMs: z.number().exactOptional(),
  /** As the terminal shows it. */
  text: z.string().max(100_000),
})

/** Over the newest minute of requests. */
const traffic = z.object({
  windowSeconds: z.number(),
  requests: count,
  failed: count,
  meanMs: z.number().exactOptional(),
  p50Ms: z.number().exactOptional(),
  p95Ms: z.number().exactOptional(),
  byTier,
})

/** The agent's own account of its best decision, by what it has learned. */
const believed = z.object({
  responseTimeMs: z.number(),
  lowerBoundMs: z.number(),
  gapPercent: z.number(),
  inForce: z.boolean(),
})

/** The best of the strategies that give every device the same choice and keep the goal, by what the agent has learned. */
const bestFixed = z.object({ choice: z.string(), responseTimeMs: z.number() })

/** Over the newest minute of requests. */
const served = z.object({ requests: count, accuracyPercent: z.number(), windowSeconds: z.number() })

/** A goal of one device, and how it is kept. */
const ownGoal = z.object({
  goalPercent: z.number(),
  /** What its decisions are held to while its requests fell short. */
  raisedGoalPercent: z.number().exactOptional(),
  /** The most accurate that can serve it, where that is below the goal. */
  reachablePercent: z.number().exactOptional(),
  served: served.exactOptional(),
  /** It was asked for while the fleet runs: the device was started with this one, or with none. */
  inPlaceOf: z.union([z.number(), z.literal('none')]).exactOptional(),
})

/** The joint decision in force. */
const decided = z.object({
  agent: z.string(),
  round: count,
  /** That it promises. */
  accuracyPercent: z.number(),
  raisedGoalPercent: z.number().exactOptional(),
  fallbackRisk: z.string().exactOptional(),
  goalViolations: count,
  closedRounds: count,
  progress: z.object({ realSteps: count, plannedSteps: count, updates: count }),
  believed: believed.exactOptional(),
  served: served.exactOptional(),
  labelled: z.object({ labelled: count, right: count }).exactOptional(),
  shadow: z
    .object({
      agent: z.string(),
      rounds: count,
      agreementPercent: z.number(),
      savingPercent: z.number(),
      judgeErrorPercent: z.number(),
      goalViolations: count,
    })
    .exactOptional(),
})

/** `GET /v2/tierwise/fleet`: all that the first screen shows. */
export const overview = z.object({
  atMs,
  /** Since when requests and events are counted. */
  sinceMs: atMs,
  /** Absent until the orchestrator has told it. */
  inForce: inForce.exactOptional(),
  decided: decided.exactOptional(),
  /** Absent where the agent cannot tell. */
  bestFixed: bestFixed.exactOptional(),
  /** How decisions reach devices: pushed to them, or asked for at every request. */
  mode: z.enum(['pushed', 'consulted']),
  /** Mean error of emulated speeds, percent; `real`: no node emulates; absent: no node has said. */
  speeds: z
    .union([z.literal('real'), z.object({ emulatedErrorPercent: z.number() })])
    .exactOptional(),
  requests: count,
  failed: count,
  traffic,
  nodes: z.array(nodeRow),
  devices: z.array(deviceRow),
  events: z.array(event),
  /** Of a demonstration: answers to its labelled pictures, a handful of the newest. */
  tests: tests.extend({ answers: z.array(testAnswer) }).exactOptional(),
  /** Of a run that has ended. */
  report: runReport.exactOptional(),
})

/** How far back the charts reach. */
export const WINDOWS = ['5m', '1h', '24h'] as const

/** Requests of one step of time. */
const point = z.object({
  atMs,
  requests: count,
  failed: count,
  byTier,
  meanMs: z.number().exactOptional(),
  p50Ms: z.number().exactOptional(),
  p95Ms: z.number().exactOptional(),
  /** Of the answers given. */
  accuracyPercent: z.number().exactOptional(),
  goalPercent: z.number().exactOptional(),
  agent: z.string().exactOptional(),
})

/** `GET /v2/tierwise/history?window=5m` */
export const history = z.object({
  fromMs: atMs,
  toMs: atMs,
  stepMs: z.number(),
  points: z.array(point),
  events: z.array(event),
})

/** One answered request. */
const answered = z.object({
  atMs,
  decided: z.string(),
  served: z.string(),
  responseTimeMs: z.number(),
  queueMs: z.number(),
  computeMs: z.number(),
  networkMs: z.number(),
  accuracyPercent: z.number(),
  failed: z.boolean(),
  escalation: z
    .object({ escalated: z.boolean(), margin: z.number(), firstMs: z.number() })
    .exactOptional(),
})

/** What a device might do instead, by what the agent has learned. */
const alternative = z.object({
  choice: z.string(),
  accuracyPercent: z.number(),
  /** Of this device's requests; absent where nothing is known of it. */
  responseTimeMs: z.number().exactOptional(),
  /** Standard deviation of what is believed of it. */
  spreadMs: z.number().exactOptional(),
  /** Average over the fleet, if this device alone did so. */
  fleetMs: z.number().exactOptional(),
  inForce: z.boolean(),
  /** Why it may not do so; absent where it may. */
  closed: z.string().exactOptional(),
})

/** `GET /v2/tierwise/devices/:device` */
export const deviceView = z.object({
  atMs,
  row: deviceRow,
  variants: z.array(z.object({ name, serviceTimeMs: z.number().exactOptional() })),
  measured: z
    .object({
      backgroundProcessorPercent: z.number(),
      memoryUsedPercent: z.number(),
      roundTripMs: z.number().exactOptional(),
      bandwidthMbps: z.number().exactOptional(),
    })
    .exactOptional(),
  /** Table II's levels: 0 is idle, or a regular link. */
  state: z.object({ processor: count, memory: count, bandwidth: count }).exactOptional(),
  queueDepth: count.exactOptional(),
  p50Ms: z.number().exactOptional(),
  p95Ms: z.number().exactOptional(),
  /** Newest last, at most 256: time, response time, tier that answered. */
  answers: z.array(z.tuple([atMs, z.number(), tier])),
  decisions: z.array(z.object({ atMs, decided: z.string() })),
  requests: z.array(answered),
  /** Of a demonstration, a handful, newest first. */
  testAnswers: z.array(testAnswer).exactOptional(),
  inService: z
    .object({
      judged: count,
      plannedPercent: z.number(),
      seenPercent: z.number(),
      audited: count,
      agreed: count,
      labelled: count,
      right: count,
      inDoubt: z.string().exactOptional(),
    })
    .exactOptional(),
  goalPercent: z.number().exactOptional(),
  /** What none of its requests is served below. */
  floorPercent: z.number().exactOptional(),
  /** What they are to reach on average, and how they do. */
  ownGoal: ownGoal.exactOptional(),
  /** What the joint decision promises on average, and what it would without this device's part. */
  jointAccuracyPercent: z.number().exactOptional(),
  /** Absent where the agent cannot tell. */
  alternatives: z.array(alternative).exactOptional(),
})

/** Body of `POST /v2/tierwise/goal`: what is left out stays as it is. */
export const wish = z
  .strictObject({
    accuracyPercent: z.number().min(0).max(100).exactOptional(),
    agent: z.string().min(1).max(4096).exactOptional(),
    revert: z.boolean().exactOptional(),
    ...exploring,
    deviceGoal: deviceGoal.exactOptional(),
  })
  .refine((asked) => Object.keys(asked).length > 0, {
    message: 'give accuracyPercent, agent, revert, explorationBudgetPercent or deviceGoal',
  })

/** All that the first screen shows. */
export type Overview = z.infer<typeof overview>
/** A device and its requests of the newest minute. */
export type DeviceRow = z.infer<typeof deviceRow>
/** A node of edge or cloud. */
export type NodeRow = z.infer<typeof nodeRow>
/** What happened to the fleet. */
export type FleetEvent = z.infer<typeof event>
/** How far back the charts reach. */
export type HistoryWindow = (typeof WINDOWS)[number]
/** What the charts show. */
export type History = z.infer<typeof history>
/** Requests of one step of time. */
export type HistoryPoint = z.infer<typeof point>
/** All that is known of one device. */
export type DeviceView = z.infer<typeof deviceView>
/** One answered request. */
export type AnsweredRequest = z.infer<typeof answered>
/** What a device might do instead. */
export type Reason = z.infer<typeof alternative>
/** The best strategy that gives every device the same choice. */
export type BestFixed = z.infer<typeof bestFixed>
/** What somebody asks of a fleet. */
export type Wish = z.infer<typeof wish>
/** What a run came to. */
export type RunReport = z.infer<typeof runReport>
/** What is in force. */
export type InForce = z.infer<typeof inForce>
/** Whether a node can be counted on. */
export type Health = z.infer<typeof health>

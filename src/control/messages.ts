/**
 * The control plane's seven typed topics: telemetry, observation, label, goal, decision, roster and orchestrator. Schemas are the contract between
 * processes: what does not match is counted, logged and dropped, never a crash.
 */
import { z } from 'zod'
import { type Placement, TIERS } from '../fleet/placement.ts'
import { HIGHEST_LEVEL, type ResourceState } from '../fleet/state.ts'

/** A node, device or session: one level of a topic, so nothing that means something there, and no `__proto__`. */
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/)
const variant = z.string().min(1).max(128)
/** Longest time that anything in a fleet takes or tells: an hour. */
const LONGEST_MS = 3_600_000
const milliseconds = z.number().min(0).max(LONGEST_MS)
/** 10 Tbit/s: no link of a fleet has more. */
const bandwidthMbps = z.number().positive().max(1e7)
const percent = z.number().min(0).max(100)
/** Variants that one node may hold. */
const MAX_VARIANTS = 256
const tier = z.enum(TIERS)
/** Version, trace, span and flags, by W3C Trace Context. */
const traceparent = z.string().regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
const placement: z.ZodType<Placement> = z.object({ tier, variant })
const level = (highest: number) => z.int().min(0).max(highest)
const resourceState: z.ZodType<ResourceState> = z.object({
  processor: level(HIGHEST_LEVEL),
  memory: level(1),
  bandwidth: level(1),
})

/** How the answers of a device turned out, as far as it can see. */
const inService = z.object({
  /** First answers that were judged by their margin. */
  judged: z.int().min(0),
  /** Of those: planned to be unsure, and seen to be. */
  plannedPercent: percent,
  seenPercent: percent,
  /** Confident answers that the larger variant was asked about as well, and how many it agreed with: no accuracy, as both may err. */
  audited: z.int().min(0),
  agreed: z.int().min(0),
  /** Answers whose true label was told, and how many of them were right. */
  labelled: z.int().min(0),
  right: z.int().min(0),
  /** Why the accuracy that was measured before may not be what these pictures get. */
  inDoubt: z.string().min(1).max(512).exactOptional(),
})

/** Of the name of a place. */
export const MAX_SITE_CHARACTERS = 64

/** Published periodically by every node (retained); `alive: false` is its last will. */
export const telemetry = z.discriminatedUnion('alive', [
  z.object({
    alive: z.literal(false),
    node: name,
    tier,
    /** It said goodbye itself; absent in its last will. */
    stopped: z.literal(true).exactOptional(),
  }),
  z.object({
    alive: z.literal(true),
    node: name,
    tier,
    /** Where it stands, as its settings say; people look for nodes by it. */
    site: z.string().min(1).max(MAX_SITE_CHARACTERS).exactOptional(),
    /** Base URL of the node's Open Inference Protocol server. */
    url: z.url().max(2048),
    ready: z.boolean(),
    /** What it serves by itself: a device that holds nothing leaves all to edge and cloud. */
    variants: z
      .array(
        z.object({
          name: variant,
          /** One inference, as measured at warm-up, or lately where it takes much longer or shorter now; absent before. */
          serviceTimeMs: milliseconds.gt(0).optional(),
        }),
      )
      .max(MAX_VARIANTS),
    /** Whom a device can send requests to; absent: nobody. */
    reaches: z
      .object({
        /** The edge it is connected to, by the name it answered with. */
        edge: name.optional(),
        cloud: z.boolean(),
      })
      .optional(),
    state: resourceState,
    /** What was measured, before it became discrete. */
    measured: z.object({
      /** Load that this node's own inference does not cause. */
      backgroundProcessorPercent: percent,
      memoryUsedPercent: percent,
      /** To the node above (edge for a device, cloud for an edge); absent where there is none. */
      roundTripMs: milliseconds.optional(),
      bandwidthMbps: bandwidthMbps.optional(),
    }),
    service: z.object({
      requests: z.int().min(0),
      failedRequests: z.int().min(0),
      queueDepth: z.int().min(0),
      /** How the requests with a deadline fared since the start; absent as long as there was none. */
      scheduling: z
        .object({
          policy: z.string().min(1).max(128),
          requests: z.int().min(1),
          /** 0 for those late or dropped. */
          effectiveAccuracyPercent: percent,
          /** Of the answers given in time. */
          servedAccuracyPercent: percent,
          /** Late or dropped. */
          violationPercent: percent,
        })
        .optional(),
    }),
    /** Of a device. */
    inService: inService.exactOptional(),
    /** Of a device: none of its requests may be served below this accuracy; absent: there is no floor. */
    floorPercent: percent.exactOptional(),
    /** Present where speed is emulated: mean absolute error of actual against target time, percent. */
    dilationErrorPercent: z.number().min(0).max(1e6).optional(),
  }),
])

/** One answered request, as its device reports it. */
const observation = z.object({
  device: name,
  /** Which orchestrator's decision, and which round of it, the request was served under. */
  session: name,
  round: z.int().min(0),
  decided: placement,
  served: placement,
  /** Present where the decision escalates what is unsure. */
  escalation: z
    .object({
      /** Whether this answer was unsure, and went on. */
      escalated: z.boolean(),
      /** By how much the first answer's likeliest class leads the second. */
      margin: z.number().min(0).max(1),
      /** What the first answer took of the response time. */
      firstMs: milliseconds,
    })
    .exactOptional(),
  /** Of the variant that answered; of the pair where it answered as a decision to escalate says. */
  accuracyPercent: percent,
  /** From the application's request to its answer, as the device saw it. */
  responseTimeMs: milliseconds,
  queueMs: milliseconds,
  computeMs: milliseconds,
  networkMs: milliseconds,
  /** Spent on deciding: looking up (pushed) or asking (consulted). */
  decisionMs: milliseconds,
  failed: z.boolean(),
  /** The request's span, by W3C Trace Context, where it was traced. */
  traceparent: traceparent.exactOptional(),
})

/** What became of one answer, where an application told what its picture really showed. */
const label = z.object({
  device: name,
  /** Those of the decision that the request was served under. */
  session: name,
  round: z.int().min(0),
  correct: z.boolean(),
})

/** Extra response time that exploring may cost, percent of what the best decision known takes. */
export const explorationBudget = z.union([z.number().gt(0).max(1000), z.literal('unbounded')])

/** The Quality of Service Goal, and optionally which agent acts; retained, changeable while running. */
const goal = z.object({
  accuracyPercent: percent,
  /** `hybrid`, `oracle`, `fixed:<placement>` or `fixed:<placement>,<placement>,…` (one for each device). */
  agent: z.string().min(1).max(4096).exactOptional(),
  /** true: the fixed rule takes the agent's place at once; false: the agent goes on; absent: it stays as it is. */
  revert: z.boolean().exactOptional(),
  /** Of an agent that has one; absent: it stays as it is. */
  explorationBudgetPercent: explorationBudget.exactOptional(),
  /** Chosen by who asks: the orchestrator's answer carries it. */
  id: z.string().min(1).max(64).exactOptional(),
})

/** Wishes whose answers an orchestrator still tells. */
export const MAX_ANSWERED = 8

/** Why a wish changed nothing. */
const refusal = z.string().max(4096)

/** By the `id` of a goal, oldest first. Without `refused` it holds, and outlives the orchestrator's process. */
export const answers = z
  .array(z.object({ id: z.string().min(1).max(64), refused: refusal.exactOptional() }))
  .max(MAX_ANSWERED)

/** Who decides, what is in force, and what became of the newest wishes; retained. */
const orchestrator = z.object({
  session: name,
  /** Of several orchestrators, the one of the highest decides; higher after every start. */
  epoch: z.int().min(0),
  goalPercent: percent,
  agent: z.string().min(1).max(4096),
  /** Why a fixed rule is in force in the agent's place; absent while the agent acts. */
  reverted: z.string().max(4096).exactOptional(),
  /** Absent where the agent has none. */
  explorationBudgetPercent: explorationBudget.exactOptional(),
  answered: answers,
  /** The newest wish, by whomever, where it was refused; absent once another was granted. */
  refusedWish: z
    .object({
      accuracyPercent: percent,
      agent: z.string().exactOptional(),
      explorationBudgetPercent: explorationBudget.exactOptional(),
      reason: refusal,
    })
    .exactOptional(),
})

/** What the agent believes of its best decision; true as far as what it has learned is. */
const explanation = z.object({
  /** Average response time that the decision is believed to have. */
  responseTimeMs: z.number(),
  /** What no decision that meets the goal goes below. */
  lowerBoundMs: z.number(),
  /** How far the decision is from the best at most. */
  gapPercent: z.number(),
  /** Whether this is the decision in force; if not, this round explores. */
  inForce: z.boolean(),
})

/** How an agent that only proposes compares with the one that acts, by one model of the fleet that judges both. */
const shadowScore = z.object({
  agent: z.string(),
  /** Rounds compared: the newest of them, at most 100. */
  rounds: z.int().min(0),
  /** Rounds with the same decision. */
  agreementPercent: percent,
  /** How much faster the fleet would be under the proposals, by what the judge predicts; negative: slower. */
  savingPercent: z.number(),
  /** Mean absolute error of the judge's predictions for the decisions that were really taken. */
  judgeErrorPercent: z.number().min(0),
  /** Proposals below the goal, since it began. */
  goalViolations: z.int().min(0),
})

/** Changes that one joint decision tells at most. */
export const MAX_DRIFT = 16

/** A node that the agent found to serve at another pace than it had learned; `as-before`: a change was undone, or was none. */
const foundDrift = z.object({
  node: name,
  tier,
  became: z.enum(['slower', 'faster', 'as-before']),
})

/** One device's current decision; retained. */
export const decision = z.object({
  session: name,
  /** Of the orchestrator that decided: devices obey the highest that was announced. */
  epoch: z.int().min(0),
  round: z.int().min(0),
  device: name,
  placement,
  /** Small first, large when unsure; absent: what `placement` says serves alone. */
  escalation: z
    .object({ to: placement, margin: z.number().gt(0).max(1), share: z.number().min(0).max(1) })
    .exactOptional(),
  /** A fallback must be at least this accurate, or the fleet's average would break the goal. */
  fallbackAccuracyPercent: percent,
})

/** The joint decision of a round and what the round before produced; retained. */
const jointDecision = z.object({
  session: name,
  epoch: z.int().min(0).exactOptional(),
  round: z.int().min(0),
  agent: z.string(),
  goalPercent: percent,
  /** Device → its choice: `edge/d0`, or `end/d3>edge/d0@0.51`. */
  placements: z.record(name, z.string()),
  /** Devices that one message has no room for, here and in `closed`; absent: none. Each has its own decision. */
  leftOut: z.int().min(1).exactOptional(),
  /** Average accuracy that the joint decision promises. */
  accuracyPercent: percent,
  progress: z.object({
    realSteps: z.int().min(0),
    plannedSteps: z.int().min(0),
    updates: z.int().min(0),
  }),
  /** Answers of the fleet whose true label was told since the session began, and how many of them were right; absent before the first. */
  measured: z.object({ labelled: z.int().min(1), right: z.int().min(0) }).exactOptional(),
  /** Rounds in which the served average accuracy fell below the goal, since the session began. */
  goalViolations: z.int().min(0),
  /** Requests by themselves that the agent heard of, and those it was too slow for. */
  answers: z.object({ heard: z.int().min(0), dropped: z.int().min(0) }).optional(),
  /** What decisions are held to while requests fell short of the goal, or devices ask unequally; absent: the goal. */
  raisedGoalPercent: percent.optional(),
  /** Where offloaded requests that fall back would break the goal, and of which devices; absent: they would keep it. */
  fallbackRisk: z.string().optional(),
  /** Average over the requests that were answered in the window; absent where there were none. */
  served: z
    .object({
      requests: z.int().min(1),
      accuracyPercent: percent,
      windowSeconds: z.number().positive(),
    })
    .exactOptional(),
  /** Absent where the agent cannot tell. */
  explanation: explanation.optional(),
  /** Found since the decision before; absent: nothing. */
  drift: z.array(foundDrift).max(MAX_DRIFT).exactOptional(),
  /** Present where a second agent proposes. */
  shadow: shadowScore.optional(),
  /** Present while a fixed rule is in force in the agent's place. */
  revert: z.object({ rule: z.string(), reason: z.string() }).optional(),
  closed: z
    .object({
      round: z.int().min(0),
      agent: z.string(),
      /** The orchestrator itself decided, not an agent. */
      byRule: z.boolean().optional(),
      goalPercent: percent,
      /** By device. */
      placements: z.record(name, z.string()),
      /** As expected where a decision escalates; without the devices that asked nothing. */
      responseTimesMs: z.record(name, milliseconds),
      responseTimeMs: milliseconds,
      accuracyPercent: percent,
      violated: z.boolean(),
    })
    .optional(),
})

/** Whom a fleet knows, in the words of its authority: the text that it has signed; see `src/access/roster.ts`. */
const roster = z.object({ body: z.string(), signature: z.string() })

/** What a node says of itself. */
export type Telemetry = z.infer<typeof telemetry>
/** How the answers of a device turned out. */
export type InService = z.infer<typeof inService>
/** What a node says that lives. */
export type LiveTelemetry = Extract<Telemetry, { alive: true }>
/** What a device says of one answered request, on the topic `observation`. */
export type AnswerReport = z.infer<typeof observation>
/** Whether one answer was right. */
export type LabelReport = z.infer<typeof label>
/** What a fleet is to do. */
export type Goal = z.infer<typeof goal>
/** Extra response time that exploring may cost, percent. */
export type ExplorationBudget = z.infer<typeof explorationBudget>
/** Who decides, and what it acknowledged. */
export type OrchestratorNews = z.infer<typeof orchestrator>
/** What one device is to do. */
export type DeviceDecision = z.infer<typeof decision>
/** What the fleet does, and what it did in the round before. */
export type JointDecision = z.infer<typeof jointDecision>
/** What an agent believes of the best decision it knows. */
export type DecisionExplanation = z.infer<typeof explanation>
/** A node that serves at another pace than it was learned to. */
export type FoundDrift = z.infer<typeof foundDrift>
/** How a shadow fares. */
export type ShadowScore = z.infer<typeof shadowScore>
/** What a round came to. */
export type ClosedRound = NonNullable<JointDecision['closed']>

/** Kind of message → schema. `jointDecision` is the decision topic of the whole fleet, `roster` whom it knows. */
export const schemas = {
  telemetry,
  observation,
  label,
  goal,
  decision,
  jointDecision,
  roster,
  orchestrator,
} as const
/** `telemetry`, `observation`, `label`, `goal`, `decision`, `jointDecision`, `roster` or `orchestrator`. */
export type MessageKind = keyof typeof schemas
/** A message of a kind. */
export type MessageOf<Kind extends MessageKind> = z.infer<(typeof schemas)[Kind]>

/**
 * The control plane's eight typed topics: telemetry, observation, label, goal, a device's decision, the joint one, roster and orchestrator. Schemas are the contract between
 * processes: what does not match is counted, logged and dropped, never a crash.
 */
import { z } from 'zod'
import { askedGoals, deviceWish } from './device-goal.ts'
import { epoch, milliseconds, name, percent, placement, tier, traceparent } from './fields.ts'
import { telemetry } from './telemetry-message.ts'

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

/** Extra response time that exploring may cost, percent of what the best decision known takes. Absent where the agent has none. */
const exploring = {
  explorationBudgetPercent: z
    .union([z.number().gt(0).max(1000), z.literal('unbounded')])
    .exactOptional(),
}

/** Longest name of an agent, characters: a fixed one is named by its decisions. */
export const MAX_AGENT_LENGTH = 4096

/** The Quality of Service Goal, and optionally which agent acts; retained, changeable while running. */
const goal = z.object({
  accuracyPercent: percent,
  /** `hybrid`, `oracle`, `fixed:<placement>` or `fixed:<placement>,<placement>,…` (one for each device). */
  agent: z.string().min(1).max(MAX_AGENT_LENGTH).exactOptional(),
  /** true: the fixed rule takes the agent's place at once; false: the agent goes on; absent: it stays as it is. */
  revert: z.boolean().exactOptional(),
  ...exploring,
  /** Of one device, for its own requests; absent: all stay as they are. */
  deviceGoal: deviceWish.exactOptional(),
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

/** What a fleet follows. */
export const goalInForce = z.object({
  goalPercent: percent,
  agent: z.string().min(1).max(MAX_AGENT_LENGTH),
  /** Why a fixed rule is in force in the agent's place; absent while the agent acts. */
  reverted: z.string().max(4096).exactOptional(),
  ...exploring,
  /** By device: goals in place of what the devices were started with; absent: none. */
  deviceGoals: askedGoals.exactOptional(),
})

/** Who decides, what is in force, and what became of the newest wishes; retained. */
const orchestrator = z.object({
  session: name,
  /** Of several orchestrators, the one of the highest decides; higher after every start. */
  epoch,
  ...goalInForce.shape,
  answered: answers,
  /** The newest wish, by whomever, where it was refused; absent once another was granted. */
  refusedWish: goal.omit({ id: true, revert: true }).extend({ reason: refusal }).exactOptional(),
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
  epoch,
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

/** Average over the requests that were answered in a window. */
const served = z.object({
  requests: z.int().min(1),
  accuracyPercent: percent,
  windowSeconds: z.number().positive(),
})

/** How a goal that a device has for itself is kept. */
const deviceGoal = z.object({
  goalPercent: percent,
  /** What its decisions are held to while its requests fell short; absent: the goal. */
  raisedGoalPercent: percent.exactOptional(),
  /** The most accurate that can serve it now, where that is below the goal; absent: the goal can be kept. */
  reachablePercent: percent.exactOptional(),
  /** Of the device's own requests; absent where there were none. */
  served: served.exactOptional(),
})

/** The joint decision of a round and what the round before produced; retained. */
const jointDecision = z.object({
  session: name,
  epoch: epoch.exactOptional(),
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
  served: served.exactOptional(),
  /** Of the devices that have a goal of their own, by name; absent where none has. */
  deviceGoals: z.record(name, deviceGoal).exactOptional(),
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

/** What a device says of one answered request, on the topic `observation`. */
export type AnswerReport = z.infer<typeof observation>
/** Whether one answer was right. */
export type LabelReport = z.infer<typeof label>
/** What a fleet is to do. */
export type Goal = z.infer<typeof goal>
/** Extra response time that exploring may cost, percent. */
export type ExplorationBudget = NonNullable<Goal['explorationBudgetPercent']>
/** Who decides, and what it acknowledged. */
export type OrchestratorNews = z.infer<typeof orchestrator>
/** What one device is to do. */
export type DeviceDecision = z.infer<typeof decision>
/** What the fleet does, and what it did in the round before. */
export type JointDecision = z.infer<typeof jointDecision>
/** A goal that one device has for itself, and how it is kept. */
export type DeviceGoal = z.infer<typeof deviceGoal>
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

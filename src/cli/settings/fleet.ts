/** Settings that a whole fleet has in common: `tierwise up` hands them to its nodes. */
import { z } from 'zod'
import { AGENT_NAMES } from '../../learning/agents/names.ts'
import { NODE_DEFAULTS } from '../../node/node-options.ts'
import { LONGEST_DEADLINE_MS } from '../../node/request-terms.ts'
import { DEFAULT_POLICY, POLICY_NAMES } from '../../scheduling/policies/create.ts'
import { SERVICE_ORDERS } from '../../scheduling/request-queue.ts'
import { WAIT_LIMIT_MS } from '../../serving/request-scheduler.ts'
import { LOG_LEVELS } from '../log.ts'
import {
  agentName,
  budgetPercent,
  catalogueName,
  file,
  goalPercent,
  integer,
  text,
  waitMs,
} from './kinds.ts'
import { setting } from './setting.ts'

const CONFIDENCE = 'write a share above 0 and below 1, such as 0.95'

/** Who acts on a fleet, and beside what. Only the cloud node, which holds the orchestrator, reads it. */
export const orchestrationSettings = z.object({
  goal: setting(
    'lowest average accuracy; when left out, one point below the most accurate variant',
    goalPercent.exactOptional(),
    '--goal <percent>',
  ),
  agent: setting(AGENT_NAMES.join(', '), agentName.default('factored'), '--agent <name>'),
  profile: setting(
    'measured profile: what oracle searches, and what factored begins with',
    file.exactOptional(),
    '--profile <file>',
  ),
  shadow: setting(
    'an agent that only proposes, scored against the acting one',
    agentName.exactOptional(),
    '--shadow <name>',
  ),
  exploration: z
    .strictObject({
      budgetPercent: setting(
        "extra response time that exploring may cost, of factored; when left out, the agent's own default",
        budgetPercent.exactOptional(),
        '--exploration-budget <percent>',
      ),
    })
    .prefault({}),
  /** Accuracies that are measured in service, by labels that applications tell. */
  labels: z
    .strictObject({
      confidence: setting(
        'keep the goal by accuracies that labels have measured, with this confidence, such as 0.95, of factored; when left out, by those of the catalogue',
        z.number(CONFIDENCE).gt(0, CONFIDENCE).lt(1, CONFIDENCE).exactOptional(),
        '--label-confidence <share>',
      ),
      measuredOn: setting(
        "so many labels the catalogue's accuracies count as there",
        integer(0).default(10_000),
      ),
    })
    .prefault({}),
  /** The fixed rule that takes the agent's place: when asked to, when the agent fails, or when it is too slow. */
  revert: z
    .strictObject({
      to: setting(
        'safe (every device by itself with its most accurate variant, if it has one and the goal is kept) or fixed:<placement>',
        text.default('safe'),
      ),
      whenSlowerPercent: setting(
        "how much slower than the rule the agent's newest rounds may be; false: as slow as they are",
        z.union([z.number().min(0), z.literal(false)]).default(100),
      ),
      rounds: setting('rounds that are averaged for that', integer(1, 10_000).default(20)),
    })
    .prefault({}),
  seed: setting('of the learner', integer(0).default(1), '--seed <number>'),
})

/** Thirty days would not fit a timer. */
const LONGEST_RETRAINING_MS = 7 * 24 * 3_600_000

const deadlineMs = z.number().positive().max(LONGEST_DEADLINE_MS).exactOptional()

/** In which order requests are served, and by which variants. */
export const schedulingSettings = z
  .strictObject({
    policy: setting(
      'who picks the variant of requests with a deadline',
      z.enum(POLICY_NAMES).default(DEFAULT_POLICY),
      '--policy <name>',
    ),
    policyFile: setting(
      'a policy that `tierwise schedule train` wrote, or {"policy": "…"}; taken anew whenever the file changes',
      file.exactOptional(),
      '--policy-file <file>',
    ),
    retrainEveryMs: setting(
      'how often to train the policy on arrivals of one’s own, in the background, and take it where it does better; when left out, never',
      integer(1000, LONGEST_RETRAINING_MS).exactOptional(),
      '--retrain-every <ms>',
    ),
    usualDeadlineMs: setting(
      'of most requests: what policies are made for, and a policy file is checked for',
      deadlineMs,
    ),
    defaultDeadlineMs: setting(
      'of requests that name none; absent: they have none, and are served as asked',
      deadlineMs,
    ),
    softDeadlineMs: setting(
      'by when a request without a deadline should be answered; absent: twenty times what its variant takes',
      deadlineMs,
    ),
    waitLimitMs: setting(
      'what a request without a deadline may wait; one that would wait longer is refused (503) with the time until there is room',
      waitMs(1).default(WAIT_LIMIT_MS),
      '--wait-limit <ms>',
    ),
    order: setting(
      'shares: by deadline, and when not all can be in time every priority has its share; strict: deadlines first, then lower priorities, and what ranks lower may wait for ever',
      z.enum(SERVICE_ORDERS).default('shares'),
    ),
  })
  .prefault({})

/** How every node of a fleet serves. */
export const servingSettings = z.object({
  catalogue: setting(
    'your own models (a file), or those that come with Tierwise: fashion, trained (default), or paper, Table III with seeded weights',
    catalogueName.exactOptional(),
    '--catalogue <file>',
  ),
  mode: setting(
    'decisions pushed to devices, or asked for on every request',
    z.enum(['pushed', 'consulted']).default(NODE_DEFAULTS.mode),
    '--mode <mode>',
  ),
  requestTimeoutMs: setting(
    'wait this long for another tier, then serve here',
    waitMs(1).default(NODE_DEFAULTS.requestTimeoutMs),
    '--request-timeout-ms <number>',
  ),
  auditPercent: setting(
    "of a device's sure answers: how many the larger variant is asked about as well, once they have left",
    z.number().min(0).max(100).default(2),
    '--audit-percent <percent>',
  ),
  scheduling: schedulingSettings,
  logLevel: setting(
    'least important lines of the log',
    z.enum(LOG_LEVELS).default('info'),
    '--log-level <level>',
  ),
})

/**
 * What `hybrid` knows, for another goal or another number of devices. For another goal all of it holds. For another number of
 * devices Q, System's costs and how often each device took each choice are carried over and the epochs begin anew; the three
 * buffers, the next states and single devices' responses are learned again.
 */
import { checkpoint, knowledgeOf } from '../agents/checkpoint.ts'
import type { ExplorationState } from '../agents/exploration.ts'
import type { LearnedConstraintState } from '../constraint/constraint.ts'
import type { SystemModelState } from '../model/network.ts'
import type { NetworkState } from '../nn/wide-and-deep.ts'
import type { KeyedBufferState } from '../replay/keyed-buffer.ts'
import type { PrioritizedBufferState } from '../replay/prioritized-buffer.ts'
import { transferBlocks } from './blocks.ts'
import { transferConstraint } from './constraint.ts'
import { transferNetwork } from './network.ts'
import { withoutExperience } from './replay.ts'
import type { Task } from './task.ts'

/** The parts of a saved `HybridAgent`; what is not named here does not depend on the task. */
interface Parts {
  readonly constraint: LearnedConstraintState | undefined
  readonly exploration: ExplorationState
  readonly policy: NetworkState
  readonly target: NetworkState | undefined
  readonly system: SystemModelState
  readonly memory: {
    readonly direct: PrioritizedBufferState
    readonly plan: KeyedBufferState
    readonly responses: unknown
  }
}

interface Knowledge {
  readonly epochStart: { readonly parts: Parts }
}

/**
 * @param variant under which the agent was saved
 * @throws InvalidInputError if it was not saved for this problem, or the tasks do not compare
 */
export function transferHybrid(saved: unknown, variant: string, from: Task, to: Task): unknown {
  const knowledge = knowledgeOf<Knowledge>(saved, variant, from.problem)
  if (from.problem.devices === to.problem.devices) return checkpoint(variant, to.problem, knowledge)
  const { epochStart } = knowledge
  const { parts } = epochStart
  return checkpoint(variant, to.problem, {
    observed: [],
    epochStart: {
      ...epochStart,
      counters: { realSteps: 0, plannedSteps: 0, updates: 0 },
      learnedSteps: 0,
      epoch: 0,
      parts: {
        ...parts,
        constraint: transferConstraint(parts.constraint, from, to),
        exploration: transferExploration(parts.exploration, from, to),
        policy: transferNetwork(parts.policy, from, to),
        target: parts.target && transferNetwork(parts.target, from, to),
        system: { cost: transferNetwork(parts.system.cost, from, to), nextState: undefined },
        memory: emptied(parts.memory),
      },
    },
  })
}

/** Exploration itself starts anew. */
function transferExploration(
  saved: ExplorationState,
  { problem: from }: Task,
  { problem: to }: Task,
): ExplorationState {
  const counts = transferBlocks(saved.counts, from.choices.length, from.devices, to.devices)
  return {
    counts: Float64Array.from(counts),
    lowestGoalPercent: Infinity,
    opened: [],
    start: 0,
  }
}

function emptied({ direct, plan, responses }: Parts['memory']) {
  return {
    direct: withoutExperience(direct),
    world: { experiences: [], next: 0 },
    plan: { buffer: withoutExperience(plan.buffer), keys: [] },
    responses: responses && [],
  }
}

/**
 * What `hybrid` knows, for another goal or another number of devices. For another goal all of it holds. For another number of
 * devices Q and the deep part of System are carried over and the epochs begin anew; the wide part, the next states and the three buffers
 * are learned again.
 */
import { checkpoint, knowledgeOf } from '../agents/checkpoint.ts'
import type { ScheduleState } from '../agents/hybrid-schedule.ts'
import type { LearnedConstraintState } from '../constraint/constraint.ts'
import type { SystemModelState } from '../model/network.ts'
import type { NetworkState } from '../nn/wide-and-deep.ts'
import type { KeyedBufferState } from '../replay/keyed-buffer.ts'
import type { PrioritizedBufferState } from '../replay/prioritized-buffer.ts'
import { transferConstraint } from './constraint.ts'
import { transferNetwork } from './network.ts'
import { withoutExperience } from './replay.ts'
import type { Task } from './task.ts'

/** The parts of a saved `HybridAgent`; what is not named here does not depend on the task. */
interface Parts {
  readonly constraint: LearnedConstraintState | undefined
  readonly schedule: ScheduleState
  readonly policy: NetworkState
  readonly target: NetworkState | undefined
  readonly system: SystemModelState
  readonly memory: {
    readonly direct: PrioritizedBufferState
    readonly plan: KeyedBufferState
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
      state: undefined,
      parts: {
        ...parts,
        constraint: transferConstraint(parts.constraint, from, to),
        schedule: ANEW,
        policy: transferNetwork(parts.policy, from, to),
        target: parts.target && transferNetwork(parts.target, from, to),
        system: transferSystem(parts.system, from, to),
        memory: emptied(parts.memory),
      },
    },
  })
}

/** α and ε begin anew. */
const ANEW: ScheduleState = {
  epoch: 0,
  owed: {},
  lowestGoalPercent: Number.MAX_VALUE,
  opened: [],
  start: 0,
}

function emptied({ direct, plan }: Parts['memory']) {
  return {
    direct: withoutExperience(direct),
    world: { experiences: [], next: 0 },
    plan: { buffer: withoutExperience(plan.buffer), keys: [] },
  }
}

/** The deep part is carried over; the wide one, solved from what it sees, and the next states begin anew. */
function transferSystem({ deep }: SystemModelState, from: Task, to: Task): SystemModelState {
  return { wide: undefined, deep: deep && transferNetwork(deep, from, to), nextState: undefined }
}

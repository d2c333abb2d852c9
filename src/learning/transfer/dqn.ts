/**
 * What `dqn` knows, for another goal or another number of devices. For another goal all of it holds but replayed penalties;
 * for another number of devices the network and the scale of costs are carried over, replayed experience is of no use.
 */

import type { DqnKnowledge } from '../agents/baselines/dqn.ts'
import { checkpoint, knowledgeOf } from '../agents/checkpoint.ts'
import { transferConstraint } from './constraint.ts'
import { transferNetwork } from './network.ts'
import { withoutExperience, withoutPenalties } from './replay.ts'
import type { Task } from './task.ts'

/** @throws InvalidInputError if it was not saved by `dqn` for this problem, or the tasks do not compare */
export function transferDqn(saved: unknown, from: Task, to: Task): unknown {
  const knowledge = knowledgeOf<DqnKnowledge>(saved, 'dqn', from.problem)
  const { learner, target, constraint } = knowledge
  if (from.problem.devices === to.problem.devices) {
    const direct = withoutPenalties(learner.direct)
    return checkpoint('dqn', to.problem, { ...knowledge, learner: { ...learner, direct } })
  }
  return checkpoint('dqn', to.problem, {
    ...knowledge,
    realSteps: 0,
    explore: false,
    inForce: undefined,
    learner: {
      policy: transferNetwork(learner.policy, from, to),
      direct: withoutExperience(learner.direct),
      scaleMs: learner.scaleMs,
      updates: 0,
    },
    target: target && transferNetwork(target, from, to),
    constraint: transferConstraint(constraint, from, to),
  } satisfies DqnKnowledge)
}

/** What an agent knows, with the name and the problem it is true for. */
import { InvalidInputError } from '../../errors.ts'
import { formatChoice } from '../../fleet/choice.ts'
import type { Problem } from '../environment/environment.ts'

interface Checkpoint {
  readonly agent: string
  readonly problem: string
  readonly knowledge: unknown
}

/** A deep copy, structured-clone safe. */
export function checkpoint(agent: string, problem: Problem, knowledge: unknown): unknown {
  return structuredClone({ agent, problem: describe(problem), knowledge } satisfies Checkpoint)
}

/**
 * A copy of the knowledge that `checkpoint` was given.
 * @throws InvalidInputError if another agent saved it, or it is of another problem
 */
export function knowledgeOf<Knowledge>(saved: unknown, agent: string, problem: Problem): Knowledge {
  const checkpoint: Partial<Checkpoint> = Object(saved)
  if (checkpoint.agent !== agent) {
    throw new InvalidInputError(
      `cannot restore agent "${agent}" from what agent "${checkpoint.agent}" saved: start that agent, or start without the checkpoint`,
    )
  }
  if (checkpoint.problem !== describe(problem)) {
    throw new InvalidInputError(
      `cannot restore: saved for ${checkpoint.problem}, but this fleet has ${describe(problem)}`,
    )
  }
  return structuredClone(checkpoint.knowledge) as Knowledge
}

/** A part of an agent with a state of its own, which is structured-clone safe. */
interface Part {
  save(): unknown
  restore(saved: never): void
}

/** The state of each part by its name; parts that are undefined have none. */
export function saveParts(parts: Readonly<Record<string, Part | undefined>>): PartStates {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part?.save()]))
}

export type PartStates = Readonly<Record<string, unknown>>

/** @param saved by `saveParts`, of the same parts */
export function restoreParts(
  parts: Readonly<Record<string, Part | undefined>>,
  saved: PartStates,
): void {
  for (const [name, part] of Object.entries(parts)) part?.restore(saved[name] as never)
}

/** What must be equal for knowledge to carry over. */
function describe({ devices, choices, stateSize }: Problem): string {
  const placements = choices.map(formatChoice).join(' ')
  return `${devices} devices, ${stateSize} state features, choices ${placements}`
}

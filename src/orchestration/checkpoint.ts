/** What an agent has learned, on disk, so that a cloud that starts again goes on where it stood. */
import { join } from 'node:path'
import { z } from 'zod'
import type { Problem } from '../learning/environment/environment.ts'
import { DurableFile, type FileKind } from '../storage/durable-file.ts'
import type { SavedAgent } from './agent-messages.ts'
import type { OrchestratorOptions } from './orchestrator-options.ts'

const placement = z.object({ tier: z.enum(['end', 'edge', 'cloud']), variant: z.string() })
const choice = z.looseObject({ placement, accuracyPercent: z.number() })
const problem = z.looseObject({
  devices: z.int().min(1),
  choices: z.array(choice),
  stateSize: z.int().min(0),
  names: z.array(z.string()).optional(),
  edgeOf: z.array(z.int().min(0)).optional(),
})

/** Which agent, of which problem; what it saved is its own. */
const savedAgent = z.object({
  spec: z.string(),
  problem: z.custom<Problem>((value) => problem.safeParse(value).success, 'no problem'),
  saved: z.unknown(),
}) satisfies z.ZodType<SavedAgent>

/** A checkpoint of an agent. */
export const CHECKPOINT: FileKind<SavedAgent> = {
  format: 'tierwise-checkpoint-4',
  schema: savedAgent,
}

/** Where an orchestrator keeps its agent; undefined where it keeps nothing. */
export function checkpointOf({
  checkpointFile,
  stateFolder,
  disk,
}: Pick<OrchestratorOptions, 'checkpointFile' | 'stateFolder' | 'disk'>):
  | DurableFile<SavedAgent>
  | undefined {
  const path = checkpointFile ?? (stateFolder && join(stateFolder, 'checkpoint'))
  return path === undefined ? undefined : new DurableFile(path, CHECKPOINT, disk)
}

/** What an agent has learned, on disk, so that a cloud that starts again goes on where it stood. */
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../errors.ts'
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

/** What an agent knew when it was last asked: kept by one write at a time. */
export class Checkpoint {
  private readonly options: Pick<
    OrchestratorOptions,
    'checkpointFile' | 'stateFolder' | 'disk' | 'logger'
  >
  private newest: SavedAgent | undefined
  private saving: Promise<void> | undefined

  /** @param newest of an earlier process */
  constructor(options: Checkpoint['options'], newest: SavedAgent | undefined) {
    this.options = options
    this.newest = newest
  }

  /** Of this agent, if it is known. */
  of(spec: string): SavedAgent | undefined {
    return this.newest?.spec === spec ? this.newest : undefined
  }

  /** It cannot go on from there. */
  forget(spec: string): void {
    if (this.newest?.spec === spec) this.newest = undefined
  }

  /** Resolves when it is written, or a write was under way already; a failed one is logged. @param ask what the agent knows now */
  save(ask: () => Promise<SavedAgent | undefined>): Promise<void> {
    this.saving ??= this.write(ask).finally(() => {
      this.saving = undefined
    })
    return this.saving
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await this.saving
  }

  private async write(ask: () => Promise<SavedAgent | undefined>): Promise<void> {
    const file = checkpointOf(this.options)
    if (file === undefined) return
    try {
      this.newest = (await ask()) ?? this.newest
      if (this.newest) await file.write(this.newest)
    } catch (error) {
      const { path } = file
      this.options.logger.warn({ file: path, reason: messageOf(error) }, 'checkpoint not written')
    }
  }
}

/** What the orchestrator knows, on disk, so that a cloud that starts again goes on where it stood. */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { deserialize, serialize } from 'node:v8'
import type { Logger } from 'pino'
import { messageOf } from '../errors.ts'
import type { SavedAgent } from './agent-messages.ts'

/** The Quality of Service Goal and who acts for it. */
export interface GoalInForce {
  readonly goalPercent: number
  readonly agent: string
  /** Why a fixed rule is in force in the agent's place; absent while the agent acts. */
  readonly reverted?: string
}

/** All that survives a restart. */
export interface Checkpoint {
  /** As configured when it was written: another configuration overrides the goal that was in force. */
  readonly configured: GoalInForce
  readonly inForce: GoalInForce
  readonly agent: SavedAgent | undefined
}

const FORMAT = 'tierwise checkpoint 3'

/** Replaces the file as a whole: a crash leaves the old one or the new one. */
export async function writeCheckpoint(file: string, checkpoint: Checkpoint): Promise<void> {
  const unfinished = `${file}.new`
  await writeFile(unfinished, serialize({ format: FORMAT, ...checkpoint }))
  await rename(unfinished, file)
}

/** Undefined when there is no file, and, with a warning, when it cannot be used: a checkpoint is never worth a failed start. */
export async function readCheckpoint(
  file: string,
  logger: Logger,
): Promise<Checkpoint | undefined> {
  let content: Buffer
  try {
    content = await readFile(file)
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (!isMissing) logger.warn({ file, reason: messageOf(error) }, 'checkpoint not readable')
    return undefined
  }
  try {
    const value: unknown = deserialize(content)
    if (isCheckpoint(value)) return value
    throw new Error(`no "${FORMAT}"`)
  } catch (error) {
    logger.warn({ file, reason: messageOf(error) }, 'checkpoint not usable: learning starts anew')
    return undefined
  }
}

function isCheckpoint(value: unknown): value is Checkpoint {
  return typeof value === 'object' && value !== null && 'format' in value && value.format === FORMAT
}

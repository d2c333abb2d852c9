/** What was acknowledged, kept where it outlives the process: goal, agent, revert; and as whom the orchestrator decides. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import { z } from 'zod'
import { askedGoals } from '../control/device-goal.ts'
import { answers, explorationBudget } from '../control/messages.ts'
import { messageOf } from '../errors.ts'
import type { Disk } from '../storage/disk.ts'
import { DurableFile, type FileKind } from '../storage/durable-file.ts'

const goalInForce = z.object({
  goalPercent: z.number().min(0).max(100),
  agent: z.string().min(1),
  reverted: z.string().exactOptional(),
  /** Of an agent that has one; absent: its own. */
  explorationBudgetPercent: explorationBudget.exactOptional(),
  /** Asked for devices, in place of what they were started with. */
  deviceGoals: askedGoals.exactOptional(),
})

const promised = z.object({
  session: z.uuid(),
  epoch: z.int().min(0),
  /** The newest epoch in which it decided: what others decided in later ones is unknown here; -1: it never did. */
  decidedIn: z.int().min(-1).default(-1),
  configured: goalInForce,
  inForce: goalInForce,
  /** Of the newest wishes: what was refused is not granted after a restart, when a broker that retains it tells it again. */
  answered: answers.default([]),
  /** No round of the session had, or will have, this number or a higher one, unless that was kept first. */
  roundsBelow: z.int().min(0).default(0),
})

/** The Quality of Service Goal and who acts for it; `reverted`: why a fixed rule is in force in the agent's place. */
export type GoalInForce = Readonly<z.infer<typeof goalInForce>>
/** `configured` as it was then: another configuration overrides the goal that was in force. */
export type Promised = Readonly<z.infer<typeof promised>>

const PROMISED: FileKind<Promised> = { format: 'tierwise-promises-1', schema: promised }

/** Writes one after another; of those that come while it writes, only the newest. */
export class Promises {
  private readonly file: DurableFile<Promised> | undefined
  private newest: Promised | undefined
  private written: Promised | undefined
  private writing: Promise<void> | undefined
  private isClosed = false

  /** @param folder absent: they are kept as long as this process lives */
  constructor(folder: string | undefined, disk?: Disk) {
    if (folder !== undefined) this.file = new DurableFile(join(folder, 'promises'), PROMISED, disk)
  }

  /** What an earlier process kept. */
  async read(logger: Logger): Promise<Promised | undefined> {
    return this.file?.read(logger)
  }

  /** @returns why it could not be kept, or nothing once it is on the disk */
  async keep(kept: Promised): Promise<string | undefined> {
    if (this.file === undefined || kept === this.written) return undefined
    this.newest = kept
    // The write under way may have begun before: wait for the next one.
    const { file } = this
    await this.writing?.catch(() => {})
    if (this.isClosed) return 'the orchestrator has stopped'
    this.writing ??= this.write(file).finally(() => {
      this.writing = undefined
    })
    return this.writing.then(
      () => undefined,
      (error: unknown) => messageOf(error),
    )
  }

  /** Nothing is written from now on; resolves when what is under way is. */
  async close(): Promise<void> {
    this.isClosed = true
    while (this.writing !== undefined) await this.writing.catch(() => {})
  }

  private async write(file: DurableFile<Promised>): Promise<void> {
    const { newest } = this
    if (newest === undefined) return
    await file.write(newest)
    this.written = newest
  }
}

/** The round in force, kept so that what devices report while no orchestrator lives can teach the next one. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { AnswerReport } from '../control/messages.ts'
import { messageOf } from '../errors.ts'
import { decidedChoices, formatChoice } from '../fleet/choice.ts'
import type { Answer, Problem, State } from '../learning/environment/environment.ts'
import type { Disk } from '../storage/disk.ts'
import { DurableFile, type FileKind } from '../storage/durable-file.ts'
import { EscalationCosts } from './escalation-costs.ts'
import { type PastRound, RoundHistory } from './round-history.ts'

/** Reports that wait until an agent acts on the fleet that they are of. */
const MAX_WAITING = 256

const state: z.ZodType<State> = z.object({
  features: z.instanceof(Float32Array),
  goalPercent: z.number(),
  available: z.array(z.array(z.boolean())),
  shedding: z.array(z.boolean()).exactOptional(),
})
const keptRound = z.object({
  session: z.string(),
  number: z.int().min(0),
  devices: z.array(z.string()),
  /** What each device was told. Shape [devices]. */
  choices: z.array(z.string()),
  state,
  decision: z.array(z.int().min(0)),
})
/** A round as it is kept. */
export type KeptRound = z.infer<typeof keptRound>
const KEPT_ROUND: FileKind<KeptRound> = { format: 'tierwise-round-1', schema: keptRound }

const fileIn = (folder: string, disk: Disk | undefined) =>
  new DurableFile(join(folder, 'round'), KEPT_ROUND, disk)

/** The round of an earlier process; undefined where there is none. */
export function readRound(
  folder: string,
  disk: Disk | undefined,
  logger: Logger,
): Promise<KeptRound | undefined> {
  return fileIn(folder, disk).read(logger)
}

/** Writes the newest round, one write after another; rounds that come meanwhile are skipped. */
export class RoundKeeper {
  private newest: KeptRound | undefined
  private writing: Promise<void> | undefined
  private readonly file: DurableFile<KeptRound>
  private readonly logger: Logger

  constructor(folder: string, disk: Disk | undefined, logger: Logger) {
    this.file = fileIn(folder, disk)
    this.logger = logger
  }

  keep(session: string, { number, problem, devices, state, decision }: PastRound): void {
    const choices = labelsOf(problem, decision)
    const kept = { session, number, choices, state, decision: [...decision] }
    this.newest = { ...kept, devices: [...devices] }
    this.writing ??= this.write()
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await this.writing
  }

  private async write(): Promise<void> {
    try {
      for (let next = this.newest; next; next = this.newest) {
        this.newest = undefined
        await this.file.write(next, 'process')
      }
    } catch (error) {
      this.logger.warn({ reason: messageOf(error) }, 'the round in force is not kept')
    } finally {
      this.writing = undefined
    }
  }
}

/** Reports of the round that an earlier process left in force. */
export class EarlierReports {
  private readonly kept: KeptRound | undefined
  private readonly history: RoundHistory
  private readonly costs = new EscalationCosts()
  private waiting: AnswerReport[] = []

  constructor(kept: KeptRound | undefined, clock: Clock) {
    this.kept = kept
    this.history = new RoundHistory(clock)
  }

  /** @returns whether it is of that round, and there is room for it */
  hear(report: AnswerReport): boolean {
    if (report.round !== this.kept?.number || this.waiting.length >= MAX_WAITING) return false
    this.waiting.push(report)
    return true
  }

  /** All that wait, as an agent of this fleet hears of them; none, and they wait on, where the fleet was another. */
  answers(problem: Problem, devices: readonly string[]): Answer[] {
    const { kept } = this
    if (!kept || this.waiting.length === 0 || !isOf(kept, problem, devices)) return []
    this.history.add({ ...kept, problem })
    return this.waiting.splice(0).flatMap((report) => {
      const choice = this.history.choiceOf(report)
      return this.history.answerOf(report, choice && this.costs.becameOf(report, choice)) ?? []
    })
  }
}

function labelsOf({ choices }: Problem, decision: readonly number[]): string[] {
  return decidedChoices(decision, choices).map(formatChoice)
}

function isOf(kept: KeptRound, problem: Problem, devices: readonly string[]): boolean {
  return (
    kept.devices.join() === devices.join() &&
    kept.choices.join() === labelsOf(problem, kept.decision).join() &&
    kept.state.features.length === problem.stateSize
  )
}

/** As whom an orchestrator decides, what is in force, and what it acknowledged: kept first, then told to the fleet. */
import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { MAX_ANSWERED, type OrchestratorNews } from '../control/messages.ts'
import { ConfigError, messageOf } from '../errors.ts'
import type { OrchestratorOptions } from './orchestrator-options.ts'
import { type GoalInForce, type Promised, Promises } from './promises.ts'

type Answered = OrchestratorNews['answered'][number]

/** One orchestrator's standing, from one start to the next. */
export class Standing {
  private readonly options: OrchestratorOptions
  private readonly promises: Promises
  private promised: Promised
  private answered: readonly Answered[] = []

  private constructor(options: OrchestratorOptions, promises: Promises, promised: Promised) {
    this.options = options
    this.promises = promises
    this.promised = promised
  }

  /**
   * Goes on with what an earlier process kept; another configuration overrides the goal that was in force.
   * @throws ConfigError where the state folder cannot be written
   */
  static async begin(options: OrchestratorOptions): Promise<Standing> {
    const { stateFolder, goalPercent, agent, startedAtMs = 0, logger } = options
    const promises = new Promises(stateFolder)
    const configured = { goalPercent, agent }
    try {
      if (stateFolder !== undefined) await mkdir(stateFolder, { recursive: true, mode: 0o700 })
    } catch (error) {
      throw unwritable(stateFolder, messageOf(error))
    }
    const before = await promises.read(logger)
    const isAsBefore =
      before?.configured.goalPercent === goalPercent && before.configured.agent === agent
    const promised = {
      session: randomUUID(),
      epoch: Math.max((before?.epoch ?? -1) + 1, Math.floor(startedAtMs)),
      configured,
      inForce: before && isAsBefore ? before.inForce : configured,
    }
    const reason = await promises.keep(promised)
    if (reason !== undefined) throw unwritable(stateFolder, reason)
    return new Standing(options, promises, promised)
  }

  get session(): string {
    return this.promised.session
  }
  get inForce(): GoalInForce {
    return this.promised.inForce
  }

  /** In force from now on; told once it is kept. */
  change(inForce: GoalInForce): void {
    this.promised = { ...this.promised, inForce }
    void this.tell()
  }

  /**
   * Answers a wish whose change, if it made one, is in force: kept first.
   * @param id of the wish; without one nobody waits for the answer
   * @param refused why nothing was changed
   */
  async answer(id: string | undefined, refused: string | undefined): Promise<void> {
    if (id === undefined) return
    const unkept = refused === undefined ? await this.promises.keep(this.promised) : undefined
    const reason = refused ?? (unkept && `in force, but lost with the cloud node: ${unkept}`)
    const answer = { id, ...(reason !== undefined && { refused: reason.slice(0, 4096) }) }
    this.answered = [...this.answered.slice(1 - MAX_ANSWERED), answer]
    await this.tell()
  }

  /** To the whole fleet, also to those who join it later. */
  async tell(): Promise<void> {
    const { control, logger } = this.options
    const { promised } = this
    const unkept = await this.promises.keep(promised)
    if (unkept !== undefined) logger.error({ reason: unkept }, 'the goal in force is not kept')
    const { session, epoch, inForce } = promised
    const { reverted, ...goal } = inForce
    await control.publish('orchestrator', {
      ...{ session, epoch, ...goal, answered: [...this.answered] },
      ...(reverted !== undefined && { reverted: reverted.slice(0, 4096) }),
    })
  }
}

function unwritable(folder: string | undefined, reason: string): ConfigError {
  return new ConfigError(
    `the state folder ${folder} cannot be written (${reason}): give --state a folder that can`,
  )
}

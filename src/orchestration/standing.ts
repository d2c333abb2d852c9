/** As whom an orchestrator decides, what is in force, and what it acknowledged: kept first, then told to the fleet. */
import { randomUUID } from 'node:crypto'
import { every } from '../clock.ts'
import { type Goal, MAX_ANSWERED, type OrchestratorNews } from '../control/messages.ts'
import { ConfigError, messageOf } from '../errors.ts'
import { machineDisk } from '../storage/disk.ts'
import { firstRoundAfter, type KeptRound, readRound } from './kept-round.ts'
import type { OrchestratorOptions } from './orchestrator-options.ts'
import { type GoalInForce, type Promised, Promises } from './promises.ts'

type Answered = OrchestratorNews['answered'][number]

/** How often it says that it decides. */
const TELL_MS = 2000
/** One of a higher epoch that says nothing for so long has ended. */
const SILENT_MS = 10_000

/** One orchestrator's standing, from one start to the next: of several at one broker, the one of the highest epoch decides. */
export class Standing {
  /** The round that an earlier process left in force. */
  readonly earlier: KeptRound | undefined
  private readonly options: OrchestratorOptions
  private readonly promises: Promises
  private promised: Promised
  private answered: readonly Answered[] = []
  private refusedWish: OrchestratorNews['refusedWish']

  /** The newest of one of a higher epoch, while it decides. */
  private rival: { readonly news: OrchestratorNews; readonly heardAtMs: number } | undefined
  /** Told when another one decides, and when this one does again. */
  onTurn: (isDeciding: boolean) => void = () => {}

  private constructor(
    options: OrchestratorOptions,
    promises: Promises,
    promised: Promised,
    earlier: KeptRound | undefined,
  ) {
    this.earlier = earlier
    this.options = options
    this.promises = promises
    this.promised = promised
  }

  /**
   * Goes on with what an earlier process kept; another configuration overrides the goal that was in force.
   * @throws ConfigError where the state folder cannot be written
   */
  static async begin(options: OrchestratorOptions): Promise<Standing> {
    const { stateFolder, goalPercent, agent, startedAtMs = Date.now(), logger } = options
    const { disk = machineDisk, newSession = randomUUID } = options
    const promises = new Promises(stateFolder, disk)
    const configured = { goalPercent, agent }
    try {
      if (stateFolder !== undefined) await disk.makeFolder(stateFolder)
    } catch (error) {
      throw unwritable(stateFolder, messageOf(error))
    }
    const before = await promises.read(logger)
    const isAsBefore =
      before?.configured.goalPercent === goalPercent && before.configured.agent === agent
    const round = before && stateFolder ? await readRound(stateFolder, disk, logger) : undefined
    const earlier = round?.session === before?.session ? round : undefined
    const promised = {
      session: earlier?.session ?? newSession(),
      epoch: Math.max((before?.epoch ?? -1) + 1, Math.floor(startedAtMs)),
      configured,
      inForce: before && isAsBefore ? before.inForce : configured,
    }
    const reason = await promises.keep(promised)
    if (reason !== undefined) throw unwritable(stateFolder, reason)
    return new Standing(options, promises, promised, earlier)
  }

  get session(): string {
    return this.promised.session
  }
  get epoch(): number {
    return this.promised.epoch
  }
  /** No round before it was this process's. */
  get firstRound(): number {
    return firstRoundAfter(this.earlier)
  }
  get isDeciding(): boolean {
    return this.rival === undefined
  }
  get inForce(): GoalInForce {
    return this.promised.inForce
  }

  /** Says that it decides, now and again and again, and hears of others that do. @returns a function that ends it */
  async watch(): Promise<() => void> {
    const end = await this.options.control.subscribe('orchestrator', (news) => this.hear(news))
    await this.tell()
    const stop = every(this.options.clock, TELL_MS, () => void this.sayOrTakeOver())
    return () => {
      stop()
      end()
    }
  }

  private hear(news: OrchestratorNews): void {
    const { session, epoch } = this.promised
    const isHigher = news.epoch > epoch || (news.epoch === epoch && news.session > session)
    if (!isHigher) return
    const { clock, logger } = this.options
    const wasDeciding = this.isDeciding
    this.rival = { news, heardAtMs: clock.nowMs() }
    if (!wasDeciding) return
    const other = { session: news.session, epoch: news.epoch }
    logger.error({ epoch, other }, 'another orchestrator decides at this broker: standing by')
    this.onTurn(false)
  }

  private async sayOrTakeOver(): Promise<void> {
    const { rival, options } = this
    if (rival === undefined) return this.tell()
    if (options.clock.nowMs() - rival.heardAtMs < SILENT_MS) return undefined
    const { epoch, goalPercent, agent, reverted } = rival.news
    const goal = { goalPercent, agent, ...(reverted !== undefined && { reverted }) }
    this.promised = { ...this.promised, epoch: epoch + 1, inForce: goal }
    this.rival = undefined
    await this.tell()
    options.logger.warn({ epoch: epoch + 1 }, 'the other orchestrator is silent: deciding again')
    this.onTurn(true)
  }

  /** In force from now on; told once it is kept. */
  change(inForce: GoalInForce): void {
    this.promised = { ...this.promised, inForce }
    void this.tell()
  }

  /**
   * Answers a wish whose change, if it made one, is in force: kept first. A refused one is told with its reason, also where it has no
   * `id` and nobody waits for the answer.
   * @param refused why nothing was changed
   */
  async answer({ id, accuracyPercent, agent }: Goal, refused: string | undefined): Promise<void> {
    const unkept = refused === undefined ? await this.promises.keep(this.promised) : undefined
    const problem = refused ?? (unkept && `in force, but lost with the cloud node: ${unkept}`)
    const reason = problem?.slice(0, 4096)
    const isSettled = reason === undefined && this.refusedWish === undefined
    this.refusedWish =
      reason === undefined ? undefined : { accuracyPercent, ...(agent && { agent }), reason }
    if (id === undefined && isSettled) return
    if (id !== undefined) {
      const answer = { id, ...(reason !== undefined && { refused: reason }) }
      this.answered = [...this.answered.slice(1 - MAX_ANSWERED), answer]
    }
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
      ...(this.refusedWish && { refusedWish: this.refusedWish }),
    })
  }
}

function unwritable(folder: string | undefined, reason: string): ConfigError {
  return new ConfigError(
    `the state folder ${folder} cannot be written (${reason}): give --state a folder that can`,
  )
}

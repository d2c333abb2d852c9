/** As whom an orchestrator decides, what is in force, and what it acknowledged: kept first, then told to the fleet. */
import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { every } from '../clock.ts'
import { HIGHEST_EPOCH } from '../control/fields.ts'
import { type Goal, goalInForce, MAX_ANSWERED, type OrchestratorNews } from '../control/messages.ts'
import { ConfigError, messageOf } from '../errors.ts'
import { machineDisk } from '../storage/disk.ts'
import { configuredGoal, toldGoal } from './exploring.ts'
import { type KeptRound, readRound } from './kept-round.ts'
import type { OrchestratorOptions } from './orchestrator-options.ts'
import { type GoalInForce, type Promised, Promises } from './promises.ts'

/** How often it says that it decides. */
const TELL_MS = 2000
/**
 * One of a higher epoch that says nothing so many times has ended. Counted, as no clock tells a silent one from one that this process,
 * which was itself not there for a while, has yet to hear.
 */
const SILENT_TIMES = 5
/** How long one that starts again listens for what others decided since: it looks so often, and so many times in one connection. */
const LISTEN_MS = 100
const LISTENED_TIMES = 5

/** Numbers of rounds that are set aside by one write: one that starts again uses none of them. */
const ROUNDS_AHEAD = 10_000

/** One orchestrator's standing, from one start to the next: of several at one broker, the one of the highest epoch decides. */
export class Standing {
  /** The round that an earlier process left in force. */
  readonly earlier: KeptRound | undefined
  private readonly options: OrchestratorOptions
  private readonly promises: Promises
  private promised: Promised
  /** It has yet to hear what others decided since it was in force. */
  private isListening: boolean
  private isOver = false
  /** The least epoch of whose decisions its disk knows nothing. */
  private readonly unknownEpoch: number
  /** No round before it was this process's. */
  readonly firstRound: number
  private refusedWish: OrchestratorNews['refusedWish']

  /** The newest of one of a higher epoch, while it decides. */
  private rival: { readonly news: OrchestratorNews; silentTimes: number } | undefined
  /** Told when another one decides, and when this one does again. */
  onTurn: (isDeciding: boolean) => void = () => {}

  private constructor(
    options: OrchestratorOptions,
    promises: Promises,
    promised: Promised,
    earlier: KeptRound | undefined,
    before: Promised | undefined,
  ) {
    this.earlier = earlier
    this.unknownEpoch = promised.decidedIn + 1
    this.firstRound = before?.roundsBelow ?? 0
    // Another configuration overrides whatever others decided.
    const isAsBefore = before === undefined || promised.inForce === before.inForce
    this.isListening = options.stateFolder !== undefined && isAsBefore
    this.options = options
    this.promises = promises
    this.promised = promised
  }

  /**
   * Goes on with what an earlier process kept; another configuration overrides the goal that was in force.
   * @throws ConfigError where the state folder cannot be written
   */
  static async begin(options: OrchestratorOptions): Promise<Standing> {
    const { stateFolder, startedAtMs = Date.now(), logger } = options
    const { disk = machineDisk, newSession = randomUUID } = options
    const promises = new Promises(stateFolder, disk)
    const configured = configuredGoal(options)
    try {
      if (stateFolder !== undefined) await disk.makeFolder(stateFolder)
    } catch (error) {
      throw unwritable(stateFolder, messageOf(error))
    }
    const before = await promises.read(logger)
    const isAsBefore = isDeepStrictEqual(before?.configured, configured)
    const round = before && stateFolder ? await readRound(stateFolder, disk, logger) : undefined
    const earlier = round?.session === before?.session ? round : undefined
    const promised = {
      session: before?.session ?? newSession(),
      epoch: epochAfter(before?.epoch ?? -1, startedAtMs),
      decidedIn: before?.decidedIn ?? -1,
      configured,
      inForce: before && isAsBefore ? before.inForce : { ...configured, ...ofDevices(before) },
      answered: before?.answered ?? [],
      roundsBelow: (before?.roundsBelow ?? 0) + ROUNDS_AHEAD,
    }
    const reason = await promises.keep(promised)
    if (reason !== undefined) throw unwritable(stateFolder, reason)
    return new Standing(options, promises, promised, earlier, before)
  }

  get session(): string {
    return this.promised.session
  }
  get epoch(): number {
    return this.promised.epoch
  }
  get isDeciding(): boolean {
    return this.rival === undefined && !this.isListening && !this.isOver
  }
  get inForce(): GoalInForce {
    return this.promised.inForce
  }

  /** Whether a wish has its answer: a broker may tell it again. */
  hasAnswered(id: string | undefined): boolean {
    return this.promised.answered.some((answer) => answer.id === id)
  }

  /** A round begins: later ones are set aside in time. */
  use(round: number): void {
    const { roundsBelow } = this.promised
    if (round < roundsBelow - ROUNDS_AHEAD / 2) return
    this.promised = { ...this.promised, roundsBelow: roundsBelow + ROUNDS_AHEAD }
    void this.tell()
  }

  /** Says that it decides, now and again and again, and hears of others that do. @returns a function that ends it */
  async watch(): Promise<() => void> {
    const { clock, control } = this.options
    const end = await control.subscribe('orchestrator', (news) => this.hear(news))
    const isTold = this.isListening ? this.listen() : this.tell()
    if (control.connected) await isTold
    const stop = every(clock, TELL_MS, () => void this.sayOrTakeOver())
    return () => {
      stop()
      end()
    }
  }

  /** Decides, writes and tells nothing any more; resolves when what is being written is. */
  close(): Promise<void> {
    this.isOver = true
    return this.promises.close()
  }

  private async listen(): Promise<void> {
    const { clock, control } = this.options
    for (let times = 0; this.isListening && times < LISTENED_TIMES; ) {
      await clock.sleep(LISTEN_MS)
      times = control.connected ? times + 1 : 0
      // What is retained comes right after the acknowledgement of a subscription.
      if (times === 1) (await control.subscribe('orchestrator', () => {}))()
    }
    if (this.isListening) await this.begin()
  }

  /** It has listened. @param newest of those that decided since it was in force */
  private begin(newest?: OrchestratorNews): Promise<void> {
    this.isListening = false
    if (newest) this.promised = { ...this.promised, ...toldBy(newest, this.inForce) }
    return this.takeTurn()
  }

  private hear(news: OrchestratorNews): void {
    const { session, epoch } = this.promised
    const isHigher = news.epoch > epoch || (news.epoch === epoch && news.session > session)
    if (isHigher) this.standBy(news)
    else if (this.isListening) {
      void this.begin(news.epoch >= this.unknownEpoch ? news : undefined)
    }
  }

  private standBy(news: OrchestratorNews): void {
    const { epoch } = this.promised
    const wasDeciding = this.isDeciding
    const other = { session: news.session, epoch: news.epoch }
    if (this.rival === undefined) {
      const text = 'another orchestrator decides at this broker: standing by'
      this.options.logger.error({ epoch, other }, text)
    }
    this.isListening = false
    this.rival = { news, silentTimes: 0 }
    if (wasDeciding) this.onTurn(false)
  }

  private async sayOrTakeOver(): Promise<void> {
    const { rival, options } = this
    const { control, logger } = options
    if (this.isDeciding) return this.tell()
    if (rival === undefined) return undefined
    // Who is cut off hears nobody: that is no silence.
    rival.silentTimes = control.connected ? rival.silentTimes + 1 : 0
    if (rival.silentTimes < SILENT_TIMES) return undefined
    const epoch = epochAfter(rival.news.epoch)
    this.promised = { ...this.promised, epoch, ...toldBy(rival.news, this.inForce) }
    this.rival = undefined
    logger.warn({ epoch }, 'the other orchestrator is silent: deciding again')
    return this.takeTurn()
  }

  /** Wishes that came meanwhile are a part of what it tells first. */
  private async takeTurn(): Promise<void> {
    await this.promises.keep(this.promised)
    if (!this.isDeciding) return
    this.onTurn(true)
    await this.tell()
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
  async answer({ id, revert: _, ...wish }: Goal, refused: string | undefined): Promise<void> {
    const unkept = refused === undefined ? await this.promises.keep(this.promised) : undefined
    const problem = refused ?? (unkept && `in force, but lost with the cloud node: ${unkept}`)
    const reason = problem?.slice(0, 4096)
    const isSettled = reason === undefined && this.refusedWish === undefined
    this.refusedWish = reason === undefined ? undefined : { ...wish, reason }
    if (id === undefined && isSettled) return
    if (id !== undefined) {
      const answer = { id, ...(reason !== undefined && { refused: reason }) }
      const answered = [...this.promised.answered.slice(1 - MAX_ANSWERED), answer]
      this.promised = { ...this.promised, answered }
    }
    await this.tell()
  }

  /** To the whole fleet, also to those who join it later. */
  async tell(): Promise<void> {
    if (this.isOver) return
    const { control, logger } = this.options
    const { epoch: decidedIn } = this.promised
    if (this.promised.decidedIn !== decidedIn) this.promised = { ...this.promised, decidedIn }
    const { promised } = this
    const unkept = await this.promises.keep(promised)
    if (unkept !== undefined) logger.error({ reason: unkept }, 'the goal in force is not kept')
    // What has changed meanwhile is about to be told, and who stands by says nothing.
    if (promised !== this.promised || !this.isDeciding) return
    const { session, epoch, inForce, answered } = promised
    const { reverted, ...goal } = toldGoal(inForce)
    await control.publish('orchestrator', {
      ...{ session, epoch, ...goal, answered },
      ...(reverted !== undefined && { reverted: reverted.slice(0, 4096) }),
      ...(this.refusedWish && { refusedWish: this.refusedWish }),
    })
  }
}

/** A higher one, where there is one: a forged message may have the highest, and ends nobody. */
function epochAfter(epoch: number, leastEpoch = 0): number {
  return Math.min(HIGHEST_EPOCH, Math.max(epoch + 1, Math.floor(leastEpoch)))
}

/** What one who decided before said is in force, and what it answered. @param own of what it does not tell: a budget that its agent has not */
function toldBy(news: OrchestratorNews, { reverted: _, deviceGoals: __, ...own }: GoalInForce) {
  return { inForce: { ...own, ...goalInForce.parse(news) }, answered: news.answered }
}

/** What the configuration of an orchestrator says nothing of. */
function ofDevices(before: Promised | undefined): Pick<GoalInForce, 'deviceGoals'> {
  const { deviceGoals } = before?.inForce ?? {}
  return deviceGoals ? { deviceGoals } : {}
}

function unwritable(folder: string | undefined, reason: string): ConfigError {
  return new ConfigError(
    `the state folder ${folder} cannot be written (${reason}): give --state a folder that can`,
  )
}

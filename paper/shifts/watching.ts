/** A device's own watch over answers that come one after another, each to a picture drawn by lot. */
import { AccuracyWatch } from '../../src/node/accuracy-watch.ts'
import type { Random } from '../../src/random.ts'
import { SimulatedClock } from '../../src/simulation/traffic/simulated-clock.ts'
import type { Answer } from './answers.ts'

/** From one answer to the next. */
const PAUSE_MS = 100
/** Of the sure answers, as a node audits unless it is told otherwise. */
const AUDITED_SHARE = 0.02

/** What the watch is told of. */
export interface Told {
  readonly shares: boolean
  readonly audits: boolean
}

/** One device. */
export class WatchedDevice {
  /** Doubts that began. */
  doubts = 0
  private readonly clock = new SimulatedClock()
  private readonly watch: AccuracyWatch
  private readonly told: Told
  private readonly plannedShare: number
  private readonly random: Random

  /** @param plannedShare of answers to be unsure, in [0, 1] */
  constructor(told: Told, plannedShare: number, random: Random) {
    this.told = told
    this.plannedShare = plannedShare
    this.random = random
    const clock = { nowMs: () => this.clock.nowMs(), sleep: () => Promise.resolve() }
    this.watch = new AccuracyWatch(clock, () => {
      if (this.watch.inDoubt !== undefined) this.doubts += 1
    })
  }

  get isInDoubt(): boolean {
    return this.watch.inDoubt !== undefined
  }

  /** One of these answers, drawn by lot. */
  answer(answers: readonly Answer[]): void {
    const { random, told, watch } = this
    this.clock.advance(PAUSE_MS)
    const answer = answers[random.integer(answers.length)]
    const isAudited = random.uniform() < AUDITED_SHARE
    if (answer === undefined) return
    if (told.shares) watch.judged(answer.isUnsure, this.plannedShare)
    if (told.audits && isAudited && !answer.isUnsure) watch.audited(answer.isAgreed)
  }

  /** @returns answers until it is in doubt, at most so many; null: it is in no doubt after them; 0: it was before */
  answersUntilDoubt(answers: readonly Answer[], most: number): number | null {
    for (let count = 0; count < most; count++) {
      if (this.isInDoubt) return count
      this.answer(answers)
    }
    return this.isInDoubt ? most : null
  }
}

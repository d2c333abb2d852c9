/**
 * Whether the accuracy that was measured before can still be what a device's pictures get. Two things tell without any label: more
 * answers are unsure than planned, or a larger variant disagrees with sure answers more often than it used to. Neither says how
 * accurate the answers are: only labels do.
 */
import type { Clock } from '../clock.ts'
import { shareInterval } from '../fleet/share-interval.ts'
import { Cusum } from './cusum.ts'

/** Rings once in some millions of answers at the believed share; pictures turned by 15° ring within a hundred. */
const SHARE_LIMIT = 13
/** What is believed of disagreement is its upper end already. */
const DISAGREEMENT_LIMIT = 9.2
/** Judged answers until a device's own share is believed in place of the planned one. */
const SHARE_ANSWERS = 500
/** Until then its share may be so many times the planned one: no two devices see the same pictures. */
const LEEWAY = 1.25
/** Audited answers that the usual disagreement is measured on. */
const USUAL_AUDITS = 200
/** A doubt is lifted after so many answers, and so long, in which nothing rang. */
const CLEAN_ANSWERS = 300
const CLEAN_MS = 60_000

const NOTHING_SEEN = { answers: 0, unsure: 0, planned: 0 }

interface Doubt {
  readonly reason: string
  sinceMs: number
  clean: number
}

/** Watches the answers of one device. */
export class AccuracyWatch {
  /** Sure answers that the larger variant was asked about as well, and those that it agreed with. */
  readonly audits = { audited: 0, agreed: 0 }
  private readonly clock: Clock
  private readonly onChange: () => void
  private share = new Cusum(SHARE_LIMIT)
  private disagreement = new Cusum(DISAGREEMENT_LIMIT)
  /** Until there are enough to believe them. */
  private seen = NOTHING_SEEN
  private usual = { audited: 0, agreed: 0 }
  private doubt: Doubt | undefined
  private isAccepted = false

  /** @param onChange told when doubt begins and ends */
  constructor(clock: Clock, onChange: () => void = () => {}) {
    this.clock = clock
    this.onChange = onChange
  }

  /** Why the accuracy is in doubt; undefined where it is not. */
  get inDoubt(): string | undefined {
    return this.doubt?.reason
  }

  /** A first answer was judged. @param plannedShare of such answers to be unsure */
  judged(isUnsure: boolean, plannedShare: number): void {
    const ratio = this.believedRatio()
    const rings = ratio !== undefined && this.share.hear(isUnsure, plannedShare * ratio)
    this.learnShare(isUnsure, plannedShare)
    const plannedPercent = Math.round(100 * plannedShare)
    if (rings) this.raise(`far more answers are unsure than the ${plannedPercent} % planned`)
    else this.noteClean()
  }

  /** A sure answer was compared with the larger variant's. */
  audited(isAgreed: boolean): void {
    add(this.audits, isAgreed)
    if (this.usual.audited < USUAL_AUDITS) {
      add(this.usual, isAgreed)
      return
    }
    const { audited, agreed } = this.usual
    const { high: usualShare } = shareInterval(audited - agreed, audited)
    if (!this.disagreement.hear(!isAgreed, usualShare)) return
    this.raise('the larger variant disagrees with sure answers far more often than before')
  }

  /** Somebody knows better: what is seen from now on is normal. */
  accept(): void {
    this.share = new Cusum(SHARE_LIMIT)
    this.disagreement = new Cusum(DISAGREEMENT_LIMIT)
    this.seen = NOTHING_SEEN
    this.usual = { audited: 0, agreed: 0 }
    this.isAccepted = true
    this.lift()
  }

  /**
   * How many times the planned share is believed: the device's own, one standard error up, and never less than once. Undefined while
   * nothing is believed, as somebody has said that the planned one is not true here.
   */
  private believedRatio(): number | undefined {
    const { answers, unsure, planned } = this.seen
    if (answers < SHARE_ANSWERS || planned === 0) return this.isAccepted ? undefined : LEEWAY
    const error = Math.sqrt(unsure * (1 - unsure / answers))
    return Math.max(1, (unsure + error) / planned)
  }

  /** Not from answers in doubt: they are what it is to be told from. */
  private learnShare(isUnsure: boolean, plannedShare: number): void {
    const { answers, unsure, planned } = this.seen
    if (answers >= SHARE_ANSWERS || this.doubt) return
    this.seen = {
      answers: answers + 1,
      unsure: unsure + Number(isUnsure),
      planned: planned + plannedShare,
    }
  }

  private raise(reason: string): void {
    const isNew = this.doubt === undefined
    if (this.seen.answers < SHARE_ANSWERS) this.seen = NOTHING_SEEN
    this.doubt = { reason, sinceMs: this.clock.nowMs(), clean: 0 }
    if (isNew) this.onChange()
  }

  private noteClean(): void {
    const { doubt } = this
    if (doubt === undefined) return
    doubt.clean += 1
    const isLong = this.clock.nowMs() - doubt.sinceMs >= CLEAN_MS
    if (doubt.clean >= CLEAN_ANSWERS && isLong) this.lift()
  }

  private lift(): void {
    if (this.doubt === undefined) return
    this.doubt = undefined
    this.onChange()
  }
}

function add(count: { audited: number; agreed: number }, isAgreed: boolean): void {
  count.audited += 1
  if (isAgreed) count.agreed += 1
}

/** What fixes a run of this experiment. */
import type { Run, RunSettings } from '../experiment.ts'

/** What may happen to pictures, and how strongly: percent of the range of pixels, pixels, degrees, pixels, percent. */
export const STRENGTHS = {
  none: [0],
  noise: [5, 10, 20],
  blur: [0.5, 1, 2],
  rotation: [5, 15, 30],
  occlusion: [6, 8, 12],
  darkness: [25, 50, 75],
} as const
export type Shift = keyof typeof STRENGTHS

/** Small variants: each escalates to the largest. */
export const SMALL = ['w025s2', 'w012s2'] as const

/** One device whose pictures are clean for long, and then shifted. */
export interface ShiftSettings extends RunSettings {
  readonly small: (typeof SMALL)[number]
  readonly shift: Shift
  readonly strength: number
  /** While pictures are clean. */
  readonly cleanAnswers: number
  /** Afterwards at most: it ends at the first alarm. */
  readonly shiftedAnswers: number
}

/** Of the same test pictures, percent; agreed: of the sure answers, those that the large variant gives too. */
export interface Measured {
  readonly small: number
  readonly large: number
  readonly cascade: number
  readonly escalated: number
  readonly agreed: number
}

/** Shifted answers until an alarm; null: none came. 0: it rang before. */
export interface Alarms {
  /** By the share of unsure answers alone, by audits alone, by whichever is first. */
  readonly share: number | null
  readonly audit: number | null
  readonly first: number | null
}

/** What became of accuracy, and who saw it. */
export interface ShiftResult {
  /** Of the cascade, by the catalogue, percent. */
  readonly promised: Pick<Measured, 'cascade' | 'escalated'>
  readonly clean: Measured
  readonly shifted: Measured
  readonly alarms: Alarms
  /** Doubts that began while pictures were clean. */
  readonly falseAlarms: number
}

/** One run, as it is stored. */
export type ShiftRun = Run<ShiftSettings, ShiftResult>

/** What a run is asked: one agent in a fleet that it was not made for, judged at every step by what its decisions truly cost. */
import type { Overrides } from '../../src/learning/agents/overrides.ts'
import type { RunSettings } from '../experiment.ts'
import type { LocalLaw } from './worlds/devices.ts'
import type { LawName } from './worlds/drawn-world.ts'
import type { GoalLevel } from './worlds/ladder.ts'
import type { NoiseName } from './worlds/noises.ts'
import type { PaperFleetName } from './worlds/paper-fleets.ts'
import type { WorldSet } from './worlds/sets.ts'

/** What a run is for: see `sweep.ts`. */
type Study = 'paper' | 'laws' | 'noise' | 'drift' | 'probing' | 'learners'

/** What devices tell of their own times before the first round: nothing, the truth, or something up to 30 % beside it. */
export type ProfileKind = 'none' | 'exact' | 'off by device' | 'off by choice'

/** Something becomes so many times as slow, unseen, and stays so. */
export interface Change {
  readonly what: 'edge' | 'cloud' | 'one device' | 'all devices'
  readonly factor: number
}

export interface GeneralitySettings extends RunSettings {
  readonly set: WorldSet
  readonly study: Study
  /** A name of `createAgent`, or the best fixed strategy of the fleet: see `run/best-fixed.ts`. */
  readonly agent: string
  /** As after `--set`. */
  readonly overrides?: Overrides
  readonly world: LawName | PaperFleetName
  /** Of the fleets that are drawn. */
  readonly local?: LocalLaw
  readonly users: number
  readonly goal: GoalLevel
  readonly noise: NoiseName
  readonly profile: ProfileKind
  /** After a third of the steps. */
  readonly change?: Change
  readonly steps: number
}

/** What `tierwise doctor` says of one thing. */
import type { NodeSettings } from '../settings/node.ts'

/** One line of its report. */
export interface Finding {
  readonly about:
    | 'versions'
    | 'memory'
    | 'processors'
    | 'models'
    | 'goal'
    | 'agent'
    | 'state'
    | 'credentials'
    | 'port'
    | 'broker'
    | 'link'
    | 'clock'
  /** `doubtful`: it works, and may not be what is wanted. */
  readonly state: 'well' | 'doubtful' | 'wrong'
  readonly finding: string
  /** What to do; a command where there is one. */
  readonly remedy?: string
}

/** The settings that are examined. */
export type Examined = Omit<NodeSettings, 'name'> & Partial<Pick<NodeSettings, 'name'>>

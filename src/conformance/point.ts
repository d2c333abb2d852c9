/** Numbered points of the Open Inference Protocol v2, each a check that any server can pass or fail. */
import type { GrpcSurface } from './grpc-surface.ts'
import type { RestSurface } from './rest-surface.ts'

/** What came of a point. `skipped`: the server does not claim it, or this model cannot show it. */
export type Verdict = 'pass' | 'fail' | 'skipped'

/** One point of the protocol. */
export interface Point {
  /** As in the list of the documentation; several checks may have one. */
  readonly number: number
  readonly what: string
  /** Name of the extension in the server's metadata that claims it; absent: every server must. */
  readonly extension?: string
  /** It can be asked of a server that tells of no model. */
  readonly needsNoModel?: true
}

/** A point of REST. */
export interface RestPoint extends Point {
  /** @throws Violation when the server does otherwise, NotShown when this model cannot tell */
  check(server: RestSurface): Promise<void>
}

/** A point of gRPC. */
export interface GrpcPoint extends Point {
  /** @throws Violation when the server does otherwise, NotShown when this model cannot tell */
  check(server: GrpcSurface): Promise<void>
}

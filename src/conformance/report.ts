/** All points against one server, and what came of each. */
import { messageOf } from '../errors.ts'
import { BINARY_POINTS } from './binary-points.ts'
import { EXTENSION_POINTS } from './extension-points.ts'
import { GRPC_POINTS } from './grpc-points.ts'
import type { GrpcSurface } from './grpc-surface.ts'
import type { Point, Verdict } from './point.ts'
import { INFERENCE_POINTS, METADATA_POINTS, REFUSAL_POINTS } from './rest-points.ts'
import type { RestSurface } from './rest-surface.ts'
import { NotShown } from './violation.ts'

const REST_POINTS = [
  ...METADATA_POINTS,
  ...INFERENCE_POINTS,
  ...REFUSAL_POINTS,
  ...BINARY_POINTS,
  ...EXTENSION_POINTS,
].toSorted((one, other) => one.number - other.number)

/** What came of one point. */
export interface Judged {
  readonly point: number
  readonly surface: 'REST' | 'gRPC'
  readonly what: string
  readonly verdict: Verdict
  /** Why it failed or was skipped; of a pass, the exchange that ended it. */
  readonly evidence: string
}

/** One server, judged. */
export interface ConformanceReport {
  readonly server: {
    readonly name: string
    readonly version: string
    readonly extensions: readonly string[]
  }
  readonly model: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** REST first, each by number. */
  readonly points: readonly Judged[]
}

/** The surfaces of one server; the points of one that is absent are left out. */
export type Surfaces =
  | { readonly rest: RestSurface; readonly grpc?: GrpcSurface | undefined }
  | { readonly rest?: undefined; readonly grpc: GrpcSurface }

/** Runs every point; none stops another. */
export async function judge(
  { rest, grpc }: Surfaces,
  onPoint: (judged: Judged) => void = () => {},
): Promise<ConformanceReport> {
  const { about, model } = rest ?? grpc
  const points: Judged[] = []
  const add = async <Surface extends Asked>(
    surface: Judged['surface'],
    point: Point & { check(server: Surface): Promise<void> },
    server: Surface,
  ) => {
    const { number, what } = point
    const evidence = whySkipped(point, server, about.extensions)
    const outcome =
      evidence === undefined
        ? await outcomeOf(() => point.check(server), server)
        : { verdict: 'skipped' as const, evidence }
    const judged = { point: number, surface, what, ...outcome }
    points.push(judged)
    onPoint(judged)
  }
  if (rest) for (const point of REST_POINTS) await add('REST', point, rest)
  if (grpc) for (const point of GRPC_POINTS) await add('gRPC', point, grpc)
  const count = (verdict: Verdict) => points.filter((point) => point.verdict === verdict).length
  return {
    server: about,
    model,
    passed: count('pass'),
    failed: count('fail'),
    skipped: count('skipped'),
    points,
  }
}

/** What all surfaces have. */
interface Asked {
  readonly said: string[]
  readonly unknown: string | undefined
}

function whySkipped(
  { extension, needsNoModel }: Point,
  { unknown }: Asked,
  extensions: readonly string[],
): string | undefined {
  if (extension !== undefined && !extensions.includes(extension))
    return `the server does not claim ${extension}`
  return needsNoModel ? undefined : unknown
}

async function outcomeOf(
  check: () => Promise<void>,
  { said }: { readonly said: string[] },
): Promise<Pick<Judged, 'verdict' | 'evidence'>> {
  said.length = 0
  const last = () => said.at(-1) ?? 'nothing was said'
  try {
    await check()
    return { verdict: 'pass', evidence: last() }
  } catch (error) {
    if (error instanceof NotShown) return { verdict: 'skipped', evidence: error.message }
    return { verdict: 'fail', evidence: `${messageOf(error)}; last: ${last()}` }
  }
}

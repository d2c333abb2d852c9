import type { ModelStatistics, StatisticDuration } from '../protocol/answer-schemas.ts'

interface Count {
  count: number
  ns: number
}

interface Row {
  lastMs: number
  readonly success: Count
  readonly fail: Count
  readonly queue: Count
  readonly compute: Count
  /** Size → requests that were run in batches of it, and their time in it. */
  readonly batches: Map<number, Count>
}

const NS_PER_MS = 1e6
const NOTHING: StatisticDuration = { count: 0, ns: 0 }

/** What the variants of a node have done since its start, as the extension `statistics` tells it. */
export class InferenceStatistics {
  private readonly rows = new Map<string, Row>()
  private readonly wallMs: () => number

  /** @param wallMs ms since 1970 */
  constructor(wallMs: () => number = Date.now) {
    this.wallMs = wallMs
  }

  /** @param batch requests of the inference */
  served(variant: string, queueMs: number, computeMs: number, batch = 1): void {
    const row = this.row(variant)
    row.lastMs = this.wallMs()
    add(row.queue, queueMs)
    add(row.compute, computeMs)
    add(row.success, queueMs + computeMs)
    if (batch === 1) return
    const requests = row.batches.get(batch) ?? { ...NOTHING }
    row.batches.set(batch, requests)
    add(requests, computeMs)
  }

  /** @param variant that was asked for. @param ms until it was known */
  failed(variant: string, ms: number): void {
    add(this.row(variant).fail, ms)
  }

  /** The sum of these variants. @param name what it is called */
  of(name: string, variants: readonly string[]): ModelStatistics {
    const rows = variants.map((variant) => this.row(variant))
    const sum = (part: Exclude<keyof Row, 'lastMs' | 'batches'>) => ({
      count: rows.reduce((total, row) => total + row[part].count, 0),
      ns: Math.round(rows.reduce((total, row) => total + row[part].ns, 0)),
    })
    const success = sum('success')
    const batches = batchesOf(rows)
    const spared = batches.reduce((total, { requests, count }) => total + requests - count, 0)
    return {
      name,
      version: '1',
      last_inference: Math.max(0, ...rows.map(({ lastMs }) => lastMs)),
      inference_count: success.count,
      execution_count: success.count - spared,
      inference_stats: {
        ...{ success, fail: sum('fail'), queue: sum('queue') },
        ...{ compute_input: NOTHING, compute_infer: sum('compute'), compute_output: NOTHING },
      },
      batch_stats: batches.map(({ size, count, ns }) => ({
        batch_size: size,
        ...{ compute_input: NOTHING, compute_infer: { count, ns }, compute_output: NOTHING },
      })),
    }
  }

  private row(variant: string): Row {
    const known = this.rows.get(variant)
    if (known) return known
    const count = () => ({ ...NOTHING })
    const counts = { success: count(), fail: count(), queue: count(), compute: count() }
    const row = { lastMs: 0, ...counts, batches: new Map<number, Count>() }
    this.rows.set(variant, row)
    return row
  }
}

/** The batches that these were run in, and the time of each once. */
function batchesOf(rows: readonly Row[]) {
  const sizes = new Set(rows.flatMap(({ batches }) => [...batches.keys()]))
  return [...sizes]
    .toSorted((one, other) => one - other)
    .map((size) => {
      const ofSize = rows.flatMap(({ batches }) => batches.get(size) ?? [])
      const requests = ofSize.reduce((total, { count }) => total + count, 0)
      const ns = ofSize.reduce((total, each) => total + each.ns, 0)
      return { size, requests, count: Math.round(requests / size), ns: Math.round(ns / size) }
    })
}

function add(to: Count, ms: number): void {
  to.count++
  to.ns += ms * NS_PER_MS
}

/** Metrics whose values are read when Prometheus asks for them: what is counted anyway need not be counted twice. */
import { Counter, Gauge, type Registry } from 'prom-client'

/** Names and values of labels; each set of values is a series of its own, so they must be few. */
export type Labels = Readonly<Record<string, string>>

/** One number, or one for each set of labels; undefined where nothing is known yet: then the metric has no sample. */
export type Samples = number | undefined | readonly (readonly [Labels, number])[]

/** One prefix for all that this project tells. */
export const PREFIX = 'tierwise_'

/** Adds metrics to a registry. */
export class ScrapedMetrics {
  private readonly registry: Registry

  constructor(registry: Registry) {
    this.registry = registry
  }

  /** @param name without prefix, ends in `_total` */
  counter(name: string, help: string, read: () => Samples, labelNames: string[] = []): void {
    const counter = new Counter({
      ...{ name: PREFIX + name, help, labelNames, registers: [] },
      collect() {
        empty(this, labelNames)
        for (const [labels, value] of seriesOf(read())) this.inc(labels, value)
      },
    })
    this.registry.registerMetric(counter)
  }

  /** @param name without prefix, its unit last */
  gauge(name: string, help: string, read: () => Samples, labelNames: string[] = []): void {
    const gauge = new Gauge({
      ...{ name: PREFIX + name, help, labelNames, registers: [] },
      collect() {
        empty(this, labelNames)
        for (const [labels, value] of seriesOf(read())) this.set(labels, value)
      },
    })
    this.registry.registerMetric(gauge)
  }
}

/** Without labels a reset leaves a zero, which would be told as if it were known. */
function empty(metric: Pick<Gauge, 'reset' | 'remove'>, labelNames: readonly string[]): void {
  metric.reset()
  if (labelNames.length === 0) metric.remove()
}

function seriesOf(samples: Samples): readonly (readonly [Labels, number])[] {
  if (samples === undefined) return []
  return typeof samples === 'number' ? [[{}, samples]] : samples
}

/** A state as Prometheus has it. */
export function flag(state: boolean | undefined): Samples {
  return state === undefined ? undefined : Number(state)
}

export function inSeconds(ms: number | undefined): Samples {
  return ms === undefined ? undefined : ms / 1000
}

/** One series for each value of a label. */
export function series(label: string, ...values: readonly (readonly [string, number])[]): Samples {
  return values.map(([name, value]) => [{ [label]: name }, value])
}

/** One series for each key of a record. */
export function listed(
  label: string,
  record: Readonly<Record<string, number | boolean>> | undefined,
): Samples {
  return (
    record &&
    series(label, ...Object.entries(record).map(([key, value]) => [key, Number(value)] as const))
  )
}

/** How many of all are so, and how many are not. */
export function split(label: string, so: number | undefined, all: number | undefined): Samples {
  if (so === undefined || all === undefined) return undefined
  return series(label, ['true', so], ['false', all - so])
}

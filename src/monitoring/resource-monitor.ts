/** Resource Monitoring (HL paper, Figure 1): samples this node at regular times and says what state it is in. */
import type { Clock } from '../clock.ts'
import type { Tier } from '../fleet/placement.ts'
import type { ResourceState } from '../fleet/state.ts'
import { Discretiser, type Measured, type Thresholds } from './discretise.ts'
import type { LinkProbe } from './link-probe.ts'
import type { MemoryProbe } from './memory-probe.ts'
import type { ProcessorProbe } from './processor-probe.ts'

/** The `state` and `measured` parts of telemetry. */
export interface ResourceSample {
  readonly state: ResourceState
  readonly measured: Measured
}

/** What is sampled, when, and who is told. */
export interface ResourceMonitorOptions {
  readonly tier: Tier
  readonly intervalMs: number
  readonly clock: Clock
  readonly processor: ProcessorProbe
  readonly memory: MemoryProbe
  /** To the node above; absent where there is none. */
  readonly link?: LinkProbe
  /** What the node's own traffic showed lately; undefined when there was none. */
  readonly bandwidthMbps?: () => number | undefined
  readonly thresholds?: Thresholds
  /** Called with every sample. */
  readonly publish: (sample: ResourceSample) => void
}

/** Resource Monitoring under way. */
export interface ResourceMonitor {
  /** The newest sample; undefined before the first. */
  readonly latest: ResourceSample | undefined
  /** Ends the sampling and closes the link probe. */
  stop(): Promise<void>
}

/**
 * Samples at once and then every `intervalMs`, one sample at a time.
 * @throws ConfigError for thresholds that are the wrong way round
 */
export function startResourceMonitor(options: ResourceMonitorOptions): ResourceMonitor {
  const { tier, intervalMs, clock, link, publish, thresholds } = options
  const discretiser = new Discretiser(tier, thresholds)
  let latest: ResourceSample | undefined
  let stopped = false
  let end: () => void = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })

  async function run(): Promise<void> {
    while (!stopped) {
      const measured = await measure(options)
      if (stopped) return
      latest = { state: discretiser.update(measured), measured }
      publish(latest)
      await Promise.race([clock.sleep(intervalMs), ended])
    }
  }
  const running = run()

  return {
    get latest() {
      return latest
    },
    async stop() {
      stopped = true
      end()
      await link?.close()
      await running
    },
  }
}

async function measure(options: ResourceMonitorOptions): Promise<Measured> {
  const roundTripMs = await options.link?.measure()
  const bandwidthMbps = options.bandwidthMbps?.()
  return {
    backgroundProcessorPercent: options.processor(),
    memoryUsedPercent: options.memory(),
    ...(roundTripMs !== undefined && { roundTripMs }),
    ...(bandwidthMbps !== undefined && { bandwidthMbps }),
  }
}

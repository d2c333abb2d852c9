import type { ClientTls } from '../client-tls.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { Boundary } from '../control/boundary.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import type { LiveTelemetry } from '../control/telemetry-message.ts'
import { type LinkProbe, startLinkProbe } from '../monitoring/link-probe.ts'
import { systemMemoryProbe } from '../monitoring/memory-probe.ts'
import { fixedProcessorProbe, systemProcessorProbe } from '../monitoring/processor-probe.ts'
import {
  type ResourceMonitor,
  type ResourceSample,
  startResourceMonitor,
} from '../monitoring/resource-monitor.ts'
import type { NodeOptions } from './node-options.ts'

/** What is measured, and who is told. */
export interface TelemetryOptions {
  readonly node: Pick<
    NodeOptions,
    | 'tier'
    | 'telemetryPeriodMs'
    | 'thresholds'
    | 'backgroundProcessorPercent'
    | 'dilation'
    | 'links'
    | 'clock'
  >
  readonly control: Pick<ControlPlane, 'publish'>
  /** Around what is published. */
  readonly boundary: Pick<Boundary, 'run'>
  /** The node above: edge of a device, cloud of an edge. */
  readonly aboveUrl?: string
  /** For the way there. */
  readonly tls?: ClientTls
  /** What the node's own traffic showed since the last call. */
  readonly bandwidthMbps?: () => number | undefined
  /** Everything but the sample. @param above name of the node above, once it has answered */
  readonly describe: (above: string | undefined) => Omit<LiveTelemetry, keyof ResourceSample>
}

const defaultPeriodMs = 1000

/** A node's telemetry: what Resource Monitoring measures and what the service does, published with every sample. */
export class NodeTelemetry {
  private readonly options: TelemetryOptions
  private readonly link: LinkProbe | undefined
  private readonly monitor: ResourceMonitor

  /** @throws ConfigError for thresholds or a background load that cannot be */
  constructor(options: TelemetryOptions) {
    const { node, aboveUrl, tls, bandwidthMbps } = options
    const clock: Clock = node.clock ?? systemClock
    this.options = options
    this.link =
      aboveUrl === undefined ? undefined : startLinkProbe({ url: aboveUrl, ...(tls && { tls }) })
    this.monitor = startResourceMonitor({
      tier: node.tier,
      intervalMs: node.telemetryPeriodMs ?? defaultPeriodMs,
      clock,
      processor: processorProbe(node),
      memory: systemMemoryProbe(),
      publish: (sample) => this.publish(sample),
      ...(this.link && { link: this.link }),
      ...(bandwidthMbps && { bandwidthMbps }),
      ...(node.thresholds && { thresholds: node.thresholds }),
    })
  }

  /** Says again at once how the node is, with the newest sample; nothing before the first. */
  announce(): void {
    if (this.monitor.latest) this.publish(this.monitor.latest)
  }

  stop(): Promise<void> {
    return this.monitor.stop()
  }

  private publish(sample: ResourceSample): void {
    const { boundary, control, describe } = this.options
    boundary.run('publishing telemetry', () =>
      control.publish('telemetry', { ...describe(this.link?.node), ...sample }),
    )
  }
}

/** Emulated nodes share a machine, so each would be the others' background: theirs is as stated, idle by default. */
function processorProbe({ backgroundProcessorPercent, dilation, links }: TelemetryOptions['node']) {
  const emulated = dilation !== undefined || links !== undefined
  if (backgroundProcessorPercent === undefined && !emulated) return systemProcessorProbe()
  return fixedProcessorProbe(backgroundProcessorPercent ?? 0)
}

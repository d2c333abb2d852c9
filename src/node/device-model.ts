/** Composes what makes a node a device: its decision, its links to the tiers above, its orchestrated model. */
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { AnswerReport, DeviceDecision } from '../control/messages.ts'
import { ConfigError, messageOf } from '../errors.ts'
import type { Catalogue } from '../serving/catalogue.ts'
import { DecisionClient } from './decision-route.ts'
import { ConsultedDecision, type DecisionSource, NewestDecision } from './decision-source.ts'
import type { Upstream } from './emulated-links.ts'
import type { LocalVariants } from './local-variants.ts'
import { OrchestratedModel } from './orchestrated-model.ts'
import { TierHealth } from './tier-health.ts'
import { TierLink } from './tier-link.ts'

export interface DeviceModelOptions {
  readonly name: string
  readonly mode: 'pushed' | 'consulted'
  readonly requestTimeoutMs: number
  readonly upstream: Upstream
  readonly catalogue: Catalogue
  readonly local: LocalVariants
  readonly clock: Clock
  readonly logger: Logger
  readonly observe: (observation: AnswerReport) => void
}

export interface DeviceModel {
  readonly model: OrchestratedModel
  /** Takes a pushed decision; one that cannot be followed is logged and dropped. */
  accept(decision: DeviceDecision): void
  /** To the node above, from the device's own traffic since the last call. */
  bandwidthMbps(): number | undefined
  close(): Promise<void>
}

/** @throws ConfigError when decisions are to be consulted and there is nobody to ask */
export function createDeviceModel(options: DeviceModelOptions): DeviceModel {
  const { name, upstream, catalogue, requestTimeoutMs: timeoutMs, clock, logger } = options
  const newest = new NewestDecision(name, catalogue)
  const consulting = options.mode === 'consulted' ? consult(options, newest) : undefined
  const { edgeUrl, cloudUrl } = upstream
  const edge = edgeUrl && new TierLink({ url: edgeUrl, timeoutMs, clock, logger })
  const cloud = cloudUrl && new TierLink({ url: cloudUrl, timeoutMs, clock, logger })
  const model = new OrchestratedModel({
    ...options,
    links: { ...(edge && { edge }), ...(cloud && { cloud }) },
    decisions: consulting?.decisions ?? newest,
  })
  return {
    model,
    accept(decision) {
      try {
        newest.accept(decision)
      } catch (error) {
        logger.warn({ reason: messageOf(error) }, 'dropped a decision')
      }
    },
    bandwidthMbps: () => (edge || cloud || undefined)?.takeBandwidthMbps(),
    async close() {
      for (const part of [edge, cloud, consulting]) if (part) await part.close()
    },
  }
}

function consult(
  { name, upstream, requestTimeoutMs, logger }: DeviceModelOptions,
  newest: NewestDecision,
): { decisions: DecisionSource; close(): Promise<void> } {
  const url = upstream.edgeUrl ?? upstream.cloudUrl
  if (url === undefined) {
    throw new ConfigError(
      `${name}: mode consulted needs edgeUrl or cloudUrl; give one or use pushed`,
    )
  }
  const client = new DecisionClient(url)
  const ask = (timeoutMs: number) => client.ask(name, timeoutMs)
  const health = new TierHealth(() => ask(requestTimeoutMs).then(() => true))
  return {
    decisions: new ConsultedDecision(newest, ask, health, logger),
    async close() {
      health.close()
      await client.close()
    },
  }
}

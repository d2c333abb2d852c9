/** Node settings in the form that `startNode` takes. */
import { resolve } from 'node:path'
import type { Logger } from 'pino'
import type { NodeOptions } from '../node/node-options.ts'
import type { NodeSettings } from './node-settings.ts'

/** @param catalogue path of the catalogue file */
export function nodeOptions(
  settings: NodeSettings,
  catalogue: string,
  logger: Logger,
): NodeOptions {
  const { name, tier, host, port, workers, queueLimit, bodyLimitBytes, mode, requestTimeoutMs } =
    settings
  const { broker, edge, cloud, dilation, links, thresholds, scheduling } = settings
  const { policy, policyFile, deadlineMs } = scheduling
  return {
    name,
    tier,
    host,
    port,
    catalogue,
    workers,
    queueLimit,
    bodyLimitBytes,
    mode,
    requestTimeoutMs,
    thresholds,
    logger,
    scheduling: {
      policy,
      ...(policyFile !== undefined && { policyFile: resolve(policyFile) }),
      ...(deadlineMs !== undefined && { deadlineMs }),
    },
    ...(broker !== undefined && { broker }),
    ...(edge !== undefined && { edgeUrl: edge }),
    ...(cloud !== undefined && { cloudUrl: cloud }),
    ...(dilation && { dilation }),
    ...(links && {
      links: {
        ...(links.edge && { edge: conditions(links.edge) }),
        ...(links.cloud && { cloud: conditions(links.cloud) }),
        ...(links.broker && { broker: conditions(links.broker) }),
      },
    }),
  }
}

type Link = NonNullable<NonNullable<NodeSettings['links']>['edge']>

function conditions({ rateMbps, ...delays }: Link): Link & { rateMbps?: number } {
  return rateMbps === undefined ? delays : { ...delays, rateMbps }
}

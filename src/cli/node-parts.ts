/** What every node is started with, whatever its tier. */
import type { Logger } from 'pino'
import { encryptedUrl } from '../access/credentials.ts'
import type { NodeAccess } from '../access/node-access.ts'
import type { NodeOptions } from '../node/node-options.ts'
import { type NodeSettings, servingPart } from './settings/node.ts'

/** Where clients look for REST; for gRPC it is the next. */
const USUAL_PORT = 8000

/** What a node is made of beside its settings. */
export interface NodeParts {
  /** Path of the catalogue file. */
  readonly file: string
  readonly access: NodeAccess | undefined
  readonly logger: Logger
}

/** Settings in the form that `startNode` takes. */
export function nodeOptions(
  settings: NodeSettings,
  { file, access, logger }: NodeParts,
): NodeOptions {
  const { name, site, edge, cloud, broker, port, state, floor, deviceGoal } = settings
  const { grpcPort = port === USUAL_PORT ? USUAL_PORT + 1 : 0 } = settings
  const addressOf = (url: string) => (access ? encryptedUrl(url) : url)
  return {
    ...servingPart(settings),
    ...{ name, grpcPort },
    catalogue: file,
    logger,
    ...(access && { access }),
    ...(broker !== undefined && { broker: addressOf(broker) }),
    ...(state !== undefined && { stateFolder: state }),
    ...(floor !== undefined && { floorPercent: floor }),
    ...(deviceGoal !== undefined && { goalPercent: deviceGoal }),
    ...(site !== undefined && { site }),
    ...(edge !== undefined && { edgeUrl: addressOf(edge) }),
    ...(cloud !== undefined && { cloudUrl: addressOf(cloud) }),
  }
}

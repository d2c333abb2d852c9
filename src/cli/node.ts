/** `tierwise node`: one process of a tier. */
import { Command } from 'commander'
import { refuseExposure, warnOfExposure } from '../access/exposure.ts'
import { ConfigError } from '../errors.ts'
import { NowhereToServeError } from '../node/device-model.ts'
import { startNode } from '../node/node.ts'
import type { RunningNode } from '../node/node-options.ts'
import { loadCatalogue } from '../serving/models/catalogue.ts'
import { startTracing } from './collector.ts'
import { accessOf, impliedByCredentials } from './credentials.ts'
import { interruptible, untilAborted } from './interrupts.ts'
import { createLogger } from './log.ts'
import { builtCatalogueFile } from './models-on-disk.ts'
import { type NodeParts, nodeOptions } from './node-parts.ts'
import { withSettings } from './settings/command.ts'
import { type NodeSettings, nodeSettings } from './settings/node.ts'
import { optimiseSooner, spareFullCollections } from './v8.ts'

/** `tierwise node` */
export function nodeCommand(): Command {
  const command = new Command('node')
  return withSettings(
    command,
    nodeSettings,
    (settings) => runNode({ ...settings, name: settings.name ?? settings.tier }),
    impliedByCredentials,
  )
}

/** What to do, by the flags of this command. */
function inFlags(error: unknown): never {
  if (!(error instanceof NowhereToServeError)) throw error
  throw new ConfigError(
    `${error.problem}: give it some by --variants, a higher --memory-limit or a lower --floor, or a node above it by --edge or --cloud`,
  )
}

/** Loaded when asked for: what learns, the broker and the page are half of all files, and a device or edge starts without them. */
async function startCloud(settings: NodeSettings, parts: NodeParts): Promise<RunningNode> {
  const { startCloudNode } = await import('./cloud-node.ts')
  const catalogue = await loadCatalogue(parts.file, settings)
  return startCloudNode(settings, { ...parts, catalogue })
}

/** Until Ctrl-C, SIGTERM, or the end of the process that started it; then it drains. */
async function runNode(settings: NodeSettings): Promise<void> {
  spareFullCollections()
  const logger = await createLogger(settings)
  const exposure = { ...settings, hasCredentials: settings.credentials !== undefined }
  refuseExposure(exposure)
  const stopTracing = await startTracing(process.env, { ...settings, logger })
  const access = await accessOf(settings, logger)
  const say = (text: string) => logger.info(text)
  const file = await builtCatalogueFile(settings.catalogue, say)
  const parts = { file, access, logger }
  const node =
    settings.tier === 'cloud'
      ? await startCloud(settings, parts)
      : await startNode(nodeOptions(settings, parts)).catch(inFlags)
  const stopWarning = warnOfExposure(exposure, logger)
  const abandoned = new AbortController()
  process.once('disconnect', () => abandoned.abort())
  logger.info(`listening at ${node.url}, by gRPC at ${node.grpcAddress}`)
  await interruptible(async ({ signal }) => {
    const ended = AbortSignal.any([signal, abandoned.signal])
    try {
      const announced = node.ready.then(() => {
        optimiseSooner()
        logger.info('ready: all models are warm')
        process.send?.('ready')
      })
      await Promise.race([announced, untilAborted(ended)])
      await untilAborted(ended)
    } finally {
      stopWarning()
      await node.close()
      await stopTracing?.()
    }
  })
  process.exit()
}

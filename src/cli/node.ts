/** `tierwise node`: one process of a tier. */
import { Command, Option } from 'commander'
import pino from 'pino'
import { ConfigError } from '../errors.ts'
import { TIERS } from '../fleet/placement.ts'
import { startNode } from '../node/node.ts'
import type { RunningNode } from '../node/node-options.ts'
import { DEFAULT_POLICY, POLICY_NAMES } from '../scheduling/policies/create.ts'
import { checkValue, parseYaml, readYaml } from '../yaml.ts'
import { addAgentOptions, withAgentFlags } from './agent-settings.ts'
import { startCloudNode } from './cloud-node.ts'
import { builtCatalogue } from './models-on-disk.ts'
import { nodeOptions } from './node-options.ts'
import { type NodeSettings, nodeSettings } from './node-settings.ts'
import { parseGoal, parseInteger } from './options.ts'

interface Flags {
  readonly config?: string
  readonly settings?: string
  readonly policy?: string
  readonly policyFile?: string
  readonly [setting: string]: unknown
}

export function nodeCommand(): Command {
  const command = new Command('node')
    .description(
      'Run one node: a device (end), an edge or the cloud. The cloud node also holds the orchestrator, the broker and the live page.',
    )
    .option('--config <file>', 'settings (YAML); flags override it')
    .addOption(new Option('--settings <json>', 'settings as JSON').hideHelp())
    .addOption(new Option('--tier <tier>', 'which tier').choices(TIERS))
    .option('--name <name>', 'unique in the fleet (default: the tier)')
    .option('--host <address>', 'address to listen on (default 127.0.0.1)')
    .option(
      '--port <number>',
      'port of the inference server; 0 takes a free one (default 8000)',
      parseInteger(0, 65535),
    )
    .option('--broker <url>', 'MQTT broker; the cloud node starts its own when absent')
    .option(
      '--broker-port <number>',
      'port of the cloud node’s own broker (default 1883)',
      parseInteger(0, 65535),
    )
    .option('--edge <url>', 'inference server of the edge (devices)')
    .option('--cloud <url>', 'inference server of the cloud (devices and edges)')
    .addOption(
      new Option(
        '--mode <mode>',
        'pushed decisions, or asked for on every request (default pushed)',
      ).choices(['pushed', 'consulted']),
    )
    .option(
      '--request-timeout-ms <number>',
      'wait this long for another tier, then serve here (default 2000)',
      parseInteger(1),
    )
    .option('--goal <percent>', 'lowest average accuracy (cloud; default 85)', parseGoal)
    .option(
      '--devices <number>',
      'devices to wait for before the first round (cloud; default 1)',
      parseInteger(1),
    )
    .option('--seed <number>', 'of the learner (cloud; default 1)', parseInteger(0))
    .option('--checkpoint <file>', 'keep what was learned here over restarts (cloud)')
    .action(async (flags: Flags) => runNode(await settingsOf(flags)))
  return addAgentOptions(withServing(command), ' (cloud)')
}

/** The options of the Intelligent Service. */
function withServing(command: Command): Command {
  return command
    .option('--catalogue <file>', 'your own models instead of the built ones')
    .option(
      '--workers <number>',
      'ONNX Runtime workers, one for each core (default 1)',
      parseInteger(1, 256),
    )
    .option(
      '--queue-limit <number>',
      'requests that may wait before new ones are refused (default 64)',
      parseInteger(1),
    )
    .option(
      '--policy <name>',
      `who picks the variant of requests with a deadline (default ${DEFAULT_POLICY}): ${POLICY_NAMES.join(', ')}`,
    )
    .option(
      '--policy-file <file>',
      'a policy that `tierwise schedule train` wrote, or {"policy": "…"}; taken anew whenever the file changes',
    )
}

/** @throws ConfigError naming file, line and key */
async function settingsOf({
  config,
  settings,
  policy,
  policyFile,
  ...flags
}: Flags): Promise<NodeSettings> {
  if (settings !== undefined) return parseYaml(settings, nodeSettings, '--settings')
  const fromFile = config === undefined ? {} : await readYaml(config, nodeSettings.partial())
  const scheduling = {
    ...fromFile.scheduling,
    ...(policy !== undefined && { policy }),
    ...(policyFile !== undefined && { policyFile }),
  }
  const given: Record<string, unknown> = withAgentFlags({ ...fromFile, ...flags, scheduling })
  if (given['tier'] === undefined)
    throw new ConfigError('which tier? add --tier end, --tier edge or --tier cloud')
  return checkValue({ name: given['tier'], ...given }, nodeSettings, 'command line')
}

async function runNode(settings: NodeSettings): Promise<void> {
  const logger = pino({ name: settings.name }, pino.destination({ dest: 2, sync: true }))
  const { file, catalogue } = await builtCatalogue(settings.catalogue, (text) => logger.info(text))
  const node: RunningNode =
    settings.tier === 'cloud'
      ? await startCloudNode(settings, file, catalogue, logger)
      : await startNode(nodeOptions(settings, file, logger))
  stopOnSignal(node)
  logger.info(`listening at ${node.url}`)
  try {
    await node.ready
  } catch (error) {
    await node.close()
    throw error
  }
  logger.info('ready: all models are warm')
  process.send?.('ready')
}

/** SIGTERM and Ctrl-C drain; so does the end of the process that started this one. */
function stopOnSignal(node: RunningNode): void {
  const stop = () => {
    void node.close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  process.once('disconnect', stop)
}

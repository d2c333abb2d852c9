/** Starts an orchestrator, with what it is given where a program does not say it. */
import { systemClock } from '../clock.ts'
import { startBroker } from '../control/broker.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { ConfigError } from '../errors.ts'
import { loadOwnAgents } from '../learning/agents/own-agent-files.ts'
import { silentLogger } from '../silent-logger.ts'
import { holdFolder, type Release } from '../storage/folder-lock.ts'
import { agentProblem, checkOrchestration, goalProblem } from './check-orchestration.ts'
import { checkpointOf } from './checkpoint.ts'
import { LiveOrchestrator } from './orchestrator.ts'
import type {
  Orchestrator,
  OrchestratorOptions,
  StartOrchestratorOptions,
} from './orchestrator-options.ts'
import { Standing } from './standing.ts'

/** The usual port of MQTT. */
const BROKER_PORT = 1883

/** @throws ConfigError without choices, for a goal that none of them could meet, or a state folder that another process uses */
export async function startOrchestrator(given: StartOrchestratorOptions): Promise<Orchestrator> {
  const { disk, stateFolder, logger = silentLogger } = given
  // Another disk than this machine's is its owner's to look after.
  const release = await holdFolder(disk ? undefined : stateFolder, 'orchestrator', logger)
  try {
    return await startedWith(await completed(given), release)
  } catch (error) {
    await release()
    throw error
  }
}

async function startedWith(
  options: OrchestratorOptions,
  releaseFolder: Release,
): Promise<Orchestrator> {
  const standing = await Standing.begin(options)
  const file = checkpointOf(options)
  const release = async () => {
    await options.release?.()
    await releaseFolder()
  }
  const saved = await file?.read(options.logger)
  const orchestrator = new LiveOrchestrator({ ...options, release }, standing, saved)
  await orchestrator.start()
  return orchestrator
}

/**
 * The options, completed, and checked where agents are those of this package. Without `control` they are connected to `broker`,
 * and without that to a broker of their own.
 * @throws ConfigError for an agent, a goal or a rule that cannot work on these choices
 * @throws UnavailableError when the broker does not answer
 */
async function completed(given: StartOrchestratorOptions): Promise<OrchestratorOptions> {
  const settings = {
    agent: 'factored',
    seed: 1,
    expectedDevices: 1,
    roundTimeoutMs: 4000,
    clock: systemClock,
    logger: silentLogger,
    ...given,
  }
  if (given.startThread) {
    const unreachable = goalProblem(settings.choices, settings.goalPercent)
    if (unreachable) throw new ConfigError(unreachable)
    return { ...settings, ...(await controlOf(settings)) }
  }
  await loadOwnAgents([settings.agent, settings.shadow])
  checkOrchestration(settings)
  return {
    agentProblem: (agent, expectedDevices) => agentProblem({ ...settings, agent, expectedDevices }),
    ...settings,
    ...(await controlOf(settings)),
  }
}

/** How it speaks with its fleet, and what ends that. */
async function controlOf({
  control,
  broker,
  logger,
}: Pick<StartOrchestratorOptions, 'control' | 'broker'> & Pick<OrchestratorOptions, 'logger'>) {
  if (control) return { control }
  const own = broker === undefined ? await startBroker({ port: BROKER_PORT, logger }) : undefined
  const url = broker ?? own?.url ?? ''
  const connected = await connectControlPlane({ url, clientId: 'orchestrator', logger })
  const release = async () => {
    await connected.close()
    await own?.close()
  }
  return { control: connected, release }
}

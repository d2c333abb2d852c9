/** Starts an orchestrator, with what it is given where a program does not say it. */
import { systemClock } from '../clock.ts'
import { startBroker } from '../control/broker.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { ConfigError } from '../errors.ts'
import { loadOwnAgents } from '../learning/agents/own-agent-files.ts'
import { silentLogger } from '../silent-logger.ts'
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

/** @throws ConfigError without choices, or for a goal that none of them could meet */
export async function startOrchestrator(given: StartOrchestratorOptions): Promise<Orchestrator> {
  const options = await completed(given)
  const { logger } = options
  const standing = await Standing.begin(options)
  const file = checkpointOf(options)
  const orchestrator = new LiveOrchestrator(options, standing, await file?.read(logger))
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

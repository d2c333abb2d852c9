/** Whether the nodes that live can keep the goal: what no device holds or reaches, no decision can ask for. */
import { systemClock } from '../../clock.ts'
import type { Telemetry } from '../../control/telemetry-message.ts'
import { hundredthsOf } from '../../fleet/goal.ts'
import { reachablePercent, unreachableGoal } from '../../learning/environment/availability.ts'
import { LiveNodes } from '../../orchestration/live-nodes.ts'
import { silentLogger } from '../../silent-logger.ts'
import { builtCatalogue } from '../models-on-disk.ts'
import { fleetChoices, usualGoalPercent } from '../orchestration.ts'
import type { Examined, Finding } from './finding.ts'

type Asked = Pick<Examined, 'catalogue' | 'remoteVariants' | 'goal'>

/** @param heard what the broker retains of all nodes; nothing is found where no device is ready */
export async function fleetFindings(
  { catalogue: named, remoteVariants, goal }: Asked,
  heard: readonly Telemetry[],
): Promise<Finding[]> {
  // What is wrong with these has a finding of its own.
  const choices = await builtCatalogue(named)
    .then(({ catalogue }) => fleetChoices(catalogue, remoteVariants))
    .catch(() => undefined)
  if (choices === undefined) return []
  const nodes = new LiveNodes({
    ...{ choices, clock: systemClock, logger: silentLogger },
    staleAfterMs: Number.POSITIVE_INFINITY,
  })
  for (const telemetry of heard) nodes.hear(telemetry)
  const names = nodes.devices
  if (names.length === 0) return []
  const available = names.map((device) => nodes.availableTo(device))
  const goalPercent = goal ?? usualGoalPercent(choices)
  const unreachable = unreachableGoal({ choices, names }, { goalPercent, available })
  const fleet = `${names.length} ${names.length === 1 ? 'device' : 'devices'} that live`
  if (unreachable === undefined) {
    return [{ about: 'goal', state: 'well', finding: `${goalPercent} % can be kept by ${fleet}` }]
  }
  const best = hundredthsOf(reachablePercent(choices, available)) / 100
  const remedy = `tierwise goal ${best}, or less; or more accurate --variants where requests go: tierwise node --variants NAMES`
  return [{ about: 'goal', state: 'wrong', finding: `${fleet}: ${unreachable}`, remedy }]
}

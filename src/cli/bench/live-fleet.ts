/** The node under load as the edge of a small fleet: devices pass every request on to it, and an orchestrator keeps account of the goal. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import type { ControlPlane } from '../../control/control-plane.ts'
import { connectControlPlane } from '../../control/mqtt-control-plane.ts'
import { UnavailableError } from '../../errors.ts'
import { choicesOf, mostAccurate } from '../../fleet/choice.ts'
import type { Catalogue } from '../../serving/models/catalogue.ts'
import { unlessAborted } from '../interrupts.ts'
import { orchestrationOf } from '../orchestration.ts'
import { BROKEN_OFF } from '../schedule/outcome.ts'
import { upSettings } from '../settings/up.ts'
import { fleetSettings } from '../up/fleet-settings.ts'
import { FleetProcesses } from '../up/processes.ts'
import { RoundLog } from '../up/round-log.ts'
import { type LiveNode, type OwnNodeOptions, scheduledNode, underTest } from './live-node.ts'

const DEVICES = 2
const OFFLOAD_TIMEOUT_MS = 30_000
const POLL_MS = 50
/** For what was observed of the latest answers to reach the orchestrator, and the round that it closes to come back. */
const SETTLE_MS = 300

/**
 * Cloud (orchestrator and broker), edge and devices as processes on this machine; every request is decided to the edge's
 * largest variant.
 * @throws ConfigError for a goal that no variant meets; TierwiseError of code `interrupted` when given up
 */
export async function startFleet(
  options: OwnNodeOptions,
  catalogue: Catalogue,
  goalPercent: number,
): Promise<LiveNode> {
  const { workers, signal } = options
  const { name: largest } = mostAccurate(catalogue.variants)
  const placement = `edge/${largest}`
  const settings = upSettings.parse({
    devices: DEVICES,
    goal: goalPercent,
    agent: `fixed:${placement}`,
    port: 0,
    hardware: 'equal',
    emulation: false,
    workers: { edge: workers, cloud: 1 },
  })
  await orchestrationOf(settings, choicesOf(catalogue.variants))
  const folder = mkdtempSync(join(tmpdir(), 'tierwise-bench-'))
  const { variants } = catalogue
  const fleet = await fleetSettings(settings, {
    catalogue: options.catalogue,
    variants,
    realMs: {},
    folder,
  })
  const isEdge = ({ tier }: { tier: string }) => tier === 'edge'
  const [edge, others] = [fleet.nodes.filter(isEdge), fleet.nodes.filter((node) => !isEdge(node))]
  const tested = edge.map((node) => ({ ...node, ...underTest(folder, options) }))
  // One after the other, so that the edge profiles its services on a machine that is still quiet.
  const starts = [tested, others].map((nodes) => new FleetProcesses(nodes, folder, () => {}))
  let control: ControlPlane | undefined
  const stop = async () => {
    await control?.close()
    await Promise.all(starts.map((processes) => processes.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (const processes of starts) await unlessAborted(processes.start(), signal, BROKEN_OFF)
    const logger = pino({ level: 'silent' })
    control = await connectControlPlane({ url: fleet.brokerUrl, clientId: 'bench', logger })
    const log = new RoundLog()
    await control.subscribe('jointDecision', (message) => log.add(message))
    await unlessAborted(offloading(log, placement), signal, BROKEN_OFF)
    return {
      ...scheduledNode(`http://127.0.0.1:${edge[0]?.port}`, 'edge', folder),
      entries: fleet.applications.map(({ url }) => url),
      model: catalogue.model,
      rounds: () => sleep(SETTLE_MS).then(() => [...log.rounds]),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Until every device is told to send its requests to the edge. */
async function offloading(log: RoundLog, placement: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < OFFLOAD_TIMEOUT_MS; waitedMs += POLL_MS) {
    const told = Object.values(log.latest?.placements ?? {})
    if (told.length === DEVICES && told.every((decided) => decided === placement)) return
    await sleep(POLL_MS)
  }
  throw new UnavailableError(
    `the devices were not told to use ${placement} within ${OFFLOAD_TIMEOUT_MS / 1000} s: try again on a less busy machine`,
  )
}

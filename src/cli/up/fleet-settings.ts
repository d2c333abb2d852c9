/** The node settings of a whole fleet on this machine. */

import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Tier } from '../../fleet/placement.ts'
import { type NodeSettings, nodeSettings } from '../node-settings.ts'
import { deviceNames, linkDelaysMs, targetMs, type UpSettings } from './settings.ts'

export interface FleetSettings {
  /** The cloud first: it holds the broker. */
  readonly nodes: readonly NodeSettings[]
  readonly brokerUrl: string
  readonly pageUrl: string
  readonly applications: readonly { readonly device: string; readonly url: string }[]
}

const HOST = '127.0.0.1'

/**
 * @param catalogue path of the catalogue file
 * @param folder where the learner's checkpoint is kept
 * @param variant the one whose speed is emulated exactly: the most accurate
 */
export async function fleetSettings(
  settings: UpSettings,
  catalogue: string,
  folder: string,
  variant: string,
): Promise<FleetSettings> {
  const names = deviceNames(settings.devices)
  const [edgePort, brokerPort, ...devicePorts] = await freePorts(settings.devices + 2)
  const cloudPort = await choosePort(settings.port)
  const url = (port: number | undefined) => `http://${HOST}:${port}`
  const brokerUrl = `mqtt://${HOST}:${brokerPort}`
  const common = (name: string, tier: Tier, port: number | undefined): NodeSettings => ({
    ...nodeSettings.parse({ name, tier, thresholds: thresholdsFor(settings) }),
    ...(settings.profile !== undefined && { profile: settings.profile }),
    host: HOST,
    port: port ?? 0,
    catalogue,
    workers: settings.workers[tier],
    queueLimit: Math.max(64, 4 * settings.devices),
    brokerPort: brokerPort ?? 0,
    mode: settings.mode,
    requestTimeoutMs: settings.requestTimeoutMs,
    goal: settings.goal,
    agent: settings.agent,
    exploration: settings.exploration,
    revert: settings.revert,
    ...(settings.shadow !== undefined && { shadow: settings.shadow }),
    scheduling: settings.scheduling,
    seed: settings.seed,
    devices: settings.devices,
    ...(settings.emulation && {
      dilation: { variant, targetMs: targetMs(settings.emulation, tier) },
    }),
  })
  const cloud: NodeSettings = {
    ...common('cloud', 'cloud', cloudPort),
    checkpoint: join(folder, 'checkpoint.bin'),
  }
  const above = { broker: brokerUrl, cloud: url(cloudPort) }
  const edge: NodeSettings = { ...common('edge', 'edge', edgePort), ...above }
  const devices = names.map((name, device): NodeSettings => {
    const links = emulatedLinks(settings, device)
    return {
      ...common(name, 'end', devicePorts[device]),
      ...above,
      edge: url(edgePort),
      ...(links && { links }),
    }
  })
  return {
    nodes: [cloud, edge, ...devices],
    brokerUrl,
    pageUrl: `${url(cloudPort)}/`,
    applications: names.map((device, index) => ({ device, url: url(devicePorts[index]) })),
  }
}

/** Between an emulated regular link and an emulated weak one. */
function thresholdsFor({ emulation }: UpSettings) {
  if (!emulation) return {}
  const weakMs = emulation.weakDeviceMs * emulation.timeScale
  return { weakRoundTripMs: { enter: 0.6 * weakMs, leave: 0.4 * weakMs } }
}

/**
 * A weak device delays what it sends; a weak edge delays what comes back through it (HL paper, section IV-A: delay on
 * outgoing packets; sizes as recovered from Table V).
 */
function emulatedLinks(settings: UpSettings, device: number): NodeSettings['links'] {
  if (!settings.emulation) return undefined
  const delays = linkDelaysMs(settings, device)
  return { edge: delays, cloud: delays, broker: delays }
}

const USUAL_PORT = 8000

async function choosePort(wanted: number | undefined): Promise<number | undefined> {
  if (wanted !== undefined && wanted !== 0) return wanted
  if (wanted === undefined && (await isFree(USUAL_PORT))) return USUAL_PORT
  return (await freePorts(1))[0]
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, HOST, () => server.close(() => resolve(true)))
  })
}

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, HOST))
  const ports = await Promise.all(
    servers.map(async (server) => {
      if (!server.listening) await once(server, 'listening')
      const address = server.address()
      return typeof address === 'object' && address !== null ? address.port : 0
    }),
  )
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

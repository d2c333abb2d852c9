/** The settings of every node of a fleet on this machine. */
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { ConfigError } from '../../errors.ts'
import { mostAccurate } from '../../fleet/choice.ts'
import type { Tier } from '../../fleet/placement.ts'
import type { Variant } from '../../serving/models/catalogue.ts'
import { type NodeSettings, nodeSettings } from '../settings/node.ts'
import { commonPart, type UpSettings } from '../settings/up.ts'
import { linkDelaysMs, targetMs } from './emulation.ts'
import { hardwareOf } from './hardware.ts'

/** A fleet on this machine. */
export interface FleetSettings {
  /** The cloud first: it holds the broker. */
  readonly nodes: readonly NodeSettings[]
  readonly brokerUrl: string
  readonly pageUrl: string
  readonly applications: readonly { readonly device: string; readonly url: string }[]
}

const HOST = '127.0.0.1'
const urlOf = (port: number | undefined) => `http://${HOST}:${port}`

/** What the nodes of a fleet serve, and where. */
export interface FleetFiles {
  /** Path of the catalogue file. */
  readonly catalogue: string
  readonly variants: readonly Variant[]
  /** Variant → time of one inference on this machine, ms: emulated times of a node have the same ratios. */
  readonly realMs: Readonly<Record<string, number>>
  /** Where the orchestrator's state is kept. */
  readonly folder: string
}

/** @throws ConfigError for a catalogue without variants, or a real time that it needs and lacks */
export async function fleetSettings(
  settings: UpSettings,
  { catalogue, variants, realMs, folder }: FleetFiles,
): Promise<FleetSettings> {
  const { devices, emulation, workers } = settings
  const [edgePort, brokerPort, ...devicePorts] = await freePorts(devices + 2)
  const cloudPort = await choosePort(settings.port)
  const grpcPort = settings.port === undefined ? ((await freePort(USUAL_PORT + 1)) ?? 0) : 0
  const brokerUrl = `mqtt://${HOST}:${brokerPort}`
  const node = (name: string, tier: Tier, port: number | undefined, own: object): NodeSettings => ({
    ...nodeSettings.parse({
      ...commonPart(settings),
      ...{ tier, host: HOST, port, grpcPort: 0, catalogue, devices },
      workers: workers[tier],
      queueLimit: Math.max(64, 4 * devices),
      thresholds: thresholdsFor(settings),
      ...own,
    }),
    name,
  })
  const best = mostAccurate(variants)
  const realOf = (name: string) => {
    const ms = realMs[name]
    if (ms !== undefined) return ms
    throw new ConfigError(`how long ${name} takes on this machine is not known: measure it first`)
  }
  const dilation = (tier: Tier, { name } = best, slowness = 1) => {
    if (!emulation) return {}
    const share = name === best.name ? 1 : realOf(name) / realOf(best.name)
    return { dilation: { variant: name, targetMs: targetMs(emulation, tier) * slowness * share } }
  }
  const goalOf = goalsByDevice(settings)
  const above = { broker: brokerUrl, cloud: urlOf(cloudPort) }
  const ends = deviceNames(devices).map((name, device) => {
    const links = emulatedLinks(settings, device)
    const deviceGoal = goalOf(name)
    const edge = urlOf(edgePort)
    const { slowness, variants: names } = hardwareOf(settings, device, variants)
    const held = variants.filter(({ name }) => names.includes(name))
    return node(name, 'end', devicePorts[device], {
      ...{ ...above, edge, variants: names },
      ...(held.length > 0 && dilation('end', mostAccurate(held), slowness)),
      ...(links && { links }),
      ...(deviceGoal !== undefined && { deviceGoal }),
    })
  })
  return {
    nodes: [
      node('cloud', 'cloud', cloudPort, {
        ...{ grpcPort, brokerPort, state: join(folder, 'state') },
        ...dilation('cloud'),
      }),
      node('edge', 'edge', edgePort, { ...above, ...dilation('edge') }),
      ...ends,
    ],
    brokerUrl,
    pageUrl: `${urlOf(cloudPort)}/`,
    applications: ends.map(({ name, port }) => ({ device: name, url: urlOf(port) })),
  }
}

/** Names of the fleet's devices; the order of every joint decision. */
export function deviceNames(count: number): string[] {
  const digits = String(count).length
  return Array.from(
    { length: count },
    (_, index) => `device-${String(index + 1).padStart(digits, '0')}`,
  )
}

/** @throws ConfigError for a goal of a device that the fleet does not have */
function goalsByDevice({ deviceGoal = {}, devices }: UpSettings) {
  const names = deviceNames(devices)
  const stranger = Object.keys(deviceGoal).find((name) => !names.includes(name))
  if (stranger === undefined) return (name: string) => deviceGoal[name]
  throw new ConfigError(
    `deviceGoal: there is no device "${stranger}": the fleet has ${names[0]} to ${names.at(-1)}`,
  )
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
  if (wanted) return wanted
  const usual = wanted === undefined ? await freePort(USUAL_PORT) : undefined
  return usual ?? (await freePorts(1))[0]
}

/** The port, if it was free a moment ago. */
async function freePort(port: number): Promise<number | undefined> {
  return (await released([await held(port)]))[0]
}

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  return released(await Promise.all(Array.from({ length: count }, heldQuiet)))
}

/** The system takes none of these for connections of its own: what is free stays so until a node listens. */
const QUIET_PORTS = [20_000, 32_000] as const
const TRIES = 20

async function heldQuiet(): Promise<Server | undefined> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const server = await held(randomInt(...QUIET_PORTS))
    if (server) return server
  }
  return held(0)
}

/** A server on a port, 0 for any; undefined where it is taken. */
function held(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(undefined))
    server.listen(port, HOST, () => resolve(server))
  })
}

/** The ports that were held, free again. */
function released(servers: readonly (Server | undefined)[]): Promise<number[]> {
  const held = servers.filter((server) => server !== undefined)
  return Promise.all(
    held.map(async (server) => {
      const address = server.address()
      await once(server.close(), 'close')
      return typeof address === 'object' && address !== null ? address.port : 0
    }),
  )
}

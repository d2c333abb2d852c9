/** The fleet's broker: whether it answers, and whether somebody decides there. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Credentials,
  clientTls,
  encryptedUrl,
  mqttLogin,
  readCredentials,
} from '../../access/credentials.ts'
import { connectControlPlane } from '../../control/mqtt-control-plane.ts'
import type { Telemetry } from '../../control/telemetry-message.ts'
import { messageOf, withoutCredentials } from '../../errors.ts'
import type { Examined, Finding } from './finding.ts'
import { fleetFindings } from './live-fleet.ts'

const CONNECT_MS = 3000
/** An orchestrator's news are retained: they come at once or not at all. */
const NEWS_MS = 1000

/** The broker, and by what it retains whether the fleet can keep the goal. */
export async function brokerFindings(settings: Examined): Promise<Finding[]> {
  const { broker, credentials: file, tier } = settings
  if (broker === undefined) return [withoutAny(tier)]
  const credentials = await readOrNone(file)
  const url = credentials ? encryptedUrl(broker) : broker
  const shown = withoutCredentials(url)
  const startMs = performance.now()
  try {
    const control = await connectControlPlane({
      ...{ url, clientId: `doctor-${process.pid}`, connectTimeoutMs: CONNECT_MS },
      ...(credentials && { tls: clientTls(credentials), ...mqttLogin(credentials) }),
    })
    const took = `${(performance.now() - startMs).toFixed(0)} ms`
    let isDeciding = false
    const heard: Telemetry[] = []
    await control.subscribe('telemetry', (telemetry) => heard.push(telemetry))
    await control.subscribe('orchestrator', () => {
      isDeciding = true
    })
    await sleep(NEWS_MS)
    await control.close()
    const found = answering(`${shown} answers in ${took}`, shown, tier, isDeciding)
    return tier === 'cloud' ? [found, ...(await fleetFindings(settings, heard))] : [found]
  } catch (error) {
    const remedy = 'start the cloud node, which brings one: tierwise node --tier cloud'
    return [{ about: 'broker', state: 'wrong', finding: messageOf(error), remedy }]
  }
}

function answering(
  finding: string,
  shown: string,
  tier: Examined['tier'],
  isDeciding: boolean,
): Finding {
  if (isDeciding) {
    return { about: 'broker', state: 'well', finding: `${finding}; an orchestrator decides there` }
  }
  const silent = `${finding}; no orchestrator has spoken there`
  if (tier === 'cloud') return { about: 'broker', state: 'well', finding: silent }
  const remedy = `start the cloud node first: tierwise node --tier cloud --broker ${shown}`
  return { about: 'broker', state: 'doubtful', finding: silent, remedy }
}

function withoutAny(tier: Examined['tier']): Finding {
  if (tier === 'cloud') {
    return { about: 'broker', state: 'well', finding: 'the cloud node would start its own' }
  }
  const finding = 'none: the node would serve, and hear no decision'
  return { about: 'broker', state: 'doubtful', finding, remedy: '--broker mqtt://CLOUD:1883' }
}

/** Those that cannot be read have a finding of their own. */
export async function readOrNone(file: string | undefined): Promise<Credentials | undefined> {
  return file === undefined ? undefined : readCredentials(file, Date.now()).catch(() => undefined)
}

/** The nodes above this one: whether they are ready, how far they are, and whether their clocks agree. */
import { request } from 'undici'
import { clientTls, encryptedUrl } from '../../access/credentials.ts'
import { messageOf } from '../../errors.ts'
import { InferenceClient } from '../../protocol/client.ts'
import { readOrNone } from './broker.ts'
import type { Examined, Finding } from './finding.ts'

const TIMEOUT_MS = 3000
const TIMES = 5
/** Certificates and tokens are judged by the clock; an answer's date has whole seconds. */
const CLOCKS_APART_MS = 5000

export async function linkFindings({
  edge,
  cloud,
  credentials: file,
  tier,
}: Pick<Examined, 'edge' | 'cloud' | 'credentials' | 'tier'>): Promise<Finding[]> {
  if (tier === 'cloud') return []
  const credentials = await readOrNone(file)
  const above = { edge, cloud }
  const named = Object.entries(above).flatMap(([name, url]) => (url ? [{ name, url }] : []))
  if (named.length === 0) {
    const finding = `no node above this ${tier}: it would serve all by itself`
    return [{ about: 'link', state: 'doubtful', finding, remedy: '--edge URL or --cloud URL' }]
  }
  const found = named.map(({ name, url }) => {
    return linkOf(
      name,
      credentials ? encryptedUrl(url) : url,
      credentials && clientTls(credentials),
    )
  })
  return (await Promise.all(found)).flat()
}

async function linkOf(
  name: string,
  url: string,
  tls: ReturnType<typeof clientTls> | undefined,
): Promise<Finding[]> {
  const client = new InferenceClient(url, { timeoutMs: TIMEOUT_MS, connections: 1, tls })
  try {
    await client.serverMetadata()
    const times: number[] = []
    for (let index = 0; index < TIMES; index++) {
      const startMs = performance.now()
      await client.live()
      times.push(performance.now() - startMs)
    }
    const finding = `${name} ${url}: round trip ${Math.min(...times).toFixed(1)} ms`
    return [await readiness(client, finding, url), ...(tls ? [] : await clockOf(name, url))]
  } catch (error) {
    const remedy = `start it: tierwise node --tier ${name}; or mend --${name}`
    return [{ about: 'link', state: 'wrong', finding: `${name}: ${messageOf(error)}`, remedy }]
  } finally {
    await client.close()
  }
}

async function readiness(client: InferenceClient, finding: string, url: string): Promise<Finding> {
  if (await client.ready()) return { about: 'link', state: 'well', finding: `${finding}, ready` }
  const remedy = `its models are not warm yet, or cannot be loaded: curl ${url}/v2/health/ready, and its log`
  return { about: 'link', state: 'doubtful', finding: `${finding}, not ready`, remedy }
}

async function clockOf(name: string, url: string): Promise<Finding[]> {
  const { headers, body } = await request(`${url}/v2/health/live`, { headersTimeout: TIMEOUT_MS })
  await body.dump()
  const theirsMs = Date.parse(String(headers['date']))
  if (Number.isNaN(theirsMs)) return []
  const apartMs = Math.abs(Date.now() - theirsMs)
  const finding = `${name} is ${(apartMs / 1000).toFixed(0)} s apart`
  if (apartMs < CLOCKS_APART_MS) return [{ about: 'clock', state: 'well', finding }]
  const remedy = 'sudo timedatectl set-ntp true, on both machines'
  return [{ about: 'clock', state: 'wrong', finding, remedy }]
}

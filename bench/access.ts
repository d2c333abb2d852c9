/** What credentials cost a request: TLS on a connection that is kept, and the question who asks and whether they may. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { quantile } from 'simple-statistics'
import { Pool } from 'undici'
import { Authority } from '../src/access/authority.ts'
import { type Credentials, clientTls } from '../src/access/credentials.ts'
import { openNodeAccess } from '../src/access/node-access.ts'
import { mayPublish, mayRequest } from '../src/access/rights.ts'
import { builtCatalogue } from '../src/cli/models-on-disk.ts'
import { FASHION, PAPER } from '../src/cli/settings/kinds.ts'
import { TIERS } from '../src/fleet/placement.ts'
import { encodeInferRequest } from '../src/protocol/codec.ts'
import type { WireBody } from '../src/protocol/messages.ts'
import { JSON_LENGTH_HEADER } from '../src/protocol/request-body.ts'
import { loadPictures } from '../src/serving/shipped-pictures.ts'
import { startNodeProcess, stop } from './fleet.ts'

const HOST = '127.0.0.1'
const PORTS = { plain: 18720, secured: 18721 }
const ROUNDS = 2000
const WARM_UP = 200
const CHECKS = 20_000
const BATCH = 100
const DAY_MS = 86_400_000

/** Catalogue → the variant that is asked for: a request of under a kilobyte, and one of 150. */
const ASKED = { [FASHION]: 'w025s2', [PAPER]: 'd7' } as const

/** For either catalogue; and the checks by themselves. */
export async function measureAccess() {
  const folder = join(mkdtempSync(join(tmpdir(), 'tierwise-bench-')), 'fleet')
  const nowMs = Date.now()
  const untilMs = nowMs + DAY_MS
  const authority = await Authority.init(folder, nowMs)
  const device = await authority.add('secured', { tier: 'end', addresses: [] }, untilMs, nowMs)
  const shop = await authority.add('shop', { role: 'application' }, untilMs, nowMs)
  const credentials: Credentials = JSON.parse(readFileSync(shop, 'utf8'))
  try {
    return {
      small: await measureRequests(FASHION, device, credentials),
      large: await measureRequests(PAPER, device, credentials),
      ...(await checksUs(device, credentials)),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The same node twice, with and without credentials, each a process of its own on this machine. */
async function measureRequests(
  name: typeof FASHION | typeof PAPER,
  device: string,
  credentials: Credentials,
) {
  const variant = ASKED[name]
  const { catalogue } = await builtCatalogue(name, (text) => process.stderr.write(`${text}\n`))
  const [picture] = await loadPictures(catalogue)
  if (!picture) throw new Error('no picture to send')
  const wire = encodeInferRequest({ inputs: [picture] }, { binary: true })
  const common = { tier: 'end' as const, catalogue: name, variants: [variant] }
  const processes = [
    await startNodeProcess({ ...common, name: 'plain', port: PORTS.plain }),
    await startNodeProcess({
      ...{ ...common, name: 'secured', port: PORTS.secured, credentials: device },
    }),
  ]
  try {
    const paired = await pairs(
      request(`http://${HOST}:${PORTS.plain}`, variant, wire),
      request(`https://${HOST}:${PORTS.secured}`, variant, wire, credentials),
    )
    const medianOf = (of: (pair: Pair) => number) => quantile(paired.map(of), 0.5)
    return {
      bytes: wire.body.byteLength,
      plainMs: medianOf(({ plainMs }) => plainMs),
      addedMs: medianOf(({ plainMs, securedMs }) => securedMs - plainMs),
    }
  } finally {
    for (const child of processes) await stop(child)
  }
}

interface Pair {
  readonly plainMs: number
  readonly securedMs: number
}

/** Each right after the other, in turns of who is first: so a machine that others use slows both alike. */
async function pairs(
  plain: () => Promise<number>,
  secured: () => Promise<number>,
): Promise<Pair[]> {
  const measured: Pair[] = []
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const isPlainFirst = round % 2 === 0
    const first = await (isPlainFirst ? plain() : secured())
    const second = await (isPlainFirst ? secured() : plain())
    const [plainMs, securedMs] = isPlainFirst ? [first, second] : [second, first]
    if (round >= 0) measured.push({ plainMs, securedMs })
  }
  return measured
}

/** One request on a kept connection. @returns ms without the time that the answer says its inference took */
function request(url: string, variant: string, wire: WireBody, credentials?: Credentials) {
  const tls = credentials && { connect: clientTls(credentials, TIERS) }
  const pool = new Pool(url, { connections: 1, ...tls })
  const path = `/v2/models/${variant}/infer`
  const headers = {
    'content-type': 'application/octet-stream',
    [JSON_LENGTH_HEADER]: String(wire.jsonLength),
    ...(credentials && 'token' in credentials && { authorization: `Bearer ${credentials.token}` }),
  }
  return async () => {
    const begin = performance.now()
    const answer = await pool.request({ method: 'POST', path, headers, body: wire.body })
    await answer.body.arrayBuffer()
    if (answer.statusCode !== 200) throw new Error(`${url}${path}: ${answer.statusCode}`)
    return performance.now() - begin - Number(answer.headers['x-tierwise-compute-ms'] ?? 0)
  }
}

/** Who shows a token and whether they may infer; whether a device may publish. In a fleet that knows one application. */
async function checksUs(device: string, credentials: Credentials) {
  const { gate, roster } = await openNodeAccess(device, pino({ level: 'silent' }))
  roster.close()
  const token = 'token' in credentials ? credentials.token : ''
  const camera = { name: 'camera-1', role: 'node', tier: 'end' } as const
  const requestUs = medianUs(() =>
    mayRequest(gate.byToken(token), 'POST', '/v2/models/:model/infer', { model: 'd7' }),
  )
  const publishUs = medianUs(() => mayPublish(camera, 'tierwise/observation/camera-1'))
  return { requestUs, publishUs }
}

function medianUs(check: () => boolean): number {
  const tookUs: number[] = []
  for (let batch = -50; batch < CHECKS / BATCH; batch++) {
    const begin = performance.now()
    for (let run = 0; run < BATCH; run++) if (!check()) throw new Error('it should be allowed')
    if (batch >= 0) tookUs.push(((performance.now() - begin) * 1000) / BATCH)
  }
  return quantile(tookUs, 0.5)
}

/** The result as lines for people. */
export function describeAccess(result: Awaited<ReturnType<typeof measureAccess>>): string[] {
  const { small, large, requestUs, publishUs } = result
  return [
    ...[small, large].map(
      ({ bytes, plainMs, addedMs }) =>
        `a local request of ${bytes} bytes, ${plainMs.toFixed(2)} ms beyond its inference: TLS on a kept connection and a token add ${addedMs.toFixed(2)} ms (bound 0.3)`,
    ),
    `who shows a token and whether they may: ${requestUs.toFixed(1)} µs a request (bound 20)`,
    `whether a device may publish: ${publishUs.toFixed(1)} µs (bound 20)`,
  ]
}

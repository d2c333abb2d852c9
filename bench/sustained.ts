/** How many requests a core serves under load, beside the least server that could serve them. */
import { Pool } from 'undici'
import { builtCatalogue } from '../src/cli/models-on-disk.ts'
import { PAPER } from '../src/cli/settings/kinds.ts'
import { encodeInferRequest } from '../src/protocol/codec.ts'
import { JSON_LENGTH_HEADER } from '../src/protocol/request-body.ts'
import { fileOf, heldPart } from '../src/serving/models/catalogue.ts'
import { loadPictures } from '../src/serving/shipped-pictures.ts'
import { startBareProcess, startNodeProcess, stop } from './fleet.ts'
import { ratioOf, spreadOf } from './sampling.ts'

const HOST = '127.0.0.1'
const PORTS = { bare: 18740, node: 18741 }
/** The smallest and the largest variant that the paper has in FP32. */
const ASKED = ['d3', 'd0'] as const
const ROUNDS = 10
const REQUESTS_PER_ROUND = 100
const IN_FLIGHT = 8

/** For each variant. */
export async function measureSustained() {
  const results = []
  for (const variant of ASKED) results.push(await measureVariant(variant))
  return results
}

/** A node with one worker and a bare server take turns, each a process of its own on this machine. */
async function measureVariant(variant: string) {
  const { catalogue } = await builtCatalogue(PAPER, (text) => process.stderr.write(`${text}\n`))
  const [held] = heldPart(catalogue, [variant]).variants
  const [picture] = await loadPictures(catalogue)
  const wire = encodeInferRequest({ inputs: [picture] }, { binary: true })
  const settings = { name: 'node', tier: 'edge', port: PORTS.node, workers: 1 } as const
  const processes = [
    await startBareProcess(PORTS.bare, fileOf(held)),
    await startNodeProcess({ ...settings, catalogue: PAPER, variants: [variant] }),
  ]
  const headers = {
    'content-type': 'application/octet-stream',
    [JSON_LENGTH_HEADER]: String(wire.jsonLength),
  }
  const request = { path: `/v2/models/${variant}/infer`, headers, body: wire.body }
  const contender = (port: number) => {
    const pool = new Pool(`http://${HOST}:${port}`, { connections: IN_FLIGHT })
    return { round: () => rateOf(pool, request), rates: [] as number[] }
  }
  const [bare, node] = [contender(PORTS.bare), contender(PORTS.node)]
  try {
    for (let round = -1; round < ROUNDS; round++) {
      for (const { round: measure, rates } of [bare, node]) {
        const rate = await measure()
        if (round >= 0) rates.push(rate)
      }
    }
  } finally {
    for (const child of processes) await stop(child)
  }
  return {
    variant,
    barePerS: spreadOf(bare.rates).median,
    nodePerS: spreadOf(node.rates).median,
    ratio: ratioOf(node.rates, bare.rates),
  }
}

type Request = Readonly<Record<'path', string>> & {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Requests of one round for each second of the server's processor time, of all its threads. */
async function rateOf(pool: Pool, request: Request): Promise<number> {
  const before = await processorS(pool)
  let left = REQUESTS_PER_ROUND
  const ask = async () => {
    while (left-- > 0) {
      const { statusCode, body } = await pool.request({ method: 'POST', ...request })
      await body.arrayBuffer()
      if (statusCode !== 200) throw new Error(`${request.path}: ${statusCode}`)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, ask))
  return REQUESTS_PER_ROUND / ((await processorS(pool)) - before)
}

/** As the server's own metrics tell. */
async function processorS(pool: Pool): Promise<number> {
  const { body } = await pool.request({ method: 'GET', path: '/metrics' })
  const [, value] = /^process_cpu_seconds_total(?:\{.*\})? (.*)$/m.exec(await body.text()) ?? []
  if (value === undefined) throw new Error('/metrics has no process_cpu_seconds_total')
  return Number(value)
}

/** The result as lines for people. */
export function describeSustained(results: Awaited<ReturnType<typeof measureSustained>>) {
  return results.map(
    ({ variant, barePerS, nodePerS, ratio: { median, p5, p95 } }) =>
      `${variant}: ${nodePerS.toFixed(1)} requests a second of processor time, bare Fastify and ONNX Runtime ${barePerS.toFixed(1)}: ${median.toFixed(3)} times (${p5.toFixed(3)} to ${p95.toFixed(3)}, aim 0.95)`,
  )
}

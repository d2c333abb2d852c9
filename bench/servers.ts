/** What a thin node costs beside the server that it stands before, asked directly. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Pool } from 'undici'
import { builtCatalogue } from '../src/cli/models-on-disk.ts'
import { FASHION, PAPER } from '../src/cli/settings/kinds.ts'
import { encodeInferRequest } from '../src/protocol/codec.ts'
import { JSON_LENGTH_HEADER } from '../src/protocol/request-body.ts'
import { fileOf, heldPart } from '../src/serving/models/catalogue.ts'
import { loadPictures } from '../src/serving/shipped-pictures.ts'
import { startNodeProcess, stop } from './fleet.ts'
import { interleave } from './sampling.ts'

const HOST = '127.0.0.1'
const PORTS = { rest: 18730, grpc: 18731, beforeRest: 18732, beforeGrpc: 18733 }
const ROUNDS = 1000
/** Catalogue → the variant that is asked for: a request of under a kilobyte, and one of 150. */
const ASKED = { [FASHION]: 'w025s2', [PAPER]: 'd7' } as const

/** For either catalogue. */
export async function measureServers() {
  return { small: await measureCatalogue(FASHION), large: await measureCatalogue(PAPER) }
}

/** Two servers that share no code with Tierwise and a node before each, every one a process of its own on this machine. */
async function measureCatalogue(name: keyof typeof ASKED) {
  const variant = ASKED[name]
  const { catalogue } = await builtCatalogue(name, (text) => process.stderr.write(`${text}\n`))
  const [picture] = await loadPictures(catalogue)
  const [held] = heldPart(catalogue, [variant]).variants
  const wire = encodeInferRequest({ inputs: [picture] }, { binary: true })
  const models = { [variant]: fileOf(held) }
  const common = { tier: 'edge' as const, catalogue: name, variants: [variant] }
  const processes = [
    await startForeign('rest', { models, port: PORTS.rest }),
    await startForeign('grpc', { models, port: PORTS.grpc }),
    await startNodeProcess({
      ...{ ...common, name: 'before-rest', port: PORTS.beforeRest },
      serveFrom: `http://${HOST}:${PORTS.rest}`,
    }),
    await startNodeProcess({
      ...{ ...common, name: 'before-grpc', port: PORTS.beforeGrpc },
      serveFrom: `grpc://${HOST}:${PORTS.grpc}`,
    }),
  ]
  const request = (port: number) => {
    const pool = new Pool(`http://${HOST}:${port}`, { connections: 1 })
    const path = `/v2/models/${variant}/infer`
    const headers = { [JSON_LENGTH_HEADER]: String(wire.jsonLength) }
    return async () => {
      const answer = await pool.request({ method: 'POST', path, headers, body: wire.body })
      await answer.body.arrayBuffer()
      if (answer.statusCode !== 200) throw new Error(`${path} on ${port}: ${answer.statusCode}`)
      return undefined
    }
  }
  try {
    const [direct, beforeRest, beforeGrpc] = await interleave(
      [
        { name: 'directly', run: request(PORTS.rest) },
        { name: 'before REST', run: request(PORTS.beforeRest) },
        { name: 'before gRPC', run: request(PORTS.beforeGrpc) },
      ],
      ROUNDS,
    )
    return {
      bytes: wire.body.byteLength,
      directMs: direct.p50Ms,
      beforeRestMs: beforeRest.p50Ms,
      beforeGrpcMs: beforeGrpc.p50Ms,
    }
  } finally {
    for (const child of processes.toReversed()) await stop(child)
  }
}

/** One of `test/foreign/`; it is there once it has printed its URL. */
async function startForeign(kind: 'rest' | 'grpc', options: object): Promise<ChildProcess> {
  const script = fileURLToPath(new URL(`../test/foreign/${kind}-server.mjs`, import.meta.url))
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 2],
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('exit', () => reject(new Error(`${script} did not start`)))
  })
  return child
}

/** The result as lines for people. */
export function describeServers(result: Awaited<ReturnType<typeof measureServers>>): string[] {
  return Object.values(result).flatMap(({ bytes, directMs, beforeRestMs, beforeGrpcMs }) => {
    const beside = (ms: number) =>
      `${ms.toFixed(2)} ms, ${(ms / directMs).toFixed(2)} times, ${(ms - directMs).toFixed(2)} ms more`
    return [
      `a request of ${bytes} bytes to another server, directly: ${directMs.toFixed(2)} ms`,
      `  by a thin node before it, over REST: ${beside(beforeRestMs)}`,
      `  by a thin node before its gRPC twin: ${beside(beforeGrpcMs)}`,
    ]
  })
}

/** For tests: real nodes on loopback with the real models of Table III, and requests to them. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { encodeInferRequest } from '../protocol/codec.ts'
import type { InferRequest, WireBody } from '../protocol/messages.ts'
import { Random } from '../random.ts'
import { buildModels } from '../serving/models/build-models.ts'
import { startNode } from './node.ts'
import type { NodeOptions, RunningNode } from './node-options.ts'

export const silent = pino({ level: 'silent' })

/** Built once for this machine, then reused. */
export function testCatalogueFile(): Promise<string> {
  return buildModels(join(tmpdir(), 'tierwise-test-models-3'))
}

/** One picture as the default models take it: [1, 3, 224, 224], UINT8. */
export function testRequest(seed: number, id?: string): InferRequest {
  const random = new Random(seed)
  const pixels = Uint8Array.from({ length: 3 * 224 * 224 }, () => random.integer(256))
  return {
    ...(id !== undefined && { id }),
    inputs: [
      {
        name: 'input',
        datatype: 'UINT8',
        shape: [1, 3, 224, 224],
        data: pixels,
      },
    ],
  }
}

/** The nodes that one test file starts. */
export class TestNodes {
  private readonly running: RunningNode[] = []

  async start(options: Partial<NodeOptions> & Pick<NodeOptions, 'name' | 'tier'>) {
    const node = await startNode({
      host: '127.0.0.1',
      port: 0,
      catalogue: await testCatalogueFile(),
      workers: 1,
      queueLimit: 16,
      bodyLimitBytes: 8 * 1024 * 1024,
      mode: 'pushed',
      requestTimeoutMs: 1000,
      telemetryPeriodMs: 100,
      logger: silent,
      ...options,
    })
    this.running.push(node)
    return node
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.running.splice(0).map((node) => node.close()))
  }
}

/** Sends one request as it would travel and gives back the answer as it travelled. */
export async function post(node: Pick<RunningNode, 'url'>, model: string, wire: WireBody) {
  const { body, jsonLength } = wire
  const response = await fetch(`${node.url}/v2/models/${model}/infer`, {
    method: 'POST',
    body: Buffer.from(body),
    ...(jsonLength !== undefined && {
      headers: { 'inference-header-content-length': String(jsonLength) },
    }),
  })
  const answered = response.headers.get('inference-header-content-length')
  return {
    status: response.status,
    header: (name: string) => response.headers.get(`x-tierwise-${name}`),
    wire: {
      body: new Uint8Array(await response.arrayBuffer()),
      ...(answered !== null && { jsonLength: Number(answered) }),
    } satisfies WireBody,
  }
}

export const binaryWire = encodeInferRequest(testRequest(1, 'one'), { binary: true })
export const jsonWire = encodeInferRequest(testRequest(1, 'one'), { binary: false })

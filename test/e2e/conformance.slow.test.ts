/** `tierwise conformance` as its users run it: the committed report of our own node is true, and other servers are judged rightly. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { freePorts } from '../../src/cli/up/fleet-settings.ts'
import type { ConformanceReport } from '../../src/conformance/report.ts'
import { packageFile } from '../../src/package-files.ts'
// biome-ignore lint/correctness/useImportExtensions: it is a program too, which Node.js runs as it is
import { startGrpcServer } from '../foreign/grpc-server.mjs'
// biome-ignore lint/correctness/useImportExtensions: as above
import { startRestServer } from '../foreign/rest-server.mjs'
import { ReadersFolder } from './document-commands.ts'

let folder: string
let reader: ReadersFolder

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-conformance-'))
  reader = new ReadersFolder(folder)
})
afterAll(async () => {
  await reader.close()
  rmSync(folder, { recursive: true, force: true })
})

async function report(servers: string): Promise<{ status: number; verdicts: string[] }> {
  const { status, output } = await reader.run(`tierwise conformance ${servers} --out report.yaml`)
  expect(output).toMatch(/\d+ passed, \d+ failed, \d+ skipped/)
  return { status, verdicts: verdictsOf(join(folder, 'report.yaml')) }
}

function verdictsOf(file: string): string[] {
  const { points }: ConformanceReport = parse(readFileSync(file, 'utf8'))
  return points.map(
    ({ point, surface, what, verdict }) => `${point} ${surface} ${what}: ${verdict}`,
  )
}

test('docs/conformance.yaml is what a node of ours does', { timeout: 120_000 }, async () => {
  const [port, grpcPort] = await freePorts(2)
  const node = `tierwise node --tier edge --port ${port} --grpc-port ${grpcPort}`
  await reader.start(`${node} --broker mqtt://127.0.0.1:1`, 'ready: all models')
  const own = await report(`http://127.0.0.1:${port} --grpc 127.0.0.1:${grpcPort}`)
  expect(own.verdicts).toEqual(verdictsOf(packageFile('docs/conformance.yaml')))
  expect(own.status).toBe(0)
})

test('servers of others fail where they are lax, and are asked for no more than they claim', {
  timeout: 120_000,
}, async () => {
  const models = { m: packageFile('models/fashion/w012s2.onnx') }
  const rest = await startRestServer({ models, binary: false })
  const grpc = await startGrpcServer({ models })
  try {
    const address = grpc.url.replace('grpc://', '')
    const { status, verdicts } = await report(`${rest.url} --grpc ${address} --model m`)
    const numbers = (verdict: string) =>
      verdicts
        .filter((line) => line.endsWith(`: ${verdict}`))
        .map((line) => Number(line.split(' ')[0]))
    expect(status).toBe(1)
    expect(numbers('fail')).toEqual([3, 6, 9, 12, 14, 17, 19, 28, 29, 32])
    expect(numbers('skipped')).toEqual([
      ...[13, 15, 16, 16, 21, 22, 23, 24, 25, 26, 27, 36, 37, 38, 39],
      ...[33, 33],
    ])
    const alone = await report(`--grpc ${address} --model m`)
    expect(alone.verdicts).toEqual(verdicts.filter((line) => line.includes(' gRPC ')))
  } finally {
    rest.server.close()
    grpc.server.forceShutdown()
  }
})

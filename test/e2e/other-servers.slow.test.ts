/**
 * A fleet whose edge and cloud are other people's servers, one over REST and one over gRPC, which share no code with Tierwise: it
 * learns and serves, and loses no request when they are killed. Real processes, a real broker.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { builtCatalogue } from '../../src/cli/models-on-disk.ts'
import { FASHION } from '../../src/cli/settings/kinds.ts'
import { freePorts } from '../../src/cli/up/fleet-settings.ts'
import { encodeInferRequest } from '../../src/protocol/codec.ts'
import { fileOf } from '../../src/serving/models/catalogue.ts'
import { loadPictures } from '../../src/serving/shipped-pictures.ts'

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const TIERWISE = path('dist/src/cli/main.js')
const REST = path('test/foreign/rest-server.mjs')
const GRPC = path('test/foreign/grpc-server.mjs')
/** All that the devices hold; the goal asks for more than it. */
const SMALL = 'w012s2'
const GOAL = '92'
/** All that the edge holds; the cloud holds every variant. */
const AT_EDGE = 'w100s2'
const REMOTE = `${AT_EDGE},w100-int8`
const WAIT = { timeout: 60_000, interval: 200 }

const processes = new Set<ChildProcess>()
let folder: string
let models: Record<string, string>
let ports: number[]
let body: Uint8Array
let jsonLength: number
let rest: ChildProcess
let grpc: ChildProcess

/** Resolves when the process has printed the words. */
function start(words: string, script: string, ...args: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script, ...args])
  processes.add(child)
  return new Promise((resolve, reject) => {
    let log = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        log = `${log}${chunk}`.slice(-4000)
        if (log.includes(words)) resolve(child)
      })
    child.once('exit', () => reject(new Error(`${script} ended: ${log}`)))
  })
}

async function kill(child: ChildProcess): Promise<void> {
  processes.delete(child)
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

const urlOf = (index: number) => `http://127.0.0.1:${ports[index]}`
const startForeign = (script: string, port: number | undefined) =>
  start('127.0.0.1', script, JSON.stringify({ models, port }))

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-other-servers-'))
  const { catalogue } = await builtCatalogue(FASHION, () => {})
  models = Object.fromEntries(catalogue.variants.map((variant) => [variant.name, fileOf(variant)]))
  const [picture] = await loadPictures(catalogue)
  if (!picture) throw new Error('no picture to send')
  const wire = encodeInferRequest({ inputs: [picture] }, { binary: true })
  body = wire.body
  jsonLength = wire.jsonLength ?? 0
  ports = await freePorts(7)
  const [restPort, grpcPort, brokerPort, cloud, edge, ...devices] = ports
  rest = await startForeign(REST, restPort)
  grpc = await startForeign(GRPC, grpcPort)
  const node = (tier: string, name: string, port: number | undefined, ...flags: string[]) => {
    const own = ['--tier', tier, '--name', name, '--port', String(port), ...flags]
    return start('ready: all models', TIERWISE, 'node', ...own)
  }
  const cloudFlags = [
    '--devices',
    '2',
    '--goal',
    GOAL,
    '--state',
    folder,
    '--remote-variants',
    REMOTE,
  ]
  const behindGrpc = ['--serve-from', `grpc://127.0.0.1:${grpcPort}`]
  const brokerFlags = ['--broker-port', String(brokerPort)]
  await node('cloud', 'cloud', cloud, ...cloudFlags, ...behindGrpc, ...brokerFlags)
  const broker = ['--broker', `mqtt://127.0.0.1:${brokerPort}`, '--cloud', urlOf(3)]
  await node('edge', 'edge', edge, ...broker, '--serve-from', urlOf(0), '--variants', AT_EDGE)
  const device = ['--variants', SMALL, '--edge', urlOf(4), ...broker]
  for (const [index, port] of devices.entries()) await node('end', `d${index}`, port, ...device)
}, 120_000)

afterAll(async () => {
  for (const child of [...processes].reverse()) await kill(child)
  rmSync(folder, { recursive: true, force: true })
})

/** One request on each device. @returns where each was served, and in which round */
async function ask(): Promise<{ servedBy: string; round: number }[]> {
  const devices = [urlOf(5), urlOf(6)]
  return Promise.all(
    devices.map(async (url) => {
      const response = await fetch(`${url}/v2/models/fashion/infer`, {
        method: 'POST',
        headers: { 'inference-header-content-length': String(jsonLength) },
        body: Buffer.from(body),
      })
      expect(response.status).toBe(200)
      await response.arrayBuffer()
      const header = (name: string) => response.headers.get(`x-tierwise-${name}`) ?? ''
      return { servedBy: header('decision'), round: Number(header('round')) }
    }),
  )
}

/** Requests until one was served there. */
async function askUntil(place: string): Promise<void> {
  await vi.waitFor(async () => {
    const places = (await ask()).map(({ servedBy }) => servedBy)
    expect(places.join()).toContain(place)
  }, WAIT)
}

const isReady = async (index: number) => (await fetch(`${urlOf(index)}/v2/health/ready`)).ok

test('learns on other people’s servers, and loses no request when they are killed', {
  timeout: 300_000,
}, async () => {
  await askUntil(`edge/${AT_EDGE}`)
  await askUntil('cloud/')
  const first = Math.max(...(await ask()).map(({ round }) => round))
  await vi.waitFor(async () => {
    expect(Math.max(...(await ask()).map(({ round }) => round))).toBeGreaterThan(first + 5)
  }, WAIT)

  await kill(rest)
  for (let request = 0; request < 20; request++) await ask()
  await vi.waitFor(async () => expect(await isReady(4)).toBe(false), WAIT)
  await askUntil('cloud/')

  await kill(grpc)
  for (let request = 0; request < 20; request++) await ask()
  await vi.waitFor(async () => expect(await isReady(3)).toBe(false), WAIT)
  expect((await ask()).map(({ servedBy }) => servedBy)).toEqual([`end/${SMALL}`, `end/${SMALL}`])

  rest = await startForeign(REST, ports[0])
  await vi.waitFor(async () => expect(await isReady(4)).toBe(true), WAIT)
  await askUntil(`edge/${AT_EDGE}`)
})

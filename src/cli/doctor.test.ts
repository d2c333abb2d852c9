import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { startBroker } from '../control/broker.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { DurableFile } from '../storage/durable-file.ts'
import { doctorCommand } from './doctor.ts'

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = 0
})

/** Runs the command as typed. @returns what it wrote to standard output */
async function doctor(...args: string[]): Promise<string> {
  let output = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text
    return true
  })
  await doctorCommand().exitOverride().parseAsync(args, { from: 'user' })
  return output
}

/** The findings about one thing. */
async function findings(about: string, ...args: string[]) {
  const { findings } = JSON.parse(await doctor('--json', '--port', '0', ...args))
  return findings.filter((finding: { about: string }) => finding.about === about)
}

test('a machine that can serve is told so', async () => {
  const output = await doctor('--port', '0', '--broker-port', '0')
  expect(output).toMatch(/^✓ versions +tierwise .*, Node .*, ONNX Runtime loads$/m)
  expect(output).toMatch(/^✓ models +fashion: 10 variants in .*catalogue\.yaml$/m)
  expect(output).not.toContain('✗')
  expect(process.exitCode ?? 0).toBe(0)
})

test('a port in use is wrong, with the command that says who has it', async () => {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const output = await doctor('--tier', 'edge', '--port', String(port))
  const byGrpc = await findings('port', '--tier', 'edge', '--grpc-port', String(port))
  server.close()
  expect(byGrpc).toMatchObject([
    { state: 'well' },
    { state: 'wrong', finding: `${port} for the same by gRPC is in use on 127.0.0.1` },
  ])
  expect(output).toContain(`✗ port         ${port} for the inference server is in use on 127.0.0.1`)
  expect(output).toContain(`→ --port 0 takes a free one; who has it: ss -ltnp 'sport = :${port}'`)
  expect(process.exitCode).toBe(1)
})

test('models, credentials and workers that cannot be had', async () => {
  const missing = ['--catalogue', '/absent.yaml', '--credentials', '/absent', '--workers', '256']
  const output = await doctor('--port', '0', '--broker-port', '0', ...missing)
  expect(output).toMatch(/✗ models +cannot read \/absent\.yaml.*\n +→ tierwise models check/)
  expect(output).toMatch(/✗ credentials +cannot read the credentials/)
  expect(output).toMatch(/! processors +\d+ for 256 workers/)
  expect(await findings('models', '--broker-port', '0', '--variants', 'w100,nope')).toMatchObject([
    { state: 'wrong', finding: expect.stringMatching(/has no variant nope$/) },
  ])
})

test('a broker that answers, and one that does not; no password is told', async () => {
  const broker = await startBroker({ port: 0 })
  const end = ['--tier', 'end', '--broker']
  const address = broker.url.replace('//', '//alice:geheim@')
  const [well] = await findings('broker', ...end, address)
  await broker.close()
  expect(well).toMatchObject({
    state: 'doubtful',
    finding: expect.stringMatching(/ answers in \d+ ms; no orchestrator has spoken there$/),
  })
  const [gone] = await findings('broker', ...end, address)
  expect(gone).toMatchObject({ state: 'wrong', remedy: expect.stringContaining('tierwise node') })
  expect(JSON.stringify([well, gone])).not.toContain('geheim')
})

test('links: how far, whether ready, and a clock that is apart', async () => {
  const server = createHttpServer((request, response) => {
    response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString())
    response.statusCode = request.url === '/v2/health/ready' ? 503 : 200
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ name: 'other', version: '1', extensions: [] }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const report = JSON.parse(await doctor('--json', '--port', '0', '--tier', 'end', '--edge', url))
  server.close()
  const told = Object.fromEntries(
    report.findings.map((each: { about: string }) => [each.about, each]),
  )
  expect(told['link']).toMatchObject({
    state: 'doubtful',
    finding: expect.stringMatching(/^edge http.*: round trip [\d.]+ ms, not ready$/),
  })
  expect(told['clock']).toMatchObject({
    state: 'wrong',
    finding: expect.stringMatching(/^edge is 36\d\d s apart$/),
    remedy: expect.stringContaining('timedatectl'),
  })
  expect(report.isWell).toBe(false)
})

/** Of a cloud node with a free port for its broker. */
const cloud = (about: string, ...args: string[]) =>
  findings(about, '--tier', 'cloud', '--broker-port', '0', ...args)

test('a goal above what the catalogue can give, with the highest that it can', async () => {
  expect(await cloud('goal')).toMatchObject([{ state: 'well' }])
  const [finding] = await cloud('goal', '--goal', '99')
  expect(finding).toMatchObject({
    state: 'wrong',
    finding: expect.stringContaining('a goal of 99 % cannot be met'),
    remedy: expect.stringMatching(/^--goal 9[\d.]+, or less/),
  })
  // An impossible goal is no fault of the agent.
  expect(await cloud('agent', '--goal', '99')).toMatchObject([{ state: 'well' }])
  const device = ['--tier', 'end', '--floor', '99', '--device-goal', '50']
  expect(await findings('goal', ...device)).toMatchObject([
    { state: 'wrong', finding: expect.stringMatching(/^--floor 99 % cannot be kept/) },
    { state: 'well' },
  ])
})

test('a goal above what the live fleet can reach', async () => {
  const broker = await startBroker({ port: 0 })
  const control = await connectControlPlane({ url: broker.url, clientId: 'camera' })
  await control.publish('telemetry', {
    alive: true,
    tier: 'end',
    ...{ node: 'camera', url: 'http://127.0.0.1:1', ready: true },
    variants: [{ name: 'w025s2' }],
    state: { processor: 0, memory: 0, bandwidth: 0 },
    measured: { backgroundProcessorPercent: 0, memoryUsedPercent: 0 },
    service: { requests: 0, failedRequests: 0, queueDepth: 0 },
  })
  const found = await findings('goal', '--broker', broker.url, '--goal', '93')
  const kept = await findings('goal', '--broker', broker.url, '--goal', '50')
  await control.close()
  await broker.close()
  expect(found).toMatchObject([
    { state: 'well' },
    {
      state: 'wrong',
      finding: expect.stringMatching(/^1 device that live.*93 % cannot be met/),
      remedy: expect.stringMatching(/^tierwise goal \d+/),
    },
  ])
  expect(kept).toMatchObject([{ state: 'well' }, { state: 'well' }])
})

test('agents that do not exist or cannot be loaded', async () => {
  expect(await cloud('agent', '--agent', 'clever')).toMatchObject([
    {
      state: 'wrong',
      finding: expect.stringContaining('there is no agent "clever"'),
      remedy: '--agent factored',
    },
  ])
  expect(await cloud('agent', '--shadow', '/absent/mine.mjs')).toMatchObject([
    { state: 'well', finding: 'factored can act' },
    { state: 'wrong', remedy: 'tierwise check-agent /absent/mine.mjs' },
  ])
})

test('a state folder that cannot be written, and files in it that are damaged', async () => {
  const [unwritable] = await cloud('state', '--state', '/dev/null/state')
  expect(unwritable).toMatchObject({ state: 'wrong', remedy: expect.stringContaining('--state') })
  const folder = mkdtempSync(join(tmpdir(), 'tierwise-doctor-'))
  const file = new DurableFile(join(folder, 'promises'), { format: 'test-1', schema: z.number() })
  await file.write(1)
  expect(await cloud('state', '--state', folder)).toMatchObject([{ state: 'well' }])
  await file.write(2)
  writeFileSync(file.path, 'test-1 0000\nnothing')
  expect(await cloud('state', '--state', folder)).toMatchObject([
    {
      state: 'doubtful',
      finding: `${file.path} is damaged: the node takes the one before`,
      remedy: expect.stringContaining(`mv ${file.path} `),
    },
  ])
  writeFileSync(`${file.path}.old`, '')
  expect(await cloud('state', '--state', folder)).toMatchObject([
    { state: 'wrong', finding: `${file.path} is damaged: the node starts without what it held` },
  ])
  rmSync(folder, { recursive: true })
})

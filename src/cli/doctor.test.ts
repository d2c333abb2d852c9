import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { startBroker } from '../control/broker.ts'
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

/** The five commands of docs/three-machines.md bring up a fleet with TLS, and it is used as the page says. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { freePorts } from '../../src/cli/up/fleet-settings.ts'
import { commandsOf } from './document-commands.ts'

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const main = path('dist/src/cli/main.js')
const picture = path('pictures/boat.jpg')

let folder: string
let output = ''
const nodes = new Map<string, ChildProcess>()
const ports = new Map<string, number>()

/** The commands of the document that begin the fleet, on ports that are free. */
function commands(): string[][] {
  return commandsOf('docs/three-machines.md')
    .filter((line) => /^tierwise (access (init|add) |node )/.test(line))
    .map((line) => withPorts(line).split(' ').slice(1))
}

function withPorts(line: string): string {
  const isCloud = line.includes('cloud.credentials')
  const own = isCloud ? `${line} --port 8000 --broker-port 1883` : line
  return own.replace(/\b(1883|8000|8010|8020)\b/g, (port) => String(ports.get(port)))
}

async function tierwise(...args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, ...args], {
    cwd: folder,
  }).catch((error: { stdout: string; stderr: string }) => error)
  output += stdout + stderr
  return stdout + stderr
}
const asked = (words: string) => tierwise(...withPorts(words).split(' '))
const infer = (who: string) =>
  asked(
    `infer --credentials fleet/${who}.credentials --url https://127.0.0.1:8020 --image ${picture}`,
  )

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-secure-'))
  const free = await freePorts(4)
  for (const [index, port] of ['1883', '8000', '8010', '8020'].entries()) {
    ports.set(port, free[index] ?? 0)
  }
  for (const args of commands()) {
    if (args[0] === 'access') await tierwise(...args)
    else start(args)
  }
  const list = await tierwise('access', 'list')
  expect(list.match(/valid/g)).toHaveLength(5)
}, 60_000)

function start(args: string[]): void {
  const child = spawn(process.execPath, [main, ...args], { cwd: folder })
  nodes.set(args[2] ?? '', child)
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
}

afterAll(() => {
  for (const child of nodes.values()) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

test('five commands, three nodes, and a request that is answered', async () => {
  expect(commands()).toHaveLength(5)
  expect(nodes.size).toBe(3)
  await vi.waitFor(async () => expect(await infer('shop')).toContain('camera-1'), 60_000)
}, 90_000)

test('the operator changes the goal, and nobody else does anything that is not theirs', async () => {
  const goal = (who: string, percent = '') =>
    asked(
      `goal ${percent} --credentials fleet/${who}.credentials --broker wss://127.0.0.1:8000/mqtt`.replace(
        '  ',
        ' ',
      ),
    )
  await vi.waitFor(async () => expect(await goal('alice')).toContain('camera-1'), 30_000)
  expect(await goal('alice', '80')).toContain('goal 80 %')
  expect(await infer('alice')).toContain('may not POST')
  expect(await goal('shop', '85')).toContain('may not read what')
  expect(await goal('edge-1', '85')).toContain('for people')
}, 90_000)

test('who is revoked is out within seconds, without a restart; the camera serves on by itself', async () => {
  await tierwise('access', 'revoke', 'camera-1')
  await vi.waitFor(() => expect(output).toContain('ended the connection of camera-1'), 10_000)
  expect(await infer('shop')).toContain('camera-1')
  await tierwise('access', 'revoke', 'shop')
  await vi.waitFor(async () => expect(await infer('shop')).toContain('revoked'), 10_000)
}, 60_000)

test('no output of any process has a secret in it', () => {
  const secrets = readdirSync(join(folder, 'fleet'))
    .filter((name) => name.endsWith('.credentials'))
    .map((name) => JSON.parse(readFileSync(join(folder, 'fleet', name), 'utf8')))
    .flatMap(({ token, mqtt, orchestrator, key }) => [
      ...[token, mqtt?.password, orchestrator?.password].map((text) => text?.split('~')[1]),
      key?.split('\n')[1],
    ])
    .filter((secret) => secret !== undefined)
  expect(secrets.length).toBeGreaterThan(8)
  expect(output).toContain('listening at https://')
  for (const secret of secrets) expect(output.includes(secret)).toBe(false)
})

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, it } from 'vitest'
import { packageFile } from '../../src/package-files.ts'

/** One line of a node's log. */
interface Line {
  readonly msg: string
  readonly node?: string
  readonly level: number
}

const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

function start(...args: readonly string[]): { child: ChildProcess; lines: Line[] } {
  const main = packageFile('dist/src/cli/main.js')
  const child = spawn(process.execPath, [main, 'node', '--port', '0', ...args])
  children.push(child)
  const lines: Line[] = []
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(JSON.parse(line)))
  return { child, lines }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

it('says in one line each that a node is up, down, back and stopped', {
  timeout: 120_000,
}, async () => {
  const port = await freePort()
  const state = mkdtempSync(join(tmpdir(), 'tierwise-state-'))
  const cloud = start('--tier', 'cloud', '--broker-port', `${port}`, '--state', state)
  const said = () =>
    cloud.lines.filter(({ node }) => node === 'edge').map(({ msg, level }) => `${level} ${msg}`)
  const soon = { timeout: 30_000, interval: 100 }
  await expect.poll(() => cloud.lines.some(({ msg }) => msg.startsWith('ready')), soon).toBe(true)
  const startEdge = () => start('--tier', 'edge', '--broker', `mqtt://127.0.0.1:${port}`).child
  const first = startEdge()
  await expect.poll(said, soon).toEqual(['30 node up'])
  first.kill('SIGKILL')
  await expect.poll(said, soon).toEqual(['30 node up', '40 node down'])
  const second = startEdge()
  await expect.poll(said, soon).toEqual(['30 node up', '40 node down', '30 node up'])
  const exit = once(second, 'exit')
  second.kill('SIGTERM')
  await expect.poll(said, soon).toHaveLength(4)
  await exit
  expect(said().at(-1)).toBe('30 node stopped')
})

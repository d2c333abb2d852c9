/** What the benchmarks measure against: nodes and a bare echo server, each in its own process. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NodeSettings } from '../src/cli/settings/node.ts'

const main = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))
const echo = fileURLToPath(new URL('./echo.mjs', import.meta.url))
const bare = fileURLToPath(new URL('./bare.mjs', import.meta.url))

/** What a node is told; all else is as by default. */
export type Settings = Pick<NodeSettings, 'name' | 'tier' | 'port'> & Partial<NodeSettings>

/** Resolves when the node's models are warm. */
export async function startNodeProcess(settings: Settings): Promise<ChildProcess> {
  const file = join(mkdtempSync(join(tmpdir(), 'tierwise-bench-')), 'node.json')
  writeFileSync(file, JSON.stringify(settings))
  return started(fork(main, ['node', '--config', file], { stdio: ['ignore', 2, 'ignore', 'ipc'] }))
}

/** A bare `node:http` server that reads the whole body and answers four kilobytes. */
export async function startEchoProcess(port: number): Promise<ChildProcess> {
  return started(fork(echo, [String(port)], { stdio: ['ignore', 2, 2, 'ipc'] }))
}

/** Fastify and ONNX Runtime with nothing around them. */
export async function startBareProcess(port: number, modelFile: string): Promise<ChildProcess> {
  return started(fork(bare, [String(port), modelFile], { stdio: ['ignore', 2, 2, 'ipc'] }))
}

async function started(child: ChildProcess): Promise<ChildProcess> {
  const ready = await Promise.race([
    once(child, 'message').then(() => true),
    once(child, 'exit').then(() => false),
  ])
  if (!ready) throw new Error(`${child.spawnargs.join(' ')} did not start`)
  return child
}

/** Asks a process to end, and waits until it has. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}

/** The fleet's processes on this machine: started, watched, started again when they die, stopped together. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { UnavailableError } from '../../errors.ts'
import { makeFolder } from '../../files.ts'
import { compiledUrl } from '../../package-files.ts'
import { withoutSettings } from '../settings/environment.ts'
import type { NodeSettings } from '../settings/node.ts'

/** A process that dies is started again after this long, at most so many times. */
const RESTART_DELAY_MS = 1000
const MAX_RESTARTS = 20

const entry = fileURLToPath(new URL('../main.js', compiledUrl(import.meta.url)))

/** What the process said last, without its name, which stands before this process's own message too. */
function lastLine(logFile: string): string {
  const last = readFileSync(logFile, 'utf8').trim().split('\n').at(-1) ?? ''
  return last.replace(/^tierwise: /, '')
}

/** Told what became of a node. */
type Report = (node: string, text: string) => void

class NodeProcess {
  readonly settings: NodeSettings
  private readonly file: string
  private readonly logFile: string
  private readonly report: Report
  private child: ChildProcess | undefined
  private restarts = 0
  private stopping = false
  /** Was ready once: a node that never was is not started again. */
  private hasServed = false

  constructor(settings: NodeSettings, folder: string, report: Report) {
    this.settings = settings
    this.file = join(folder, `${settings.name}.json`)
    this.logFile = join(folder, `${settings.name}.log`)
    writeFileSync(this.file, JSON.stringify(settings))
    this.report = report
  }

  /** Resolves when the node's models are warm. */
  async start(): Promise<void> {
    const log = openSync(this.logFile, 'a')
    // A group of its own: Ctrl-C in the terminal reaches `up` alone, which then stops the nodes in order.
    const child = fork(entry, ['node', '--config', this.file], {
      env: withoutSettings(process.env),
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    })
    closeSync(log)
    this.child = child
    child.once('exit', (code, signal) => this.exited(code, signal))
    const ready = await Promise.race([
      once(child, 'message').then(() => true),
      once(child, 'exit').then(() => false),
    ])
    if (!ready) {
      throw new UnavailableError(
        `${this.settings.name} did not start: ${lastLine(this.logFile)} (log: ${this.logFile})`,
      )
    }
    this.hasServed = true
  }

  private exited(code: number | null, signal: string | null): void {
    this.child = undefined
    if (this.stopping || !this.hasServed) return
    const { name } = this.settings
    if (this.restarts++ >= MAX_RESTARTS) {
      this.report(name, `died ${MAX_RESTARTS} times: left dead, see ${this.logFile}`)
      return
    }
    this.report(name, `died (${signal ?? `exit ${code}`}); starting it again`)
    void sleep(RESTART_DELAY_MS)
      .then(() => (this.stopping ? undefined : this.start()))
      .then(() => this.report(name, 'is back'))
      .catch(() => {})
  }

  get pid(): number | undefined {
    return this.child?.pid
  }

  /** Asks the node to drain; kills it when it has not gone after `graceMs`. */
  async stop(graceMs = 5000): Promise<void> {
    this.stopping = true
    const child = this.child
    if (!child) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
    await gone
    clearTimeout(timer)
  }
}

/** The processes of a fleet, or of a part of one. */
export class FleetProcesses {
  private readonly nodes: NodeProcess[]

  /** @param folder for a settings file and a log of every node */
  constructor(settings: readonly NodeSettings[], folder: string, report: Report) {
    makeFolder(folder)
    this.nodes = settings.map((node) => new NodeProcess(node, folder, report))
  }

  /** Starts all nodes at once, for devices and edges wait for their broker by themselves; resolves when all are warm. */
  async start(onReady: (name: string) => void = () => {}): Promise<void> {
    await Promise.all(
      this.nodes.map((node) => node.start().then(() => onReady(node.settings.name))),
    )
  }

  /** Process id by node name, of those alive. */
  pids(): Record<string, number> {
    return Object.fromEntries(
      this.nodes.flatMap(({ settings, pid }) => (pid === undefined ? [] : [[settings.name, pid]])),
    )
  }

  /** Devices first, the cloud last. */
  async stop(): Promise<void> {
    const [cloud, ...others] = this.nodes
    await Promise.all(others.map((node) => node.stop()))
    await cloud?.stop()
  }
}

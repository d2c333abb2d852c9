/** The node under load: one started for it, whose policy is changed through its policy file, or one that runs already. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import { z } from 'zod'
import { ConfigError, messageOf, UnavailableError } from '../../errors.ts'
import type { SchedulingReport } from '../../serving/scheduling-report.ts'
import { nodeSettings } from '../node-settings.ts'
import { freePorts } from '../up/fleet-settings.ts'
import { FleetProcesses } from '../up/processes.ts'

export interface LiveNode {
  readonly url: string
  report(): Promise<SchedulingReport>
  /** @param name of a built-in policy, or a learned one's file. @throws ConfigError when the node refuses it */
  usePolicy(name: string): Promise<void>
  stop(): Promise<void>
}

export interface OwnNodeOptions {
  readonly catalogue: string
  readonly workers: number
  readonly queueLimit: number
  /** Of most requests; absent: the node's own idea of it. */
  readonly deadlineMs?: number
  /** True service times ÷ profiled. */
  readonly slowdown: number
}

const SWAP_TIMEOUT_MS = 60_000
const POLL_MS = 100

/** A node process of its own on this machine. */
export async function startOwnNode(options: OwnNodeOptions): Promise<LiveNode> {
  const { catalogue, workers, queueLimit, deadlineMs, slowdown } = options
  const folder = mkdtempSync(join(tmpdir(), 'tierwise-bench-'))
  const policyFile = join(folder, 'policy.json')
  writeFileSync(policyFile, policyText('uniform-fit-drop'))
  const [port = 0] = await freePorts(1)
  const settings = nodeSettings.parse({
    name: 'bench',
    tier: 'edge',
    port,
    catalogue,
    workers,
    queueLimit,
    scheduling: { policyFile, ...(deadlineMs !== undefined && { deadlineMs }) },
    ...(slowdown > 1 && { dilation: { slowdown } }),
  })
  const process = new FleetProcesses([settings], folder, () => {})
  const url = `http://127.0.0.1:${port}`
  const stop = async () => {
    await process.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await process.start(() => {})
  } catch (error) {
    await stop()
    throw error
  }
  const usePolicy = async (name: string) => {
    const text = name.endsWith('.json') ? await readFile(name, 'utf8') : policyText(name)
    const next = join(folder, 'next.json')
    writeFileSync(next, text)
    renameSync(next, policyFile)
    const wanted = name.endsWith('.json') ? 'network' : name
    await inForce(url, wanted, () => lastWarning(join(folder, 'bench.log')))
  }
  return { url, report: () => reportOf(url), usePolicy, stop }
}

/** A node that runs already: its policy is its own affair. */
export function runningNode(url: string): LiveNode {
  if (!URL.canParse(url)) {
    throw new ConfigError(`--url "${url}" is not a URL: write one such as http://127.0.0.1:8000`)
  }
  return { url, report: () => reportOf(url), usePolicy: async () => {}, stop: async () => {} }
}

function policyText(name: string): string {
  return `${JSON.stringify({ policy: name })}\n`
}

/** What is read of a report; the rest is the node's own. */
const reported = z.object({
  policy: z.string(),
  policyReason: z.string(),
  variants: z.array(
    z.object({ name: z.string(), accuracyPercent: z.number(), profiledMs: z.number() }),
  ),
})

async function reportOf(url: string): Promise<SchedulingReport> {
  const path = new URL('/v2/tierwise/scheduling', url)
  try {
    const { statusCode, body } = await request(path)
    const report = await body.json()
    if (statusCode === 200 && reported.safeParse(report).success) return report as SchedulingReport
    throw new UnavailableError(`status ${statusCode}`)
  } catch (error) {
    throw new UnavailableError(
      `${path} gives no scheduling report (${messageOf(error)}): is a Tierwise node running there?`,
      { cause: error },
    )
  }
}

async function inForce(url: string, policy: string, whyNot: () => Promise<string>): Promise<void> {
  const untilMs = performance.now() + SWAP_TIMEOUT_MS
  for (;;) {
    const report = await reportOf(url)
    if (report.policy === policy && report.policyReason.startsWith('from ')) return
    const refusal = await whyNot()
    if (refusal !== '') throw new ConfigError(refusal)
    if (performance.now() > untilMs) {
      throw new UnavailableError(
        `the node did not take ${policy} within ${SWAP_TIMEOUT_MS / 1000} s`,
      )
    }
    await sleep(POLL_MS)
  }
}

/** Why the node refused the latest policy, by its log; empty when it did not. */
async function lastWarning(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, 'utf8')).trim().split('\n')
  const latest = lines.findLast((line) => line.includes('scheduling: ')) ?? '{}'
  const { level, msg } = JSON.parse(latest) as { level?: number; msg?: string }
  return level !== undefined && level >= 40 && msg?.includes('cannot be used') ? msg : ''
}

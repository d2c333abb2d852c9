/** The node under load: one started for it, whose policy is changed through its policy file, or one that runs already. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { z } from 'zod'
import type { ClosedRound } from '../../control/messages.ts'
import { ConfigError, messageOf, UnavailableError } from '../../errors.ts'
import { DEFAULT_POLICY } from '../../scheduling/policies/create.ts'
import type { SchedulingReport } from '../../serving/scheduling-report.ts'
import { readText } from '../../yaml.ts'
import { unlessAborted } from '../interrupts.ts'
import { BROKEN_OFF } from '../schedule/outcome.ts'
import { schedulingSettings } from '../settings/fleet.ts'
import { nodeSettings } from '../settings/node.ts'
import { freePorts } from '../up/fleet-settings.ts'
import { FleetProcesses } from '../up/processes.ts'
import { authorization, type Secured } from './open-loop.ts'

/** A node that can be asked and told while it serves. */
export interface LiveNode {
  readonly url: string
  /** How to connect to it, where its fleet has an authority. */
  readonly secured?: Secured
  /** Where its requests are sent, in turn: to itself, or to the devices of its fleet. */
  readonly entries: readonly string[]
  /** What they ask for; absent: its largest variant. */
  readonly model?: string
  /** Rounds that the orchestrator of its fleet has closed so far, those of the latest answers included. */
  readonly rounds?: () => Promise<readonly ClosedRound[]>
  report(): Promise<SchedulingReport>
  /** @param name of a built-in policy, or a learned one's file. @throws ConfigError when the node refuses it */
  usePolicy(name: string): Promise<void>
  stop(): Promise<void>
}

/** Of a node that is started for a bench. */
export interface OwnNodeOptions {
  readonly catalogue: string
  readonly workers: number
  readonly queueLimit: number
  /** Of most requests; absent: the node's own idea of it. */
  readonly deadlineMs?: number
  /** True service times ÷ profiled. */
  readonly slowdown: number
  /** Gives the start up. */
  readonly signal: AbortSignal
}

const SWAP_TIMEOUT_MS = 60_000
const POLL_MS = 100
const POLICY_FILE = 'policy.json'

/** A node process of its own on this machine. @throws TierwiseError of code `interrupted` when given up */
export async function startOwnNode(options: OwnNodeOptions): Promise<LiveNode> {
  const { catalogue, workers, queueLimit, signal } = options
  const folder = mkdtempSync(join(tmpdir(), 'tierwise-bench-'))
  const [port = 0] = await freePorts(1)
  const parsed = nodeSettings.parse({
    tier: 'edge',
    port,
    catalogue,
    workers,
    queueLimit,
    ...underTest(folder, options),
  })
  const process = new FleetProcesses([{ ...parsed, name: 'bench' }], folder, () => {})
  const stop = async () => {
    await process.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await unlessAborted(process.start(), signal, BROKEN_OFF)
  } catch (error) {
    await stop()
    throw error
  }
  const url = `http://127.0.0.1:${port}`
  return { ...scheduledNode(url, 'bench', folder), entries: [url], stop }
}

/** Settings of the node whose policy is changed, by a file in `folder`. */
export function underTest(folder: string, { deadlineMs, slowdown }: OwnNodeOptions) {
  const policyFile = join(folder, POLICY_FILE)
  writeFileSync(policyFile, policyText(DEFAULT_POLICY))
  return {
    scheduling: schedulingSettings.parse({
      policyFile,
      ...(deadlineMs !== undefined && { usualDeadlineMs: deadlineMs }),
    }),
    ...(slowdown > 1 && { dilation: { slowdown } }),
  }
}

/** @param folder of its policy file and its log */
export function scheduledNode(url: string, name: string, folder: string) {
  const usePolicy = async (policy: string) => {
    const text = policy.endsWith('.json') ? await readText(policy) : policyText(policy)
    const next = join(folder, 'next.json')
    writeFileSync(next, text)
    renameSync(next, join(folder, POLICY_FILE))
    const wanted = policy.endsWith('.json') ? 'network' : policy
    await inForce(url, wanted, () => lastWarning(join(folder, `${name}.log`)))
  }
  return { url, report: () => reportOf(url), usePolicy }
}

/** A node that runs already: its policy is its own affair. */
export function runningNode(url: string, secured: Secured = {}): LiveNode {
  if (!URL.canParse(url)) {
    throw new ConfigError(`--url "${url}" is not a URL: write one such as http://127.0.0.1:8000`)
  }
  const nothing = async () => {}
  const report = () => reportOf(url, secured)
  return { url, secured, entries: [url], report, usePolicy: nothing, stop: nothing }
}

function policyText(name: string): string {
  return `${JSON.stringify({ policy: name })}\n`
}

/** What is read of a report; the rest is the node's own. */
const reported = z.object({
  policy: z.string(),
  policyReason: z.string(),
  batchSizes: z.array(z.number()),
  variants: z.array(
    z.object({
      name: z.string(),
      accuracyPercent: z.number(),
      serviceTimesMs: z.array(z.number()),
    }),
  ),
})

async function reportOf(url: string, secured: Secured = {}): Promise<SchedulingReport> {
  const path = new URL('/v2/tierwise/scheduling', url)
  const { tls } = secured
  const dispatcher = new Agent({ ...(tls && { connect: tls }) })
  try {
    const { statusCode, body } = await request(path, {
      ...{ dispatcher, headers: authorization(secured) },
    })
    const report = await body.json()
    if (statusCode === 200 && reported.safeParse(report).success) return report as SchedulingReport
    throw new UnavailableError(`status ${statusCode}`)
  } catch (error) {
    throw new UnavailableError(
      `${path} gives no scheduling report (${messageOf(error)}): is a Tierwise node running there?`,
      { cause: error },
    )
  } finally {
    await dispatcher.close()
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

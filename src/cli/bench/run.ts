/** One load on a live node, under one policy after another; then the same load in the simulator. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { ConfigError } from '../../errors.ts'
import { encodeInferRequest } from '../../protocol/codec.ts'
import type { Tensor, WireBody } from '../../protocol/messages.ts'
import { Random } from '../../random.ts'
import { createLadder, type Ladder, lowestVariantFor } from '../../scheduling/ladder.ts'
import type { SchedulingReport } from '../../serving/scheduling-report.ts'
import { loadPictures } from '../../serving/shipped-pictures.ts'
import { durationOf, type PolicyOutcome } from '../../simulation/node/policy-outcome.ts'
import { requestsOf } from '../../simulation/node/serving-node.ts'
import type { SimulatedNode } from '../../simulation/node/simulate-node.ts'
import { clientAccess } from '../credentials.ts'
import { type Interrupts, interruptible, interruption } from '../interrupts.ts'
import { builtCatalogue } from '../models-on-disk.ts'
import { formatBar, Progress } from '../progress.ts'
import { bestFixed } from '../schedule/best-fixed.ts'
import { BROKEN_OFF, outcomeOf } from '../schedule/outcome.ts'
import type { benchSettings } from '../settings/commands.ts'
import {
  type Beside,
  type BesideOutcome,
  besideOutcome,
  drawBeside,
  simulatedBeside,
} from './beside.ts'
import { goalOutcome } from './goal-outcome.ts'
import { startFleet } from './live-fleet.ts'
import { type LiveNode, runningNode, startOwnNode } from './live-node.ts'
import { type LiveOutcome, liveOutcome } from './live-outcome.ts'
import { type BenchLoad, benchLoad, type LoadOptions } from './load.ts'
import { driveOpenLoop } from './open-loop.ts'
import { measureTransit } from './transit.ts'

/** As on a node by default. */
const QUEUE_LIMIT = 64
const USUAL_DEADLINE_SERVICES = 4
/** For the node to come to rest between two policies. */
const REST_MS = 500
/** Of a request without a deadline. */
const BESIDE_TIMEOUT_MS = 60_000

/** Settings and flags of `tierwise bench`; times are ms. */
export type BenchOptions = z.infer<typeof benchSettings> &
  LoadOptions & {
    /** Until a request counts as unanswered. */
    readonly timeout: number
  }

/** What `--json` prints. */
export type BenchResult = Awaited<ReturnType<typeof compared>>

/** One policy, live and in the simulator. */
export interface PolicyResult {
  readonly live: LiveOutcome & { readonly beside?: BesideOutcome }
  readonly simulated: PolicyOutcome
}

/**
 * @throws ConfigError for settings that cannot be used
 * @throws TierwiseError of code `interrupted` when broken off before the first policy is through
 */
export function runBench(options: BenchOptions): Promise<BenchResult> {
  return interruptible((interrupts) => benchUntil(interrupts, options))
}

async function benchUntil(interrupts: Interrupts, options: BenchOptions): Promise<BenchResult> {
  const { signal } = interrupts
  const progress = new Progress()
  let node: LiveNode | undefined
  try {
    const say = (text: string) => process.stderr.write(`${text}\n`)
    const models = await builtCatalogue(options.catalogue, say)
    const pictures = await loadPictures(models.catalogue)
    node = await nodeFor(options, models, signal)
    const bench = await prepare(options, node, pictures)
    const live = await driveAll(options, node, bench, { signal, progress })
    if (live.length === 0) throw interruption(BROKEN_OFF)
    const atEnd = await node.report()
    await node.stop()
    return await compared(options, bench, live, atEnd)
  } finally {
    if (signal.aborted) process.exitCode = interrupts.exitCode
    progress.end()
    await node?.stop()
  }
}

async function nodeFor(
  options: BenchOptions,
  { file, catalogue }: Awaited<ReturnType<typeof builtCatalogue>>,
  signal: AbortSignal,
): Promise<LiveNode> {
  const { url, workers, slowdown, goal, deadline: deadlineMs } = options
  if (slowdown < 1) {
    throw new ConfigError(`--slowdown ${slowdown} cannot be emulated: give a factor from 1`)
  }
  if (url !== undefined) {
    if (slowdown > 1) throw new ConfigError('--slowdown needs a node of its own: leave --url out')
    if (goal !== undefined)
      throw new ConfigError('--goal needs a fleet of its own: leave --url out')
    const { url: urlOf, tls, token } = await clientAccess(options.credentials)
    return runningNode(urlOf(url), { ...(tls && { tls }), ...(token !== undefined && { token }) })
  }
  const own = {
    catalogue: file,
    workers,
    queueLimit: QUEUE_LIMIT,
    slowdown,
    signal,
    ...(deadlineMs !== undefined && { deadlineMs }),
  }
  return goal === undefined ? startOwnNode(own) : startFleet(own, catalogue, goal)
}

interface Bench {
  readonly ladder: Ladder
  readonly model: string
  readonly deadlineMs: number
  readonly transitMs: number
  readonly load: BenchLoad
  readonly wires: readonly WireBody[]
  /** Absent: none are sent. */
  readonly beside?: Beside
}

async function prepare(
  options: BenchOptions,
  node: LiveNode,
  pictures: readonly Tensor[],
): Promise<Bench> {
  const ladder = ladderOf(await node.report())
  const largest = ladder.variants.at(-1)
  const largestMs = largest?.serviceTimesMs[0] as number
  const model = node.model ?? (largest?.name as string)
  const wiresWith = (deadline_ms: number) =>
    pictures.map((input) =>
      encodeInferRequest(
        {
          parameters: {
            deadline_ms,
            priority: options.priority,
            min_accuracy: options.minAccuracy,
          },
          inputs: [input],
        },
        { binary: true },
      ),
    )
  const transitMs =
    options.transit ??
    (await measureTransit(node.entries[0] as string, model, wiresWith(1000), node.secured))
  const { deadline: deadlineMs = USUAL_DEADLINE_SERVICES * largestMs + transitMs, workers } =
    options
  if (transitMs >= deadlineMs / 2) {
    throw new ConfigError(
      `a deadline of ${deadlineMs.toFixed(1)} ms leaves too little beside the ${transitMs.toFixed(1)} ms of the way: give a longer --deadline`,
    )
  }
  const smallest = ladder.variants[lowestVariantFor(ladder, options.minAccuracy)]
  const sustainedPerS = {
    largest: (1000 * workers) / largestMs,
    smallest: (1000 * workers) / (smallest?.serviceTimesMs[0] ?? largestMs),
  }
  const random = new Random(options.seed)
  const load = await benchLoad(options, sustainedPerS, random.fork('arrivals'))
  const beside = await drawBeside({
    ...{ node, model, workers, pictures, share: options.beside, priority: options.besidePriority },
    ...{ durationMs: durationOf(load.arrivalsMs, 0), random: random.fork('beside') },
  })
  const wires = wiresWith(deadlineMs - transitMs)
  return { ladder, model, deadlineMs, transitMs, load, wires, ...(beside && { beside }) }
}

function ladderOf({ variants, batchSizes }: SchedulingReport): Ladder {
  return createLadder(
    variants.map(({ name, accuracyPercent, serviceTimesMs }) => {
      return { name, accuracyPercent, serviceTimesMs }
    }),
    batchSizes,
  )
}

/** Until interrupted: then what is finished counts. */
async function driveAll(
  options: BenchOptions,
  node: LiveNode,
  bench: Bench,
  { signal, progress }: { signal: AbortSignal; progress: Progress },
): Promise<PolicyResult['live'][]> {
  const { url, policies } = options
  const outcomes: PolicyResult['live'][] = []
  const names = url === undefined ? policies : [(await node.report()).policy]
  // One that the node refuses is to be known before the first burst.
  if (url === undefined) for (const policy of names) await node.usePolicy(policy)
  for (const [index, policy] of names.entries()) {
    if (url === undefined) await node.usePolicy(policy)
    await sleep(REST_MS, undefined, { signal }).catch(() => undefined)
    const timer = setInterval(() => {
      progress.update(() => `${formatBar((index + elapsed()) / names.length)} · ${policy}`)
    }, 250)
    const startMs = performance.now()
    const elapsed = () =>
      Math.min(1, (performance.now() - startMs) / durationOf(bench.load.arrivalsMs, 0))
    const outcome = await drive(options, node, bench, policy, signal).finally(() =>
      clearInterval(timer),
    )
    if (outcome === undefined) break
    outcomes.push(outcome)
  }
  return outcomes
}

/** @returns undefined when aborted */
async function drive(
  { timeout: timeoutMs, inFlight: inFlightLimit, goal }: BenchOptions,
  node: LiveNode,
  bench: Bench,
  policy: string,
  signal: AbortSignal,
): Promise<PolicyResult['live'] | undefined> {
  const { ladder, model, deadlineMs, transitMs, load, wires } = bench
  const { arrivalsMs, burst } = load
  const before = await node.report()
  const roundsBefore = (await node.rounds?.())?.length
  const startMs = performance.now()
  const begin = process.cpuUsage()
  const { entries: urls, secured } = node
  const options = { secured, urls, model, wires, arrivalsMs, timeoutMs, inFlightLimit, signal }
  const { beside } = bench
  const [answers, besideAnswers] = await Promise.all([
    driveOpenLoop({ ...options, announcedDeadlineMs: deadlineMs - transitMs }),
    beside ? driveOpenLoop({ ...options, ...beside, timeoutMs: BESIDE_TIMEOUT_MS }) : [],
  ])
  if (signal.aborted) return undefined
  const { user, system } = process.cpuUsage(begin)
  const clientProcessorPercent = (user + system) / 10 / (performance.now() - startMs)
  const after = await node.report()
  const outcome = liveOutcome({
    policy,
    ladder,
    deadlineMs,
    answers,
    durationMs: durationOf(arrivalsMs, deadlineMs),
    clientProcessorPercent,
    before,
    after,
    ...(burst && { burst }),
  })
  const rounds = (await node.rounds?.())?.slice(roundsBefore)
  return {
    ...outcome,
    ...(beside && { beside: besideOutcome(besideAnswers, after, model) }),
    ...(goal !== undefined && rounds && { goal: goalOutcome(goal, answers, urls.length, rounds) }),
  }
}

/** The same requests in the simulator: the node's profile, what the way leaves of the deadline, no variant below the goal. */
async function compared(
  { workers, seed, slowdown, goal = 0, priority, minAccuracy }: BenchOptions,
  { ladder, deadlineMs, transitMs, load, beside }: Bench,
  live: readonly PolicyResult['live'][],
  { variants, reserveMs }: SchedulingReport,
) {
  const { arrivalsMs, description } = load
  const node: SimulatedNode = {
    ladder,
    workers,
    slowdown,
    deadlineMs: deadlineMs - transitMs,
    queueLimit: QUEUE_LIMIT,
    earlyRefusal: true,
  }
  const lowestVariant = lowestVariantFor(ladder, Math.max(goal, minAccuracy))
  const urgent = requestsOf(arrivalsMs, node.deadlineMs).map((request) => {
    return { ...request, lowestVariant, priority }
  })
  const others = beside ? simulatedBeside(beside, ladder.variants.length - 1) : []
  const requests = [...urgent, ...others].sort((a, b) => a.arrivalMs - b.arrivalMs)
  const policies: PolicyResult[] = []
  for (const outcome of live) {
    const { signal } = new AbortController()
    const simulated = await outcomeOf(outcome.policy, node, requests, { seed, signal })
    if (simulated) policies.push({ live: outcome, simulated })
  }
  const { signal } = new AbortController()
  return {
    /** Had one variant served all. */
    bestFixed: await bestFixed(node, requests, { seed, signal }),
    /** In words. */
    load: description,
    requests: arrivalsMs.length,
    durationMs: durationOf(arrivalsMs, deadlineMs),
    seed,
    /** From the intended time, the way to the node and back included. */
    deadlineMs,
    /** Of it, left for the way. */
    transitMs,
    workers,
    slowdown,
    /** As the node has profiled it. */
    ladder,
    /** Requests a second without a deadline, and how many the node serves when it is never idle; absent: none are sent. */
    ...(beside && { beside: { ratePerS: beside.ratePerS, capacityPerS: beside.capacityPerS } }),
    /** Kept in hand at the end for services that are held up. */
    reserveMs,
    /** Planned service times at the end, by variant: what recalibration has come to. */
    plannedMs: Object.fromEntries(variants.map(({ name, plannedMs }) => [name, plannedMs])),
    policies,
  }
}

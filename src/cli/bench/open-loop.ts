/**
 * Sends requests at the times of a trace, whatever becomes of the earlier ones, as users do: a slow server does not slow its
 * load down. Response times count from the intended time, so what waits in the client for its turn counts too (no coordinated
 * omission), and how late the client sent is told beside them.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import type { ClientTls } from '../../client-tls.ts'
import { DEADLINE_HEADER } from '../../node/request-terms.ts'
import type { WireBody } from '../../protocol/messages.ts'
import { JSON_LENGTH_HEADER } from '../../protocol/request-body.ts'
import type { DropReason } from '../../scheduling/tally.ts'

/** What is sent where and when. */
export interface OpenLoopOptions {
  /** Base URLs of the nodes that are sent to, in turn. */
  readonly urls: readonly string[]
  readonly model: string
  /** Encoded requests, sent in turn. */
  readonly wires: readonly WireBody[]
  /** From the start, ascending. */
  readonly arrivalsMs: Float64Array
  /** Told in the headers, too, so that a request may be refused unread; absent: it is not. */
  readonly announcedDeadlineMs?: number
  /** A request without an answer for so long is given up. */
  readonly timeoutMs: number
  /** Requests on their way at most; one more is not sent at all. */
  readonly inFlightLimit: number
  /** Ends sending; what is on its way is given up. */
  readonly signal: AbortSignal
  /** How to connect where the nodes have an authority. */
  readonly secured?: Secured | undefined
}

/** What a client of a fleet with an authority needs. */
export interface Secured {
  readonly tls?: ClientTls
  readonly token?: string
}

/** The header that shows a token. */
export function authorization({ token }: Secured): Readonly<Record<string, string>> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

/** What became of one request. */
export interface Answer {
  readonly intendedMs: number
  /** When it left ÷ when it should have; undefined for one that was not sent, as too many were on their way. */
  readonly lagMs: number | undefined
  /** From the intended time to the last byte of the answer, or to giving up. */
  readonly responseTimeMs: number
  readonly outcome: SendOutcome
}

type SendOutcome =
  | {
      readonly kind: 'answered'
      /** That served, of which tier, and how accurate it is; not a number where the node does not say. */
      readonly variant: string
      readonly tier: string
      readonly accuracyPercent: number
    }
  | { readonly kind: 'dropped'; readonly reason: DropReason }
  /** No answer, or one that says that the server failed. */
  | { readonly kind: 'failed'; readonly reason: string }

/** Timers are a millisecond coarse: sending this much early is nearer than a millisecond late. */
const EARLY_MS = 0.5

/** @returns one answer for every request, in the order of the trace; fewer when aborted */
export async function driveOpenLoop(options: OpenLoopOptions): Promise<Answer[]> {
  const { urls, arrivalsMs, timeoutMs, inFlightLimit, signal } = options
  const { tls } = options.secured ?? {}
  const bounds = {
    ...{ headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connections: inFlightLimit },
    ...(tls && { connect: tls }),
  }
  const pools = urls.map((url) => new Pool(url, bounds))
  const sender = new Sender(options, pools)
  try {
    for (const [index, intendedMs] of arrivalsMs.entries()) {
      await sender.until(intendedMs)
      if (signal.aborted) break
      sender.send(index, intendedMs)
    }
    if (!signal.aborted) await sender.idle()
  } finally {
    await Promise.all(pools.map((pool) => pool.destroy()))
  }
  return sender.answers
}

class Sender {
  readonly answers: Answer[] = []
  private readonly options: OpenLoopOptions
  private readonly pools: readonly Pool[]
  private readonly path: string
  private readonly startMs = performance.now()
  private readonly onTheWay = new Set<Promise<void>>()

  constructor(options: OpenLoopOptions, pools: readonly Pool[]) {
    this.options = options
    this.pools = pools
    this.path = `/v2/models/${encodeURIComponent(options.model)}/infer`
  }

  async until(intendedMs: number): Promise<void> {
    const { signal } = this.options
    for (;;) {
      const waitMs = this.startMs + intendedMs - performance.now()
      if (waitMs <= EARLY_MS || signal.aborted) return
      await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    }
  }

  send(index: number, intendedMs: number): void {
    if (this.onTheWay.size >= this.options.inFlightLimit) {
      const outcome = { kind: 'failed', reason: 'not sent' } as const
      this.answers[index] = { intendedMs, lagMs: undefined, responseTimeMs: 0, outcome }
      return
    }
    const lagMs = this.nowMs() - intendedMs
    const settled = this.exchange(index).then((outcome) => {
      const responseTimeMs = this.nowMs() - intendedMs
      this.answers[index] = { intendedMs, lagMs, responseTimeMs, outcome }
      this.onTheWay.delete(settled)
    })
    this.onTheWay.add(settled)
  }

  async idle(): Promise<void> {
    await Promise.all(this.onTheWay)
  }

  private nowMs(): number {
    return performance.now() - this.startMs
  }

  private async exchange(index: number): Promise<SendOutcome> {
    const { wires, announcedDeadlineMs } = this.options
    const { body, jsonLength } = wires[index % wires.length] as WireBody
    const pool = this.pools[index % this.pools.length] as Pool
    const headers = {
      ...authorization(this.options.secured ?? {}),
      ...(announcedDeadlineMs !== undefined && {
        [DEADLINE_HEADER]: announcedDeadlineMs.toFixed(3),
      }),
      ...(jsonLength !== undefined && { [JSON_LENGTH_HEADER]: String(jsonLength) }),
    }
    try {
      const answer = await pool.request({ method: 'POST', path: this.path, body, headers })
      if (answer.statusCode === 200) {
        await answer.body.dump()
        return { kind: 'answered', ...servedIn(answer.headers) }
      }
      return refusal(answer.statusCode, await answer.body.text())
    } catch (error) {
      return { kind: 'failed', reason: error instanceof Error ? error.name : 'no answer' }
    }
  }
}

function servedIn(headers: Readonly<Record<string, string | string[] | undefined>>) {
  const [tier = '', variant = ''] = String(headers['x-tierwise-decision'] ?? '').split('/')
  return { variant, tier, accuracyPercent: Number(headers['x-tierwise-accuracy'] ?? Number.NaN) }
}

/** The node names why it dropped a request. */
function refusal(status: number, text: string): SendOutcome {
  const reason = /dropped \(([a-z-]+)\)/.exec(text)?.[1]
  if (reason !== undefined) return { kind: 'dropped', reason: reason as DropReason }
  if (text.includes('the queue is full')) return { kind: 'dropped', reason: 'queue-full' }
  return { kind: 'failed', reason: `status ${status}` }
}

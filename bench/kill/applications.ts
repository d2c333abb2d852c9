/** Applications that ask their devices, whatever becomes of the earlier requests. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { DEADLINE_HEADER } from '../../src/node/request-terms.ts'
import type { WireBody } from '../../src/protocol/messages.ts'
import { JSON_LENGTH_HEADER } from '../../src/protocol/request-body.ts'
import type { Random } from '../../src/random.ts'

/** What became of one request. */
export interface Answer {
  readonly device: string
  /** On the clock of `performance.now()`. */
  readonly askedAtMs: number
  readonly settledAtMs: number
  /** Absent: it was answered. */
  readonly failure?: string
  /** Of the decision it was served under; 0 before any. */
  readonly round: number
  readonly accuracyPercent: number
}

/** What is asked. */
export interface Load {
  readonly applications: readonly { readonly device: string; readonly url: string }[]
  readonly model: string
  readonly wires: readonly WireBody[]
  /** Of each application. */
  readonly ratePerS: number
  /** One request in three has this deadline; absent: none has. */
  readonly deadlineMs?: number
  readonly random: Random
  readonly onAnswer: (answer: Answer) => void
}

const TIMEOUT_MS = 10_000
/** Of each application; one more is not sent. */
const MOST_ON_THE_WAY = 64

/** Sends until the signal aborts, then waits for what is on its way. */
export async function runApplications(load: Load, signal: AbortSignal): Promise<void> {
  const { applications, random } = load
  await Promise.all(
    applications.map(({ device, url }) => runOne(load, device, url, random.fork(device), signal)),
  )
}

async function runOne(
  load: Load,
  device: string,
  url: string,
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  const bounds = { headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS }
  const pool = new Pool(url, { ...bounds, connections: MOST_ON_THE_WAY })
  const onTheWay = new Set<Promise<void>>()
  for (let asked = 0; !signal.aborted; asked++) {
    const gapMs = (-1000 / load.ratePerS) * Math.log(1 - random.uniform())
    await sleep(gapMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted || onTheWay.size >= MOST_ON_THE_WAY) continue
    const askedAtMs = performance.now()
    const settled = ask(load, pool, asked).then((outcome) => {
      onTheWay.delete(settled)
      load.onAnswer({ device, askedAtMs, settledAtMs: performance.now(), ...outcome })
    })
    onTheWay.add(settled)
  }
  await Promise.all(onTheWay)
  await pool.close()
}

async function ask({ model, wires, deadlineMs }: Load, pool: Pool, asked: number) {
  const wire = wires[asked % wires.length]
  const hasDeadline = deadlineMs !== undefined && asked % 3 === 0
  const headers = {
    ...(wire?.jsonLength !== undefined && { [JSON_LENGTH_HEADER]: String(wire.jsonLength) }),
    ...(hasDeadline && { [DEADLINE_HEADER]: String(deadlineMs) }),
  }
  const path = `/v2/models/${model}/infer`
  try {
    const answer = await pool.request({ method: 'POST', path, headers, body: wire?.body ?? null })
    const text = await answer.body.text()
    const round = Number(answer.headers['x-tierwise-round'] ?? 0)
    const accuracyPercent = Number(answer.headers['x-tierwise-accuracy'] ?? Number.NaN)
    if (answer.statusCode === 200) return { round, accuracyPercent }
    return { round, accuracyPercent, failure: `status ${answer.statusCode}: ${text.slice(0, 200)}` }
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    return { round: 0, accuracyPercent: Number.NaN, failure }
  }
}

/**
 * The applications of the fleet: one on every device, each sending its next picture when a round begins. A round's
 * requests leave together and the next round waits for the last answer, as in the papers (one joint decision a round).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../errors.ts'
import { InferenceClient } from '../../protocol/client.ts'
import type { Tensor } from '../../protocol/messages.ts'

interface Application {
  readonly device: string
  readonly url: string
}

/** What applications have sent so far. */
export interface Traffic {
  requests: number
  failedRequests: number
  lastFailure: string | undefined
}

/** Who sends what to whom. */
export interface ApplicationsOptions {
  readonly applications: readonly Application[]
  readonly model: string
  /** Decoded pictures, sent in turn. */
  readonly pictures: readonly Tensor[]
  readonly pauseMs: number
  readonly timeoutMs: number
}

/**
 * Sends rounds of requests until the signal aborts; never throws for a failed request, but counts it.
 * @returns counters that grow while it runs, and a promise that settles when the last answer is in
 */
export function runApplications(
  options: ApplicationsOptions,
  signal: AbortSignal,
): { traffic: Traffic; done: Promise<void> } {
  const { applications, model, pictures, pauseMs, timeoutMs } = options
  const traffic: Traffic = { requests: 0, failedRequests: 0, lastFailure: undefined }
  const clients = applications.map(
    ({ url }) => new InferenceClient(url, { timeoutMs, connections: 2 }),
  )

  async function request(client: InferenceClient, picture: Tensor): Promise<void> {
    traffic.requests++
    try {
      await client.infer(model, { inputs: [picture] }, { binary: true })
    } catch (error) {
      traffic.failedRequests++
      traffic.lastFailure = messageOf(error)
    }
  }

  async function run(): Promise<void> {
    for (let round = 0; !signal.aborted; round++) {
      await Promise.all(
        clients.map((client, device) => {
          const picture = pictures[(round + device) % pictures.length]
          return picture && request(client, picture)
        }),
      )
      await sleep(pauseMs, undefined, { signal }).catch(() => {})
    }
    await Promise.all(clients.map((client) => client.close()))
  }

  return { traffic, done: run() }
}

/**
 * The applications of the fleet: one on every device, each sending its next picture when a round begins. A round's
 * requests leave together and the next round waits for the last answer, as in the papers (one joint decision a round).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../errors.ts'
import { InferenceClient } from '../../protocol/client.ts'
import { decodeInferResponse } from '../../protocol/codec.ts'
import type { AnswerLog } from './answer-log.ts'
import type { SentPicture } from './pictures.ts'

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
  /** Class names by index. */
  readonly labels: readonly string[]
  /** Sent in turn. */
  readonly pictures: readonly SentPicture[]
  /** Told every answer. */
  readonly answers: AnswerLog
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
  const { applications, pictures, pauseMs, timeoutMs } = options
  const traffic: Traffic = { requests: 0, failedRequests: 0, lastFailure: undefined }
  const clients = applications.map(({ device, url }) => ({
    device,
    client: new InferenceClient(url, { timeoutMs, connections: 2 }),
  }))

  async function request(client: Client, picture: number): Promise<void> {
    traffic.requests++
    try {
      await ask(client, picture, options)
    } catch (error) {
      traffic.failedRequests++
      traffic.lastFailure = messageOf(error)
    }
  }

  async function run(): Promise<void> {
    for (let round = 0; !signal.aborted; round++) {
      await Promise.all(
        clients.map((client, index) => {
          // Every device sees other pictures than its neighbours do.
          const offset = Math.floor((index * pictures.length) / clients.length)
          return request(client, (round + offset) % pictures.length)
        }),
      )
      await sleep(pauseMs, undefined, { signal }).catch(() => {})
    }
    await Promise.all(clients.map(({ client }) => client.close()))
  }

  return { traffic, done: run() }
}

interface Client {
  readonly device: string
  readonly client: InferenceClient
}

/** Sends one picture and notes what came. @throws what `InferenceClient.forward` throws */
async function ask(
  { device, client }: Client,
  picture: number,
  { model, labels, pictures, answers }: ApplicationsOptions,
): Promise<void> {
  const sent = pictures[picture]
  if (sent === undefined) return
  const startMs = performance.now()
  const { wire, headers } = await client.forward(model, sent.wire, {})
  const responseTimeMs = performance.now() - startMs
  const { class: found, probability } = { ...decodeInferResponse(wire).parameters }
  const nameOf = (index: unknown) => labels[Number(index)] ?? `class ${index}`
  const margin = headers['x-tierwise-confidence']
  const served = {
    device,
    decided: headers['x-tierwise-decided'] ?? '',
    escalated: headers['x-tierwise-escalated'] === '1',
  }
  const { label: truth } = sent
  answers.add({
    ...served,
    round: Number(headers['x-tierwise-round'] ?? 0),
    ...(truth !== undefined && {
      test: {
        ...served,
        ...{ atMs: Date.now(), picture, responseTimeMs, right: found === truth },
        ...{ truth: nameOf(truth), label: nameOf(found) },
        served: headers['x-tierwise-decision'] ?? '',
        ...(typeof probability === 'number' && { probability }),
        ...(margin !== undefined && { margin: Number(margin) }),
      },
    }),
  })
}

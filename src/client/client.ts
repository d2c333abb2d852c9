/**
 * A client for applications, in browsers, Deno and Node.js: it needs `fetch` and nothing else. docs/clients.md shows it.
 *
 * ```ts
 * const client = new TierwiseClient('http://127.0.0.1:8000')
 * const { label, servedBy } = await client.infer('fashion', picture, { deadlineMs: 80 })
 * ```
 */
import { BadGatewayError, messageOf, TierwiseError, TimeoutError } from '../errors.ts'
import { type Reply, readAnswer } from './answer.ts'
import { errorOf, unanswered } from './errors.ts'
import type { Answer, ClientOptions, InferOptions, Picture } from './messages.ts'
import { pause, pauseMs } from './retry.ts'
import { encodeRequest, type Message, outputNamesIn, type Tensor } from './tensors.ts'

export {
  BadGatewayError,
  DeadlineError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  OverloadedError,
  TierwiseError,
  TimeoutError,
  TooLargeError,
  UnauthorizedError,
  UnavailableError,
  UnsupportedMediaError,
} from '../errors.ts'
export type { Answer, ClientOptions, InferOptions, Picture, ScoredClass } from './messages.ts'
export type { Datatype, Tensor, TypedArray } from './tensors.ts'

/**
 * A client of one node, or of any server of the Open Inference Protocol v2. Its methods throw a TierwiseError: what the server refused
 * with (`code`, `status`), a TimeoutError, an UnavailableError where it cannot be reached, or a BadGatewayError for an answer that is
 * not of the protocol. Where a signal ends a request, they throw its reason.
 */
export class TierwiseClient {
  private readonly url: string
  private readonly options: Required<Omit<ClientOptions, 'token'>>
  private readonly authorization: Readonly<Record<string, string>>
  /** Model → names of its outputs. */
  private readonly outputNames = new Map<string, readonly string[]>()

  /** @param url of the server, without `/v2`; in a page of the node itself it may be empty */
  constructor(url: string, { token, ...options }: ClientOptions = {}) {
    this.url = url.replace(/\/+$/, '')
    const ownFetch: typeof fetch = (...request) => fetch(...request)
    this.options = { timeoutMs: 10_000, retries: 2, fetch: ownFetch, ...options }
    this.authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  }

  /** One inference. @param input an encoded picture, where the model takes pictures; or the model's input tensors */
  async infer(
    model: string,
    input: Picture | readonly Tensor[],
    { signal, id, classes, deadlineMs, minAccuracy, priority }: InferOptions = {},
  ): Promise<Answer> {
    const path = `${modelPath(model)}/infer`
    const parameters = { deadline_ms: deadlineMs, min_accuracy: minAccuracy, priority }
    let reply: Reply
    if (isTensors(input)) {
      const outputs =
        classes === undefined ? undefined : await this.classified(model, classes, signal)
      reply = await this.send(path, encodeRequest({ id, parameters, outputs }, input), signal)
    } else {
      const query = queryOf({ id, classification: classes, ...parameters })
      const body = input instanceof Blob ? input : new Blob([new Uint8Array(input)])
      reply = await this.send(path + query, { headers: {}, body }, signal)
    }
    return this.understand(() => readAnswer(reply, classes !== undefined))
  }

  /** Tells what an answer should have been: the device that gave it measures its accuracy by that. @param label name or index */
  async feedback(id: string, label: string | number, signal?: AbortSignal): Promise<void> {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ id, label })
    await this.send('/v2/tierwise/feedback', { headers, body }, signal)
  }

  private async classified(model: string, classification: number, signal?: AbortSignal) {
    const names = this.outputNames.get(model) ?? (await this.namesOfOutputs(model, signal))
    this.outputNames.set(model, names)
    return names.map((name) => ({ name, parameters: { classification } }))
  }

  private async namesOfOutputs(model: string, signal?: AbortSignal): Promise<string[]> {
    const { body } = await this.send(modelPath(model), undefined, signal)
    return this.understand(() => outputNamesIn(body))
  }

  private understand<Understood>(read: () => Understood): Understood {
    try {
      return read()
    } catch (cause) {
      const reason = `is not of the protocol: ${messageOf(cause)}`
      throw new BadGatewayError(`the answer of ${this.url} ${reason}`, { cause })
    }
  }

  /** Sends until there is an answer, or no more time or retries. */
  private async send(path: string, message?: Message, signal?: AbortSignal): Promise<Reply> {
    const { timeoutMs, retries } = this.options
    const endsAt = performance.now() + timeoutMs
    const timeout = AbortSignal.timeout(timeoutMs)
    const either = signal ? AbortSignal.any([timeout, signal]) : timeout
    for (let retried = 0; ; retried++) {
      try {
        return await this.exchange(path, message, either)
      } catch (cause) {
        signal?.throwIfAborted()
        if (timeout.aborted) {
          throw new TimeoutError(`${this.url}${path} gave no answer within ${timeoutMs} ms`, {
            cause,
          })
        }
        const error = cause instanceof TierwiseError ? cause : unanswered(this.url + path, cause)
        const waitMs = pauseMs(error)
        if (retried >= retries || performance.now() + waitMs >= endsAt) throw error
        await pause(waitMs, either)
      }
    }
  }

  private async exchange(path: string, message: Message | undefined, signal: AbortSignal) {
    const method = message ? 'POST' : 'GET'
    const headers = { ...message?.headers, ...this.authorization }
    const body = message?.body ?? null
    const answer = await this.options.fetch(this.url + path, { method, headers, body, signal })
    if (!answer.ok) throw await errorOf(answer)
    return { headers: answer.headers, body: await answer.arrayBuffer() }
  }
}

const modelPath = (model: string) => `/v2/models/${encodeURIComponent(model)}`

function isTensors(input: Picture | readonly Tensor[]): input is readonly Tensor[] {
  return Array.isArray(input)
}

/** The parameters of a picture stand in the address. */
function queryOf(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, String(value))
  }
  return query.size > 0 ? `?${query}` : ''
}

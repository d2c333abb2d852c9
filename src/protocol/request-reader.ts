/**
 * Reads requests; those with a large JSON part in a thread of their own, one after another. What the bounds of JSON let in takes up to
 * some 300 ms of a processor to read, and the event loop answers everybody else meanwhile.
 */
import { Worker } from 'node:worker_threads'
import { InvalidInputError, messageOf, TooLargeError, UnavailableError } from '../errors.ts'
import { workerUrl } from '../package-files.ts'
import { decodeInferRequest } from './codec.ts'
import type { InferRequest, ModelMetadata, WireBody } from './messages.ts'

/** A smaller JSON part is read at once, in some milliseconds. */
const AT_ONCE_BYTES = 2 ** 17

/** To the thread: one request at a time. */
export interface ToReader {
  readonly wire: WireBody
  readonly jsonLimitBytes: number
}

/** From it: the request, or why it is none. */
export type FromReader =
  | { readonly request: InferRequest }
  | { readonly message: string; readonly status: number }

interface Waiting {
  readonly resolve: (request: InferRequest) => void
  readonly reject: (error: Error) => void
}

/** Of one server. */
export class RequestReader {
  private readonly jsonLimitBytes: number
  private worker: Worker | undefined
  /** Whose request is being read there. */
  private waiting: Waiting | undefined
  /** Settled when all that came so far has been read. */
  private last: Promise<unknown> = Promise.resolve()

  constructor(jsonLimitBytes: number) {
    this.jsonLimitBytes = jsonLimitBytes
  }

  /**
   * @param metadata as `decodeInferRequest` has it
   * @param signal of the client: what it sent is not read once it has gone
   * @throws InvalidInputError for anything malformed, or rejects with it; TooLargeError for a JSON part over the limit
   */
  read(
    wire: WireBody,
    metadata: () => ModelMetadata,
    signal: AbortSignal,
  ): InferRequest | Promise<InferRequest> {
    const { jsonLimitBytes } = this
    const jsonBytes = wire.picture ? 0 : (wire.jsonLength ?? wire.body.byteLength)
    if (jsonBytes <= AT_ONCE_BYTES || jsonBytes > jsonLimitBytes)
      return decodeInferRequest(wire, metadata, jsonLimitBytes)
    const read = this.last.then(() => {
      signal.throwIfAborted()
      return this.elsewhere({ wire, jsonLimitBytes })
    })
    this.last = read.catch(() => {})
    return read
  }

  async close(): Promise<void> {
    await this.worker?.terminate()
  }

  private elsewhere(message: ToReader): Promise<InferRequest> {
    this.worker ??= this.start()
    this.worker.postMessage(message)
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject }
    })
  }

  private start(): Worker {
    const worker = new Worker(workerUrl('request-worker', import.meta.url))
    worker.unref()
    worker.on('message', (answer: FromReader) => {
      if ('request' in answer) this.waiting?.resolve(answer.request)
      else this.waiting?.reject(errorOf(answer))
    })
    worker.on('error', (error) => this.fail(messageOf(error)))
    worker.on('exit', () => {
      this.worker = undefined
      this.fail('its thread ended')
    })
    return worker
  }

  private fail(reason: string): void {
    this.waiting?.reject(new UnavailableError(`the request was not read (${reason}): try again`))
  }
}

/** An error does not keep its class on its way between threads. */
function errorOf({ message, status }: Extract<FromReader, { message: string }>): Error {
  if (status === 413) return new TooLargeError(message)
  return status === 400 ? new InvalidInputError(message) : new Error(message)
}

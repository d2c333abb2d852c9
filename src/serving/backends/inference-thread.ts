import { Worker } from 'node:worker_threads'
import { ConfigError, InvalidInputError, messageOf, UnavailableError } from '../../errors.ts'
import { workerUrl } from '../../package-files.ts'
import type { Tensor } from '../../protocol/messages.ts'
import {
  alignedOffset,
  type FromWorker,
  type PlacedTensor,
  type ToWorker,
  type WorkerSetup,
} from './worker-messages.ts'

/** What a worker says when it holds its models. */
export type Ready = Extract<FromWorker, { kind: 'ready' }>
/** What a worker answers to one inference. */
export type Inferred = Extract<FromWorker, { kind: 'inferred' }>

interface Waiting<Answer> {
  resolve(answer: Answer): void
  reject(error: Error): void
}

/** One inference worker, seen from the main thread. */
export class InferenceThread {
  private readonly worker: Worker
  private readonly starting: Promise<Ready>
  private readonly ended: Promise<void>
  /** Who waits for the worker's next message: its start, then one inference at a time. */
  private waiting: Waiting<FromWorker> | undefined
  /** Carries the inputs to the worker and comes back with the answer. */
  private memory = new ArrayBuffer(0)

  /** @param onEnd called once when the thread has ended */
  constructor(worker: Worker, onEnd: () => void) {
    this.worker = worker
    let crash: Error | undefined
    worker.on('error', (error) => {
      crash = new UnavailableError(`an inference worker crashed: ${messageOf(error)}`)
    })
    worker.on('message', (message: FromWorker) => this.take()?.resolve(message))
    this.starting = this.answer().then(asReady)
    // Whoever waits for `ready()` hears of it; nobody has to.
    this.starting.catch(() => undefined)
    this.ended = new Promise((resolve) => {
      worker.on('exit', (code) => {
        const reason = crash ?? new UnavailableError(`an inference worker ended with code ${code}`)
        this.take()?.reject(reason)
        resolve()
        onEnd()
      })
    })
  }

  /** Lets the present inference finish, releases the sessions and ends the thread. */
  async stop(): Promise<void> {
    this.worker.postMessage({ kind: 'stop' } satisfies ToWorker)
    await this.ended
  }

  /** @throws ConfigError when the worker cannot serve; UnavailableError when it crashed */
  ready(): Promise<Ready> {
    return this.starting
  }

  /**
   * @param inputs checked against the model's signature
   * @throws InvalidInputError when the model refuses them all the same; UnavailableError when the worker crashes
   */
  async infer(
    variant: string,
    inputs: readonly Tensor[],
    outputs: readonly string[],
  ): Promise<Inferred> {
    const placed = this.place(inputs)
    const answer = this.answer()
    const { memory } = this
    const message: ToWorker = { kind: 'infer', variant, memory, inputs: placed, outputs }
    this.worker.postMessage(message, [memory])
    const result = await answer
    if (result.kind === 'inferred') {
      this.memory = result.memory
      return result
    }
    const reason = result.kind === 'failed' ? result.message : `unexpected "${result.kind}"`
    throw new InvalidInputError(`variant ${variant} could not run on these inputs: ${reason}`)
  }

  private answer(): Promise<FromWorker> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject }
    })
  }

  private take(): Waiting<FromWorker> | undefined {
    const waiting = this.waiting
    this.waiting = undefined
    return waiting
  }

  private place(inputs: readonly Tensor[]): PlacedTensor[] {
    let bytes = 0
    const placed = inputs.map(({ name, shape, data }) => {
      const offset = bytes
      bytes = alignedOffset(bytes + data.byteLength)
      return { name, shape, offset }
    })
    if (bytes > this.memory.byteLength) this.memory = new ArrayBuffer(bytes)
    const target = new Uint8Array(this.memory)
    for (const [index, { offset }] of placed.entries()) {
      const data = inputs[index]?.data
      if (data) target.set(data, offset)
    }
    return placed
  }
}

/** Starts a worker thread; it loads the models at once. */
export function startInferenceWorker(setup: WorkerSetup): Worker {
  return new Worker(workerUrl('inference-worker', import.meta.url), { workerData: setup })
}

function asReady(message: FromWorker): Ready {
  if (message.kind === 'ready') return message
  if (message.kind === 'unusable') throw new ConfigError(message.message)
  throw new UnavailableError(`an inference worker began with "${message.kind}"`)
}

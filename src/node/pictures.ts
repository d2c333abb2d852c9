import { DeadlineError, OverloadedError } from '../errors.ts'
import { bytesOf } from '../protocol/datatypes.ts'
import type { InferRequest } from '../protocol/messages.ts'
import { isPicture, pictureOf } from '../protocol/picture-body.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { decodePicture } from '../serving/models/picture.ts'

/** Of the four threads that Node lends to such work: the others are left for files, names and compressed bodies. */
const THREADS = 2

/** Bounds of what clients may make a node decode. */
export interface PictureLimits {
  /** Width × height of one picture. */
  readonly limitPixels: number
  /** Pictures that may wait for one of the threads; one more is refused. */
  readonly limitWaiting: number
}

/** Makes requests of tensors from requests that bring an encoded picture, on the threads of `sharp`. */
export class Pictures {
  private readonly input: Catalogue['input']
  private readonly limits: PictureLimits
  /** One request may be served more than once: here, and after it was passed on in vain. */
  private readonly prepared = new WeakMap<InferRequest, Promise<InferRequest>>()
  /** Each begins the decoding of one that waits, oldest first. */
  private readonly waiting = new Set<() => void>()
  private freeThreads = THREADS
  /** Of the latest. */
  private decodeMs: number | undefined

  constructor({ input }: Pick<Catalogue, 'input'>, limits: PictureLimits) {
    this.input = input
    this.limits = limits
  }

  /**
   * The request as the model takes it: a picture decoded as the catalogue says and all outputs wanted; any other as it is.
   * @param signal takes a picture out of those that wait for their decoding
   * @param deadlineMs from now; a picture that still waits then is refused
   * @throws OverloadedError when too many wait; DeadlineError, or the signal's reason; TooLargeError, InvalidInputError or
   *   UnsupportedMediaError for the picture
   */
  async prepare(
    request: InferRequest,
    signal: AbortSignal,
    deadlineMs = Infinity,
  ): Promise<InferRequest> {
    if (!isPicture(request)) return request
    const prepared = this.prepared.get(request) ?? this.decode(request, signal, deadlineMs)
    this.prepared.set(request, prepared)
    return prepared
  }

  private async decode(
    { outputs: _, ...request }: InferRequest,
    signal: AbortSignal,
    deadlineMs: number,
  ): Promise<InferRequest> {
    const { input, limits } = this
    const encoded = pictureOf(request)
    await this.takeThread(signal, deadlineMs)
    const beginMs = performance.now()
    try {
      const values = await decodePicture(encoded, input, limits.limitPixels)
      const { name, datatype, shape } = input
      return { ...request, inputs: [{ name, datatype, shape, data: bytesOf(values) }] }
    } finally {
      this.decodeMs = performance.now() - beginMs
      this.leaveThread()
    }
  }

  /** When so many are decoded: nobody knows before the first is. */
  private againAfter(pictures: number) {
    const retryAfterMs =
      this.decodeMs === undefined ? undefined : (pictures * this.decodeMs) / THREADS
    const when = retryAfterMs === undefined ? '' : ` in ${Math.ceil(retryAfterMs)} ms`
    return { retryAfterMs, again: `try again${when}` }
  }

  private async takeThread(signal: AbortSignal, deadlineMs: number): Promise<void> {
    if (this.freeThreads > 0) {
      this.freeThreads -= 1
      return
    }
    const { waiting, limits } = this
    if (waiting.size >= limits.limitWaiting) {
      const { retryAfterMs, again } = this.againAfter(1)
      const text = `${waiting.size} pictures wait for their decoding; ${again}`
      throw new OverloadedError(text, { retryAfterMs })
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        waiting.delete(begin)
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
      }
      const begin = () => {
        leave()
        resolve()
      }
      const abort = () => {
        leave()
        reject(signal.reason)
      }
      const expire = () => {
        leave()
        const { retryAfterMs, again } = this.againAfter(waiting.size + 1)
        const text = `dropped: its deadline has passed, and ${waiting.size} other pictures wait for their decoding; ${again}`
        reject(new DeadlineError(text, { retryAfterMs }))
      }
      const timer = deadlineMs < Infinity ? setTimeout(expire, Math.max(0, deadlineMs)) : undefined
      signal.addEventListener('abort', abort)
      waiting.add(begin)
    })
  }

  private leaveThread(): void {
    const [next] = this.waiting
    if (next) next()
    else this.freeThreads += 1
  }
}

import { OverloadedError } from '../errors.ts'
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
  private readonly waiting: (() => void)[] = []
  private freeThreads = THREADS

  constructor({ input }: Pick<Catalogue, 'input'>, limits: PictureLimits) {
    this.input = input
    this.limits = limits
  }

  /**
   * The request as the model takes it: a picture decoded as the catalogue says and all outputs wanted; any other as it is.
   * @throws OverloadedError when too many are being decoded; TooLargeError, InvalidInputError or UnsupportedMediaError for the
   *   picture
   */
  async prepare(request: InferRequest): Promise<InferRequest> {
    if (!isPicture(request)) return request
    const prepared = this.prepared.get(request) ?? this.decode(request)
    this.prepared.set(request, prepared)
    return prepared
  }

  private async decode({ outputs: _, ...request }: InferRequest): Promise<InferRequest> {
    const { input, limits } = this
    const encoded = pictureOf(request)
    await this.takeThread()
    try {
      const values = await decodePicture(encoded, input, limits.limitPixels)
      const { name, datatype, shape } = input
      return { ...request, inputs: [{ name, datatype, shape, data: bytesOf(values) }] }
    } finally {
      this.leaveThread()
    }
  }

  private async takeThread(): Promise<void> {
    if (this.freeThreads > 0) {
      this.freeThreads -= 1
      return
    }
    if (this.waiting.length >= this.limits.limitWaiting) {
      throw new OverloadedError(
        `${this.waiting.length} pictures wait for their decoding already; try later`,
      )
    }
    await new Promise<void>((resolve) => this.waiting.push(resolve))
  }

  private leaveThread(): void {
    const next = this.waiting.shift()
    if (next) next()
    else this.freeThreads += 1
  }
}

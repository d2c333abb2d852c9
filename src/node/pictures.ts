import { OverloadedError } from '../errors.ts'
import { bytesOf } from '../protocol/datatypes.ts'
import type { InferRequest } from '../protocol/messages.ts'
import { isPicture, pictureOf } from '../protocol/picture-body.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { decodePicture } from '../serving/models/picture.ts'

/** Bounds of what clients may make a node decode. */
export interface PictureLimits {
  /** Width × height of one picture. */
  readonly limitPixels: number
  /** Pictures being decoded or about to be; one more is refused. */
  readonly limitDecoding: number
}

/** Makes requests of tensors from requests that bring an encoded picture, on the threads of `sharp`. */
export class Pictures {
  private readonly input: Catalogue['input']
  private readonly limits: PictureLimits
  /** One request may be served more than once: here, and after it was passed on in vain. */
  private readonly prepared = new WeakMap<InferRequest, Promise<InferRequest>>()
  private decoding = 0

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
    if (this.decoding >= limits.limitDecoding) {
      throw new OverloadedError(`${this.decoding} pictures are being decoded already; try later`)
    }
    this.decoding += 1
    try {
      const values = await decodePicture(pictureOf(request), input, limits.limitPixels)
      const { name, datatype, shape } = input
      return { ...request, inputs: [{ name, datatype, shape, data: bytesOf(values) }] }
    } finally {
      this.decoding -= 1
    }
  }
}

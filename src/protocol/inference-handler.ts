/** What stands behind the protocol's routes. The server knows no models and no tiers; a handler knows no HTTP. */
import type { TraceContext } from '../tracing.ts'
import type { ModelIndex, ModelStatistics } from './answer-schemas.ts'
import type {
  InferRequest,
  InferResponse,
  ModelMetadata,
  ServerMetadata,
  WireBody,
} from './messages.ts'

/** One inference call, decoded only when somebody needs its tensors: a node that forwards never does. */
export interface InferCall {
  readonly model: string
  readonly version?: string
  readonly wire: WireBody
  /** From the headers to the last byte of the body; absent: nobody measured it. */
  readonly receivingMs?: number
  /** Request headers in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** What its spans are children of; absent before a handler has begun one. */
  readonly trace?: TraceContext
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
  /** A promise where it is so large that it is read in another thread. @throws InvalidInputError for anything malformed, or rejects with it */
  decode(): InferRequest | Promise<InferRequest>
}

/** Another server's answer, as it came. */
interface PassedOn extends WireBody {
  /** Likeliest class of a picture, as its headers tell it. */
  readonly label?: string
}

/** The answer: either tensors to encode as the client asked, or another server's answer passed on as it came. */
export interface InferReply {
  readonly content: InferResponse | PassedOn
  /** Extra response headers, such as `x-tierwise-decision`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** One method for each route. */
export interface InferenceHandler {
  live(): boolean
  ready(): boolean
  /** Why no request is taken now, as in `model "m" …`; undefined: it is. */
  refusal(): string | undefined
  /** Looks at a request whose body is still to come. @throws TierwiseError where its headers tell that it will be refused */
  admit?(model: string, headers: InferCall['headers']): void
  serverMetadata(): ServerMetadata
  /** @throws NotFoundError for an unknown model or version */
  modelReady(model: string, version?: string): boolean
  /** @throws NotFoundError for an unknown model or version */
  modelMetadata(model: string, version?: string): ModelMetadata
  /** All models of this node. */
  repositoryIndex(): readonly ModelIndex[]
  /** Of all models that count for themselves, where none is named. @throws NotFoundError for an unknown model or version */
  modelStatistics(model?: string, version?: string): readonly ModelStatistics[]
  /** @throws TierwiseError with the status to answer */
  infer(call: InferCall): Promise<InferReply>
}

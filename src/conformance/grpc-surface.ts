/** A server under test, asked over gRPC by a client that is made of the official proto alone. */
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { loadSync, type MethodDefinition } from '@grpc/proto-loader'
import { z } from 'zod'
import { packageFile } from '../package-files.ts'
import { type TensorMetadata, zeroBytesOf, zerosOf } from './tensors.ts'
import { BLANK, serverMetadata, shaped, whyUnknown } from './told.ts'
import { NotShown } from './violation.ts'

const READING = { keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true }
const PROTO = 'proto/open_inference_grpc.proto'
const SERVICE = 'inference.GRPCInferenceService'

const tensors = z.array(
  z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.number()) }),
)
const modelMetadata = z.object({ name: z.string(), inputs: tensors, outputs: tensors })

/** What a call came to: an answer, or the code of its failure by name. */
export type Called =
  | { readonly answer: Readonly<Record<string, unknown>> }
  | { readonly code: string }

/** A method as this client needs it. */
export type Method = Pick<
  MethodDefinition<object, object>,
  'path' | 'requestSerialize' | 'responseDeserialize'
>

/** How to reach a server. */
export interface GrpcOptions {
  /** `host:port` */
  readonly address: string
  readonly model: string
  readonly token?: string | undefined
  /** Absent: no TLS. `ca`: PEM of the authorities to trust, where it is not those of this machine. */
  readonly tls?: { readonly ca?: string | undefined } | undefined
  readonly timeoutMs: number
}

/** Of one call. */
interface CallOptions {
  readonly deadlineMs?: number
  readonly metadata?: Readonly<Record<string, string>>
}

/** See the file. */
export class GrpcSurface {
  readonly model: string
  readonly inputs: readonly TensorMetadata[]
  /** What the server says of itself. */
  readonly about: z.infer<typeof serverMetadata>
  /** Why nothing is known of the model; undefined where it is. */
  readonly unknown: string | undefined
  readonly said: string[] = []
  readonly options: GrpcOptions
  readonly client: Client

  private constructor(
    options: GrpcOptions,
    client: Client,
    about: z.infer<typeof serverMetadata>,
    inputs: readonly TensorMetadata[],
    unknown?: string,
  ) {
    this.options = options
    this.model = options.model
    this.client = client
    this.about = about
    this.inputs = inputs
    this.unknown = unknown
  }

  /** What it answers, and if it is nothing, is for the points to judge. */
  static async open(options: GrpcOptions): Promise<GrpcSurface> {
    const { address, tls } = options
    const channel = tls
      ? credentials.createSsl(tls.ca === undefined ? null : Buffer.from(tls.ca))
      : credentials.createInsecure()
    const client = new Client(address, channel, { 'grpc.max_receive_message_length': 64 * 2 ** 20 })
    const asking = new GrpcSurface(options, client, BLANK, [])
    let about = BLANK
    try {
      about = shaped(serverMetadata, await asking.answer('ServerMetadata', {}))
      const model = await asking.answer('ModelMetadata', { name: options.model })
      return new GrpcSurface(options, client, about, shaped(modelMetadata, model).inputs)
    } catch (error) {
      return new GrpcSurface(options, client, about, [], whyUnknown(asking.said, error))
    }
  }

  close(): void {
    this.client.close()
  }

  call(method: string, message: object, more: CallOptions = {}): Promise<Called> {
    return this.unary(methodOf(SERVICE, method), method, message, more)
  }

  /** A valid request of zeros: typed contents, or raw bytes. */
  message(change: object = {}, raw = false): Record<string, unknown> {
    const inputs = this.inputs.map((input) => {
      const { data, ...described } = zerosOf(input)
      if (raw) return described
      return { ...described, contents: { [contentsOf(input.datatype)]: data.map(withoutText) } }
    })
    const bytes = raw ? { raw_input_contents: this.inputs.map(zeroBytesOf) } : {}
    return { model_name: this.model, inputs, ...bytes, ...change }
  }

  /** @param name of the method, as evidence has it */
  unary(method: Method, name: string, message: object, more: CallOptions = {}): Promise<Called> {
    const { path, requestSerialize, responseDeserialize } = method
    const options = { deadline: Date.now() + (more.deadlineMs ?? this.options.timeoutMs) }
    const sent = this.metadata(more.metadata)
    return new Promise((resolve) => {
      const done = (error: ServiceError | null, answer?: object) => {
        const code = error ? codeOf(error) : 'OK'
        this.said.push(`${name} → ${code} ${error?.details ?? ''}`.trim().slice(0, 160))
        resolve(error ? { code } : { answer: { ...answer } })
      }
      this.client.makeUnaryRequest(
        ...([path, requestSerialize, responseDeserialize] as const),
        ...([message, sent, options, done] as const),
      )
    })
  }

  /** What every call carries: the token. */
  metadata(more: Readonly<Record<string, string>> = {}): Metadata {
    const metadata = new Metadata()
    for (const [key, value] of Object.entries(more)) metadata.set(key, value)
    const { token } = this.options
    if (token !== undefined) metadata.set('authorization', `Bearer ${token}`)
    return metadata
  }

  private async answer(
    method: string,
    message: object,
  ): Promise<Readonly<Record<string, unknown>>> {
    const called = await this.call(method, message)
    if ('code' in called) throw new Error(`${method}: ${called.code}`)
    return called.answer
  }
}

/** The name of an error's code. */
export function codeOf({ code }: ServiceError): string {
  return status[code] ?? String(code)
}

function methodOf(service: string, name: string): MethodDefinition<object, object> {
  const definition = loadSync(packageFile(PROTO), READING)[service]
  const method = definition && !('format' in definition) ? definition[name] : undefined
  if (method === undefined) throw new Error(`${PROTO} has no ${service}.${name}`)
  return method
}

/** The field of InferTensorContents for a datatype. @throws NotShown where it has none */
function contentsOf(datatype: string): string {
  if (datatype === 'BOOL') return 'bool_contents'
  if (datatype === 'BYTES') return 'bytes_contents'
  if (/^U?INT64$/.test(datatype))
    return `${datatype.replace('INT', 'int').replace('U', 'u')}_contents`
  if (/^U?INT/.test(datatype)) return datatype.startsWith('U') ? 'uint_contents' : 'int_contents'
  if (/^FP(32|64)$/.test(datatype)) return `${datatype.toLowerCase()}_contents`
  throw new NotShown(`${datatype} has no typed contents`)
}

const withoutText = (value: unknown) => (value === '' ? Buffer.alloc(0) : value)

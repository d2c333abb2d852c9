/** A server under test, asked over gRPC by a client that is made of the official proto alone. */
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { loadSync, type MethodDefinition } from '@grpc/proto-loader'
import { z } from 'zod'
import { messageOf, UnavailableError } from '../errors.ts'
import { packageFile } from '../package-files.ts'
import { type TensorMetadata, zeroBytesOf, zerosOf } from './tensors.ts'
import { NotShown } from './violation.ts'

const READING = { keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true }
const PROTO = 'proto/open_inference_grpc.proto'
const SERVICE = 'inference.GRPCInferenceService'
/** The service that load balancers ask: one method and two messages (grpc.health.v1). */
const HEALTH = 'grpc.health.v1.Health'

const tensors = z.array(
  z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.number()) }),
)
const modelMetadata = z.object({ name: z.string(), inputs: tensors, outputs: tensors })

/** What a call came to: an answer, or the code of its failure by name. */
export type Called =
  | { readonly answer: Readonly<Record<string, unknown>> }
  | { readonly code: string }

/** How to reach a server. */
export interface GrpcOptions {
  /** `host:port` */
  readonly address: string
  readonly model: string
  readonly token?: string | undefined
  /** PEM of the authority to trust; absent: no TLS. */
  readonly authority?: string | undefined
  readonly timeoutMs: number
}

/** See the file. */
export class GrpcSurface {
  readonly model: string
  readonly inputs: readonly TensorMetadata[]
  readonly said: string[] = []
  private readonly client: Client
  private readonly options: GrpcOptions

  private constructor(options: GrpcOptions, client: Client, inputs: readonly TensorMetadata[]) {
    this.options = options
    this.model = options.model
    this.client = client
    this.inputs = inputs
  }

  /** @throws UnavailableError when the server does not answer as one of the protocol */
  static async open(options: GrpcOptions): Promise<GrpcSurface> {
    const { address, authority } = options
    const channel =
      authority === undefined
        ? credentials.createInsecure()
        : credentials.createSsl(Buffer.from(authority))
    const client = new Client(address, channel, { 'grpc.max_receive_message_length': 64 * 2 ** 20 })
    const asking = new GrpcSurface(options, client, [])
    try {
      const called = await asking.call('ModelMetadata', { name: options.model })
      if ('code' in called) throw new Error(`ModelMetadata: ${called.code}`)
      const { inputs } = modelMetadata.parse(called.answer)
      return new GrpcSurface(options, client, inputs)
    } catch (error) {
      client.close()
      throw new UnavailableError(
        `${address} does not answer as a gRPC server of the Open Inference Protocol v2: ${messageOf(error)}`,
        { cause: error },
      )
    }
  }

  close(): void {
    this.client.close()
  }

  call(method: string, message: object, deadlineMs = this.options.timeoutMs): Promise<Called> {
    return this.unary(methodOf(SERVICE, method), method, message, deadlineMs)
  }

  /** A valid request of zeros: typed contents, or raw bytes. */
  message(change: object = {}, raw = false): Record<string, unknown> {
    const inputs = this.inputs.map((input) => {
      const { data, ...described } = zerosOf(input)
      const contents = { [contentsOf(input.datatype)]: data.map(withoutText) }
      return raw ? described : { ...described, contents }
    })
    const bytes = raw ? { raw_input_contents: this.inputs.map(zeroBytesOf) } : {}
    return { model_name: this.model, inputs, ...bytes, ...change }
  }

  /** Whether the server answers the health service of gRPC. */
  async isHealthy(): Promise<boolean> {
    const empty = Buffer.alloc(0)
    const method: Pick<
      MethodDefinition<object, object>,
      'path' | 'requestSerialize' | 'responseDeserialize'
    > = {
      path: `/${HEALTH}/Check`,
      requestSerialize: () => empty,
      // HealthCheckResponse: field 1, SERVING = 1.
      responseDeserialize: (bytes) => ({ serving: bytes[0] === 8 && bytes[1] === 1 }),
    }
    const called = await this.unary(method, 'Health.Check', {}, this.options.timeoutMs)
    return 'answer' in called && called.answer['serving'] === true
  }

  private unary(
    method: Pick<
      MethodDefinition<object, object>,
      'path' | 'requestSerialize' | 'responseDeserialize'
    >,
    name: string,
    message: object,
    deadlineMs: number,
  ): Promise<Called> {
    const metadata = new Metadata()
    const { token } = this.options
    if (token !== undefined) metadata.set('authorization', `Bearer ${token}`)
    return new Promise((resolve) => {
      const done = (error: ServiceError | null, answer?: object) => {
        const code = error ? (status[error.code] ?? String(error.code)) : 'OK'
        this.said.push(`${name} → ${code} ${error?.details ?? ''}`.trim().slice(0, 160))
        resolve(error ? { code } : { answer: { ...answer } })
      }
      const { path, requestSerialize, responseDeserialize } = method
      const options = { deadline: Date.now() + deadlineMs }
      this.client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        metadata,
        options,
        done,
      )
    })
  }
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

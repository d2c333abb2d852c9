/** A client that is made of the proto alone: it shares no code with the server. */
import { type CallOptions, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

// biome-ignore lint/suspicious/noExplicitAny: answers are judged, so nothing may be presumed of their form
export type Message = any

export interface GrpcClient {
  /** @throws ServiceError with the status of the call */
  call(
    method: string,
    message: object,
    options?: CallOptions,
    metadata?: Metadata,
  ): Promise<Message>
  /** Starts a call and gives a function that cancels it. */
  start(
    method: string,
    message: object,
  ): { cancel(): void; ended: Promise<ServiceError | undefined> }
  /** Names of the services that the server tells of. */
  reflect(): Promise<string[]>
  close(): void
}

/** @param proto path of a proto file, or nothing for the protocol's own */
export function grpcClient(
  address: string,
  {
    channel = credentials.createInsecure(),
    proto = 'proto/open_inference_grpc.proto',
    service: serviceName = 'inference.GRPCInferenceService',
  } = {},
): GrpcClient {
  const options = { keepCase: true, longs: String, defaults: true, arrays: true, objects: true }
  const service: Message = loadSync(proto, { ...options, enums: String, oneofs: true })[serviceName]
  const client = new Client(address, channel, {
    'grpc.max_receive_message_length': -1,
    'grpc.use_local_subchannel_pool': 1,
  })
  const begin = (
    method: string,
    message: object,
    done: (error: ServiceError | null, answer?: Message) => void,
    options: CallOptions = {},
    metadata = new Metadata(),
  ) => {
    const { path, requestSerialize, responseDeserialize } = service[method]
    return client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      message,
      metadata,
      options,
      done,
    )
  }
  return {
    call: (method, message, options, metadata) =>
      new Promise((resolve, reject) => {
        const done = (error: ServiceError | null, answer?: Message) =>
          error ? reject(error) : resolve(answer)
        begin(method, message, done, options, metadata)
      }),
    start(method, message) {
      let cancel = () => {}
      const ended = new Promise<ServiceError | undefined>((resolve) => {
        const call = begin(method, message, (error) => resolve(error ?? undefined))
        cancel = () => call.cancel()
      })
      return { cancel, ended }
    },
    reflect: () => reflect(client),
    close: () => client.close(),
  }
}

const REFLECTION = 'node_modules/@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto'

function reflect(client: Client): Promise<string[]> {
  const service: Message = loadSync(REFLECTION)['grpc.reflection.v1.ServerReflection']
  const { path, requestSerialize, responseDeserialize } = service.ServerReflectionInfo
  return new Promise((resolve, reject) => {
    const call = client.makeBidiStreamRequest<Message, Message>(
      path,
      requestSerialize,
      responseDeserialize,
    )
    call.on('error', reject)
    call.on('data', ({ listServicesResponse }) => {
      resolve(listServicesResponse.service.map(({ name }: { name: string }) => name))
      call.end()
    })
    call.write({ listServices: '*' })
  })
}

/** The same questions over REST and over gRPC, by clients that share no code with the server. */
import { type ServiceError, status } from '@grpc/grpc-js'
import { type GrpcClient, grpcClient, type Message } from './grpc/client.fixture.ts'
import { type Answer, get, infer, type ProtocolTarget } from './protocol-target.fixture.ts'

/** Why something is refused. */
type Refusal = 'invalid' | 'not found' | 'precondition'

interface PlainTensor {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly number[]
  readonly data?: readonly number[]
}

export interface PlainRequest {
  readonly model?: string
  readonly version?: string
  readonly id?: string
  readonly parameters?: Readonly<Record<string, string | number | boolean>>
  readonly inputs: readonly PlainTensor[]
  readonly outputs?: readonly string[]
}

/** What a server answers, or why it refuses. */
export interface Surface {
  readonly target: ProtocolTarget
  live(): Promise<Message>
  ready(): Promise<Message>
  modelReady(model: string, version?: string): Promise<Message>
  serverMetadata(): Promise<Message>
  modelMetadata(model: string, version?: string): Promise<Message>
  modelConfig(model: string): Promise<Message>
  statistics(model: string): Promise<Message>
  index(onlyReady: boolean): Promise<Message>
  load(model: string, verb: 'load' | 'unload'): Promise<Message>
  infer(request: PlainRequest): Promise<Message>
  close(): void
}

const BY_STATUS: Readonly<Record<number, Refusal>> = { 400: 'invalid', 404: 'not found' }

export function restSurface(target: ProtocolTarget): Surface {
  const at = (model: string, version?: string) =>
    `/v2/models/${encodeURIComponent(model)}${version === undefined ? '' : `/versions/${version}`}`
  const read = async (asked: Promise<Answer>) => {
    const { status, json } = await asked
    return status === 200 ? json : (BY_STATUS[status] ?? status)
  }
  return {
    target,
    live: () => read(get(target, '/v2/health/live')),
    ready: () => read(get(target, '/v2/health/ready')),
    modelReady: (model, version) => read(get(target, `${at(model, version)}/ready`)),
    serverMetadata: () => read(get(target, '/v2')),
    modelMetadata: (model, version) => read(get(target, at(model, version))),
    modelConfig: (model) => read(get(target, `${at(model)}/config`)),
    statistics: async (model) => {
      const answer = await read(get(target, `${at(model)}/stats`))
      return answer.model_stats ?? answer
    },
    index: (ready) => read(infer(target, JSON.stringify({ ready }), {}, '/v2/repository/index')),
    load: async (model, verb) => {
      const path = `/v2/repository/models/${encodeURIComponent(model)}/${verb}`
      const answer = await read(infer(target, '{}', {}, path))
      return answer === 'invalid' ? 'precondition' : answer
    },
    infer({ model = target.model, version, outputs, ...request }) {
      const body = { ...request, outputs: outputs?.map((name) => ({ name })) }
      return read(infer(target, JSON.stringify(body), {}, `${at(model, version)}/infer`))
    },
    close: () => {},
  }
}

const BY_CODE: Readonly<Record<number, Refusal>> = {
  [status.INVALID_ARGUMENT]: 'invalid',
  [status.NOT_FOUND]: 'not found',
  [status.FAILED_PRECONDITION]: 'precondition',
}

export function grpcSurface(target: ProtocolTarget): Surface {
  const client: GrpcClient = grpcClient(target.grpcAddress)
  const call = (method: string, message: object) =>
    client.call(method, message).then(
      (answer) => plain(answer),
      ({ code, details }: ServiceError) => {
        if (details === '') throw new Error(`${method} is refused without a reason`)
        return BY_CODE[code] ?? code
      },
    )
  const ask = async (field: string, method: string, message: object) => {
    const answer = await call(method, message)
    return answer[field] ?? answer
  }
  return {
    target,
    live: () => call('ServerLive', {}),
    ready: () => call('ServerReady', {}),
    modelReady: (name, version) => call('ModelReady', { name, version }),
    serverMetadata: () => call('ServerMetadata', {}),
    modelMetadata: (name, version) => call('ModelMetadata', { name, version }),
    modelConfig: (name) => ask('config', 'ModelConfig', { name }),
    statistics: (name) => ask('model_stats', 'ModelStatistics', { name }),
    index: (ready) => ask('models', 'RepositoryIndex', { ready }),
    load: (model_name, verb) =>
      call(verb === 'load' ? 'RepositoryModelLoad' : 'RepositoryModelUnload', { model_name }),
    infer: ({ model = target.model, version, inputs, outputs, parameters, ...rest }) =>
      call('ModelInfer', {
        ...rest,
        ...{ model_name: model, model_version: version },
        inputs: inputs.map(({ data, ...head }) => ({ ...head, contents: contentsOf(head, data) })),
        outputs: outputs?.map((name) => ({ name })),
        parameters: Object.fromEntries(
          Object.entries(parameters ?? {}).map(([name, value]) => [name, parameterOf(value)]),
        ),
      }),
    close: () => client.close(),
  }
}

function contentsOf({ datatype }: { readonly datatype: string }, data: readonly number[] = []) {
  return { [datatype === 'FP32' ? 'fp32_contents' : 'int_contents']: data }
}

function parameterOf(value: string | number | boolean) {
  if (typeof value === 'boolean') return { bool_param: value }
  return typeof value === 'string' ? { string_param: value } : { int64_param: value }
}

/** As JSON has it: integers as numbers, elements as `data`, what is empty absent. */
function plain(value: Message): Message {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
  }
  const { contents, id, raw_output_contents: _, ...rest } = value
  const fields = Object.entries(rest).map(([key, field]) => [key, plain(field)])
  return {
    ...Object.fromEntries(fields),
    ...(id !== undefined && id !== '' && { id }),
    ...(contents && { data: contents.fp32_contents }),
  }
}

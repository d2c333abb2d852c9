/** A server under test, asked over REST. It shares no code with the server: what it sends and reads is spelt out here. */
import { Readable } from 'node:stream'
import { Agent, request } from 'undici'
import { z } from 'zod'
import type { ClientTls } from '../client-tls.ts'
import { ConfigError, messageOf, UnavailableError } from '../errors.ts'
import { type TensorMetadata, zeroBytesOf, zerosOf } from './tensors.ts'
import { BLANK, serverMetadata, shaped, whyUnknown } from './told.ts'
import { demand, Violation } from './violation.ts'

/** Longest answer that is read; far more than a classifier says. */
const ANSWER_LIMIT_BYTES = 64 * 2 ** 20

/** One answer. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: Buffer
  /** Of the part that is JSON; undefined where it is none. */
  readonly json: unknown
}

const tensorMetadata = z.object({
  name: z.string(),
  datatype: z.string(),
  shape: z.array(z.number()),
})
const modelMetadata = z.object({
  name: z.string(),
  inputs: z.array(tensorMetadata),
  outputs: z.array(tensorMetadata),
})
const inferAnswer = z.looseObject({
  model_name: z.string(),
  outputs: z.array(
    z.looseObject({ name: z.string(), datatype: z.string(), shape: z.array(z.number()) }),
  ),
})

const NOBODY = { name: '', inputs: [], outputs: [] }

/** What an inference answers. */
export type InferAnswer = z.infer<typeof inferAnswer>

/** How to reach a server. */
export interface RestOptions {
  /** Base URL, without `/v2`. */
  readonly url: string
  /** When left out, the one that the server names. */
  readonly model?: string | undefined
  /** Bearer token. */
  readonly token?: string | undefined
  /** How to connect where TLS needs more than this machine's own authorities. */
  readonly tls?: Partial<ClientTls> | undefined
  readonly timeoutMs: number
}

/** See the file. */
export class RestSurface {
  readonly model: string
  readonly inputs: readonly TensorMetadata[]
  readonly outputs: readonly TensorMetadata[]
  /** What the server says of itself; blank where it cannot be read. */
  readonly about: z.infer<typeof serverMetadata>
  /** Why nothing is known of a model; `model` is empty then, and points about one cannot be asked. */
  readonly unknown: string | undefined
  /** The newest exchanges in words: the evidence of a point. */
  readonly said: string[] = []
  private readonly options: RestOptions
  private readonly agent: Agent

  private constructor(
    options: RestOptions,
    agent: Agent,
    about: z.infer<typeof serverMetadata>,
    model: z.infer<typeof modelMetadata>,
    unknown?: string,
  ) {
    this.options = options
    this.agent = agent
    this.about = about
    this.model = model.name
    this.inputs = model.inputs
    this.outputs = model.outputs
    this.unknown = unknown
  }

  /**
   * Whatever the server answers, and if it is nothing, is for the points to judge.
   * @throws UnavailableError when nobody is reached there; ConfigError when a server lists no models and none is named
   */
  static async open(options: RestOptions): Promise<RestSurface> {
    const agent = new Agent({
      ...(options.tls && { connect: options.tls }),
      maxResponseSize: ANSWER_LIMIT_BYTES,
    })
    const asking = new RestSurface(options, agent, BLANK, NOBODY)
    try {
      const about = serverMetadata.safeParse((await asking.get('/v2')).json).data
      const model = await asking.modelOf(options.model, about !== undefined)
      return new RestSurface(options, agent, about ?? BLANK, model)
    } catch (error) {
      if (isReached(error))
        return new RestSurface(options, agent, BLANK, NOBODY, whyUnknown(asking.said, error))
      await agent.close()
      if (error instanceof ConfigError) throw error
      throw new UnavailableError(`${options.url} cannot be reached: ${messageOf(error)}`, {
        cause: error,
      })
    }
  }

  close(): Promise<void> {
    return this.agent.close()
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.exchange('GET', path, headers)
  }

  post(
    path: string,
    body: string | Buffer | AsyncIterable<Buffer>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.exchange('POST', path, { 'content-type': 'application/json', ...headers }, body)
  }

  /** Path of the model, and what is below it. */
  path(below = ''): string {
    return `/v2/models/${encodeURIComponent(this.model)}${below}`
  }

  /** A valid request of zeros. @param change fields of the request, or of the first input (`input`) */
  message(
    change: Readonly<Record<string, unknown>> = {},
    input: Readonly<Record<string, unknown>> = {},
  ): Record<string, unknown> {
    const inputs = this.inputs.map((one, index) => ({
      ...zerosOf(one),
      ...(index === 0 ? input : {}),
    }))
    return { inputs, ...change }
  }

  infer(message: object, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.post(this.path('/infer'), JSON.stringify(message), headers)
  }

  /** @throws Violation unless the answer is that of an inference */
  inferred(answer: Answer): InferAnswer {
    demand(answer.status === 200, `expected 200, got ${answer.status}`)
    return shaped(inferAnswer, answer.json)
  }

  /** A request whose tensors follow the JSON as bytes. @returns body and length of the JSON */
  binary(change: Readonly<Record<string, unknown>> = {}): { body: Buffer; jsonLength: number } {
    const data = this.inputs.map(zeroBytesOf)
    const inputs = this.inputs.map((one, index) => {
      const { data: _, ...described } = zerosOf(one)
      return { ...described, parameters: { binary_data_size: data[index]?.byteLength } }
    })
    const json = Buffer.from(JSON.stringify({ inputs, ...change }))
    return { body: Buffer.concat([json, ...data]), jsonLength: json.byteLength }
  }

  inferBinary(
    { body, jsonLength }: { readonly body: Buffer; readonly jsonLength: number | string },
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.post(this.path('/infer'), body, {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(jsonLength),
      ...headers,
    })
  }

  /** Metadata of the named model, else of the first that is listed. */
  private async modelOf(
    named: string | undefined,
    isServer: boolean,
  ): Promise<z.infer<typeof modelMetadata>> {
    const name = named ?? (await this.firstListed())
    if (name === undefined) {
      if (isServer) throw new ConfigError('the server lists no models: name one by --model')
      throw new Violation('it lists no models')
    }
    const { json } = await this.get(`/v2/models/${encodeURIComponent(name)}`)
    return { ...shaped(modelMetadata, json), name }
  }

  private async firstListed(): Promise<string | undefined> {
    const index = z.array(z.looseObject({ name: z.string() }))
    const { status, json } = await this.post('/v2/repository/index', '{}')
    const [model] = index.safeParse(json).data ?? []
    return status === 200 ? model?.name : undefined
  }

  private async exchange(
    method: 'GET' | 'POST',
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: string | Buffer | AsyncIterable<Buffer>,
  ): Promise<Answer> {
    const { url, token, timeoutMs } = this.options
    const answer = await request(url.replace(/\/$/, '') + path, {
      method,
      dispatcher: this.agent,
      signal: AbortSignal.timeout(timeoutMs),
      headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      ...(body !== undefined && { body: isWhole(body) ? body : Readable.from(body) }),
    })
    const bytes = Buffer.from(await answer.body.arrayBuffer())
    const jsonLength = Number(answer.headers['inference-header-content-length'] ?? bytes.length)
    const text = bytes.subarray(0, jsonLength).toString()
    const asked = typeof body === 'string' ? `${body.slice(0, 100)} ` : ''
    const { location } = answer.headers
    const status =
      location === undefined ? answer.statusCode : `${answer.statusCode} to ${location}`
    const said = `${asked}→ ${status} ${text.slice(0, 120)}`
    this.said.push(`${method} ${path} ${said}`.trim())
    return { status: answer.statusCode, headers: answer.headers, bytes, json: jsonOf(text) }
  }
}

/** Whether somebody took the connection, or let it wait; what goes wrong then is an answer of its own. */
function isReached(error: unknown): boolean {
  if (error instanceof ConfigError || !(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return !/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|E\w+UNREACH|ERR_TLS|CERT|UNABLE_TO|.*SELF_SIGNED|ERR_SSL)/.test(
    code,
  )
}

const isWhole = (body: string | Buffer | AsyncIterable<Buffer>) =>
  typeof body === 'string' || Buffer.isBuffer(body)

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

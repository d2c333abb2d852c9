/** A server under test, asked over REST. It shares no code with the server: what it sends and reads is spelt out here. */
import { Readable } from 'node:stream'
import { Agent, request } from 'undici'
import { z } from 'zod'
import type { ClientTls } from '../client-tls.ts'
import { messageOf, UnavailableError } from '../errors.ts'
import { type TensorMetadata, zeroBytesOf, zerosOf } from './tensors.ts'
import { demand, NotShown, Violation } from './violation.ts'

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
const serverMetadata = z.object({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()),
})
const inferAnswer = z.looseObject({
  model_name: z.string(),
  outputs: z.array(
    z.looseObject({ name: z.string(), datatype: z.string(), shape: z.array(z.number()) }),
  ),
})

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
  /** What the server says of itself. */
  readonly about: z.infer<typeof serverMetadata>
  /** The newest exchanges in words: the evidence of a point. */
  readonly said: string[] = []
  private readonly options: RestOptions
  private readonly agent: Agent

  private constructor(
    options: RestOptions,
    agent: Agent,
    about: z.infer<typeof serverMetadata>,
    model: z.infer<typeof modelMetadata>,
  ) {
    this.options = options
    this.agent = agent
    this.about = about
    this.model = model.name
    this.inputs = model.inputs
    this.outputs = model.outputs
  }

  /** @throws UnavailableError when the server does not answer as one of the protocol */
  static async open(options: RestOptions): Promise<RestSurface> {
    const agent = new Agent({
      ...(options.tls && { connect: options.tls }),
      maxResponseSize: ANSWER_LIMIT_BYTES,
    })
    const nobody = { name: '', inputs: [], outputs: [] }
    const blank = { name: '', version: '', extensions: [] }
    const asking = new RestSurface(options, agent, blank, nobody)
    try {
      const about = serverMetadata.parse((await asking.get('/v2')).json)
      const name = options.model ?? (await asking.onlyModel())
      const path = `/v2/models/${encodeURIComponent(name)}`
      const model = modelMetadata.parse((await asking.get(path)).json)
      return new RestSurface(options, agent, about, { ...model, name })
    } catch (error) {
      await agent.close()
      const what =
        error instanceof z.ZodError
          ? `${asking.said.at(-1)}\n${z.prettifyError(error)}`
          : messageOf(error)
      throw new UnavailableError(
        `${options.url} does not answer as a server of the Open Inference Protocol v2: ${what}`,
        { cause: error },
      )
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
    const parsed = inferAnswer.safeParse(answer.json)
    if (!parsed.success) throw new Violation(z.prettifyError(parsed.error))
    return parsed.data
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

  private async onlyModel(): Promise<string> {
    const index = z.array(z.looseObject({ name: z.string() }))
    const { status, json } = await this.post('/v2/repository/index', '{}')
    const [model] = index.safeParse(json).data ?? []
    if (status === 200 && model) return model.name
    throw new NotShown('it lists no models: name one by --model')
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
    const said = `${asked}→ ${answer.statusCode} ${text.slice(0, 120)}`
    this.said.push(`${method} ${path} ${said}`.trim())
    return { status: answer.statusCode, headers: answer.headers, bytes, json: jsonOf(text) }
  }
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

/** A server that is held against the protocol, and requests to it over REST. */
import { Readable } from 'node:stream'
import { request as send } from 'undici'
import { expect } from 'vitest'
import { elementCount, viewElements } from './datatypes.ts'
import type { Tensor } from './messages.ts'
import { checkOfficially } from './official-answers.conformance.ts'
import { DocumentedAnswers } from './openapi.conformance.ts'

export interface ProtocolTarget {
  readonly url: string
  /** `host:port` of the same by gRPC. */
  readonly grpcAddress: string
  readonly model: string
  /** A valid value of the model's only input, FP32. */
  readonly input: Tensor
  /** The model's outputs, in its order. */
  readonly outputs: readonly string[]
  /** Bodies over it are refused; leave out to skip that point. */
  readonly bodyLimitBytes?: number
  close(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly bytes: Buffer
  // biome-ignore lint/suspicious/noExplicitAny: answers are judged, so nothing may be presumed of their form
  readonly json: any
}

type Fields = Readonly<Record<string, unknown>>

export async function get(target: ProtocolTarget, path: string): Promise<Answer> {
  return read(target, 'GET', path, await send(target.url + path))
}

export async function infer(
  target: ProtocolTarget,
  body: string | Buffer | AsyncIterable<Buffer>,
  headers: Record<string, string> = {},
  path = `/v2/models/${target.model}/infer`,
): Promise<Answer> {
  const json = { 'content-type': 'application/json' }
  const sent = typeof body === 'string' || Buffer.isBuffer(body) ? body : Readable.from(body)
  const options = { method: 'POST' as const, headers: { ...json, ...headers }, body: sent }
  return read(target, 'POST', path, await send(target.url + path, options))
}

export function inferBinary(target: ProtocolTarget, fields: Fields): Promise<Answer> {
  const { body, jsonLength } = binaryRequest(target, fields)
  return infer(target, body, { 'inference-header-content-length': String(jsonLength) })
}

const documents = new Map<string, Promise<DocumentedAnswers>>()

async function read(
  { url }: ProtocolTarget,
  method: string,
  path: string,
  { statusCode, headers, body }: Awaited<ReturnType<typeof send>>,
): Promise<Answer> {
  const bytes = Buffer.from(await body.arrayBuffer())
  const told = headers['inference-header-content-length']
  const jsonLength = Number(told ?? bytes.length)
  const json = JSON.parse(bytes.subarray(0, jsonLength).toString())
  const document = documents.get(url) ?? DocumentedAnswers.of(url)
  documents.set(url, document)
  const documented = await document
  documented.check({ method, path, status: statusCode, json })
  checkOfficially({ method, path, status: statusCode, json, isBinary: told !== undefined })
  return { status: statusCode, headers, bytes, json }
}

export function jsonRequest(target: ProtocolTarget, fields: Fields = {}): string {
  return withInput(target, {}, fields)
}

export function withInput({ input }: ProtocolTarget, change: Fields, fields: Fields = {}): string {
  const { name, datatype, shape } = input
  return JSON.stringify({
    ...fields,
    inputs: [{ name, datatype, shape, data: values(input), ...change }],
  })
}

/** Unpadded on purpose: the server must cope with data that begins anywhere. */
export function binaryRequest({ input }: ProtocolTarget, fields: Fields = {}, size?: unknown) {
  const { name, datatype, shape, data } = input
  const parameters = { binary_data_size: size ?? data.byteLength }
  const json = JSON.stringify({ ...fields, inputs: [{ name, datatype, shape, parameters }] })
  const head = Buffer.from(json.length % 2 === 0 ? `${json} ` : json)
  return { body: Buffer.concat([head, data]), jsonLength: head.length }
}

export function binaryOutputs({ headers, bytes, json }: Answer): Map<string, Buffer> {
  let offset = Number(headers['inference-header-content-length'])
  const data = new Map<string, Buffer>()
  for (const { name, shape, parameters } of json.outputs) {
    const size = parameters.binary_data_size
    expect(size).toBe(4 * elementCount(shape))
    data.set(name, bytes.subarray(offset, offset + size))
    offset += size
  }
  expect(offset).toBe(bytes.length)
  return data
}

export function expectError({ status, json }: Answer, expected: number): void {
  expect({ status, json }).toEqual({
    status: expected,
    json: { error: expect.stringMatching(/./) },
  })
}

export function outputNames({ json }: Pick<Answer, 'json'>): string[] {
  return json.outputs.map((output: { name: string }) => output.name)
}

export function values(tensor: Tensor): number[] {
  return Array.from(viewElements(tensor), Number)
}

export function nest(flat: readonly unknown[], shape: readonly number[]): unknown {
  const [size = 0, ...rest] = shape
  if (rest.length === 0) return flat
  const stride = flat.length / size
  return Array.from({ length: size }, (_, row) =>
    nest(flat.slice(row * stride, (row + 1) * stride), rest),
  )
}

export async function* chunked(body: Buffer): AsyncGenerator<Buffer> {
  const middle = body.length >> 1
  yield body.subarray(0, middle)
  yield body.subarray(middle)
}

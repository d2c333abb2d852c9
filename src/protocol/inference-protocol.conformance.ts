/**
 * Conformance to the Open Inference Protocol v2 over REST with the binary tensor extension, and over gRPC: numbered points that
 * any server of any model with one FP32 input must meet. What both surfaces have in common is asked of both.
 */
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib'
import { request as send } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesOf } from './datatypes.ts'
import { describeGrpc, describeGrpcServices } from './grpc/grpc.conformance.ts'
import {
  binaryOutputs,
  binaryRequest,
  chunked,
  expectError,
  get,
  infer,
  inferBinary,
  jsonRequest,
  nest,
  outputNames,
  type ProtocolTarget,
  values,
  withInput,
} from './protocol-target.fixture.ts'
import { describeSurface } from './surface.conformance.ts'
import { grpcSurface, restSurface } from './surfaces.fixture.ts'

/** @param start gives a running server and what to ask of it */
export function describeInferenceProtocol(
  name: string,
  start: () => Promise<ProtocolTarget>,
): void {
  describe(`Open Inference Protocol v2: ${name}`, () => {
    let target: ProtocolTarget
    beforeAll(async () => {
      target = await start()
    }, 120_000)
    afterAll(() => target?.close())
    describe('over REST', () => {
      describeSurface(() => restSurface(target))
      describeServer(() => target)
      describeExtensions(() => target)
      describeInference(() => target)
      describeBadRequests(() => target)
      describeBinary(() => target)
    })
    describe('over gRPC', () => {
      describeSurface(() => grpcSurface(target))
      describeGrpc(() => target)
      describeGrpcServices(() => target)
    })
  })
}

function describeServer(target: () => ProtocolTarget): void {
  it('1 answers live, ready and model ready with 200 and JSON', async () => {
    expect((await get(target(), '/v2/health/live')).json).toMatchObject({ live: true })
    expect((await get(target(), '/v2/health/ready')).json).toMatchObject({
      live: true,
      ready: true,
    })
    const { model } = target()
    const answer = await get(target(), `/v2/models/${model}/ready`)
    expect(answer).toMatchObject({ status: 200, json: { name: model, ready: true } })
  })

  it('3, 4 answers /v2 and /v2/ with name, version and an array of extensions', async () => {
    for (const path of ['/v2', '/v2/']) {
      const { status, json } = await get(target(), path)
      expect(status).toBe(200)
      expect(json).toEqual({
        name: expect.any(String),
        version: expect.any(String),
        extensions: expect.any(Array),
      })
    }
  })

  it('4 describes the model: name, platform, inputs and outputs', async () => {
    const { model, input, outputs } = target()
    const { json } = await get(target(), `/v2/models/${model}`)
    expect(json).toMatchObject({ name: model, platform: expect.stringMatching(/^\w+_\w+$/) })
    expect(json.inputs).toMatchObject([{ name: input.name, datatype: 'FP32' }])
    expect(json.outputs.map((output: { name: string }) => output.name)).toEqual(outputs)
  })

  it('5 answers 404 for a version that does not exist', async () => {
    const path = `/v2/models/${target().model}/versions/none`
    for (const answer of [
      await get(target(), path),
      await get(target(), `${path}/ready`),
      await infer(target(), jsonRequest(target()), {}, `${path}/infer`),
    ]) {
      expectError(answer, 404)
    }
  })

  it('17 answers 404 for an unknown model or route, 405 for a wrong verb', async () => {
    expectError(await get(target(), '/v2/models/no-such-model'), 404)
    expectError(await get(target(), '/v2/models/__proto__/ready'), 404)
    expectError(await infer(target(), jsonRequest(target()), {}, '/v2/models/none/infer'), 404)
    expectError(await get(target(), '/v2/no-such-route'), 404)
    expectError(await get(target(), `/v2/models/${target().model}/infer`), 405)
    expectError(await infer(target(), '{}', {}, '/v2/health/live'), 405)
  })

  it('18 decodes names in the URL, and keeps their case', async () => {
    const { model } = target()
    const escaped = Buffer.from(model)
      .toString('hex')
      .replace(/../g, (byte) => `%${byte}`)
    expect((await get(target(), `/v2/models/${escaped}`)).json.name).toBe(model)
    expectError(await get(target(), `/v2/models/${model.toUpperCase()}`), 404)
    expectError(await get(target(), '/v2/models/%E0%A4%A'), 400)
  })
}

function describeExtensions(target: () => ProtocolTarget): void {
  it('tells of models by configuration, statistics and index', async () => {
    const { input, model, outputs } = target()
    const { json: config } = await get(target(), `/v2/models/${model}/config`)
    expect(config).toMatchObject({ name: model, max_batch_size: 0 })
    expect(config.input).toMatchObject([{ name: input.name, data_type: 'TYPE_FP32' }])
    expect(outputNames({ json: { outputs: config.output } })).toEqual(outputs)
    const { json: stats } = await get(target(), `/v2/models/${model}/stats`)
    expect(stats.model_stats).toMatchObject([{ name: model, batch_stats: [] }])
    expect((await get(target(), '/v2/models/stats')).json.model_stats).toEqual(expect.any(Array))
    const index = await infer(target(), '{"ready":true}', {}, '/v2/repository/index')
    expect(index.json).toContainEqual(expect.objectContaining({ name: model, state: 'READY' }))
    expect((await infer(target(), '', {}, '/v2/repository/index')).json).toEqual(index.json)
    for (const end of ['config', 'stats'])
      expectError(await get(target(), `/v2/models/none/${end}`), 404)
  })

  it('refuses to load and unload, and says why', async () => {
    for (const verb of ['load', 'unload']) {
      const path = (model: string) => `/v2/repository/models/${model}/${verb}`
      expectError(await infer(target(), '{}', {}, path(target().model)), 400)
      expectError(await infer(target(), '{}', {}, path('none')), 404)
    }
  })
}

function describeInference(target: () => ProtocolTarget): void {
  it('6 echoes the id verbatim, and only when given', async () => {
    const id = ' x"é/1 '
    expect((await infer(target(), jsonRequest(target(), { id }))).json.id).toBe(id)
    expect((await infer(target(), jsonRequest(target()))).json).not.toHaveProperty('id')
  })

  it('8 gives all outputs when none is named, else those named in the order named', async () => {
    const all = await infer(target(), jsonRequest(target()))
    expect(outputNames(all)).toEqual(target().outputs)
    const reversed = target().outputs.toReversed()
    const outputs = reversed.map((name) => ({ name }))
    expect(outputNames(await infer(target(), jsonRequest(target(), { outputs })))).toEqual(reversed)
    const unknown = jsonRequest(target(), { outputs: [{ name: 'no such output' }] })
    expectError(await infer(target(), unknown), 400)
  })

  it('12 takes nested and flat data alike', async () => {
    const nested = nest(values(target().input), target().input.shape)
    const flat = await infer(target(), jsonRequest(target()))
    const deep = await infer(target(), withInput(target(), { data: nested }))
    expect(flat.status).toBe(200)
    expect(deep.json.outputs).toEqual(flat.json.outputs)
  })

  it('19 takes gzip and deflate bodies', async () => {
    const plain = await infer(target(), jsonRequest(target()))
    for (const [encoding, compress] of [
      ['gzip', gzipSync],
      ['deflate', deflateSync],
    ] as const) {
      const body = compress(jsonRequest(target()))
      const answer = await infer(target(), body, { 'content-encoding': encoding })
      expect(answer.json.outputs).toEqual(plain.json.outputs)
    }
    expectError(await infer(target(), 'not gzip', { 'content-encoding': 'gzip' }), 400)
    expectError(await infer(target(), '{}', { 'content-encoding': 'br' }), 415)
  })

  it('19 answers compressed where asked, codings in any case', async () => {
    const plain = await infer(target(), jsonRequest(target()))
    const body = gzipSync(jsonRequest(target()))
    const upper = await infer(target(), body, { 'content-encoding': 'GZIP' })
    expect(upper.json.outputs).toEqual(plain.json.outputs)
    const path = '/v2/openapi.json'
    for (const [asked, given, expand] of [
      ['GZip', 'gzip', gunzipSync],
      ['deflate', 'deflate', inflateSync],
    ] as const) {
      const answer = await send(target().url + path, { headers: { 'accept-encoding': asked } })
      expect(answer.headers).toMatchObject({ 'content-encoding': given, vary: 'accept-encoding' })
      const bytes = expand(Buffer.from(await answer.body.arrayBuffer()))
      expect(JSON.parse(bytes.toString()).openapi).toBe('3.1.0')
    }
  })

  it('takes null for what is absent', async () => {
    const nothing = { id: null, parameters: null, outputs: null }
    const answer = await infer(target(), withInput(target(), { parameters: null }, nothing))
    expect(answer.json.outputs).toEqual((await infer(target(), jsonRequest(target()))).json.outputs)
  })

  it('20 takes any parameters and leaks no reserved one', async () => {
    const parameters = { note: 'x', level: 1, flag: true, binary_data_output: false }
    const answer = await infer(target(), jsonRequest(target(), { parameters }))
    expect(answer.status).toBe(200)
    expect(answer.json.parameters ?? {}).not.toHaveProperty('binary_data_output')
  })
}

function describeBadRequests(target: () => ProtocolTarget): void {
  it('9 answers 400 for missing, extra and repeated inputs, wrong datatype and shape', async () => {
    const valid = JSON.parse(jsonRequest(target()))
    const [input] = valid.inputs
    const extra = { ...input, name: 'no such input' }
    for (const inputs of [
      [],
      [extra],
      [input, extra],
      [input, input],
      [{ ...input, shape: [1] }],
    ]) {
      expectError(await infer(target(), JSON.stringify({ inputs })), 400)
    }
    const data = values(target().input).map(() => 0)
    expectError(await infer(target(), withInput(target(), { datatype: 'INT32', data })), 400)
    expectError(await infer(target(), withInput(target(), { datatype: 'FP31' })), 400)
  })

  it('10 answers 400 when the elements do not fill the shape', async () => {
    const data = values(target().input)
    for (const wrong of [data.slice(1), [...data, 0], [], undefined, 'text', null]) {
      expectError(await infer(target(), withInput(target(), { data: wrong })), 400)
    }
  })

  it('11 answers 400 for negative, fractional and overflowing shapes', async () => {
    const shapes = [
      [-1],
      [1.5],
      [2 ** 60, 2 ** 60],
      [2 ** 40, 2 ** 40, 0],
      ['1'],
      3,
      Array(99).fill(1),
    ]
    for (const shape of shapes) {
      expectError(await infer(target(), withInput(target(), { shape })), 400)
    }
  })

  it('12, 14 answers 400 for mixed depth and for elements that are not finite numbers', async () => {
    const data: unknown[] = values(target().input)
    for (const element of [[1], null, 'NaN', true, {}]) {
      expectError(await infer(target(), withInput(target(), { data: data.with(-1, element) })), 400)
    }
    const overflowing = withInput(target(), { data: data.with(-1, 'X') }).replace('"X"', '1e39')
    expectError(await infer(target(), overflowing), 400)
  })

  it('17 answers 400 for malformed JSON and messages of another form', async () => {
    for (const body of ['', '{', 'NaN', 'null', '[]', '{"inputs":{}}', '{"inputs":[null]}']) {
      expectError(await infer(target(), body), 400)
    }
    expectError(await infer(target(), jsonRequest(target(), { id: 7 })), 400)
    expectError(await infer(target(), jsonRequest(target(), { parameters: { a: [] } })), 400)
  })

  it('17 answers 413 for a body over the limit, sized, chunked or compressed', async () => {
    const { bodyLimitBytes } = target()
    if (bodyLimitBytes === undefined) return
    const body = Buffer.alloc(bodyLimitBytes + 1, ' ')
    expectError(await infer(target(), body), 413)
    expectError(await infer(target(), chunked(body)), 413)
    expectError(await infer(target(), gzipSync(body), { 'content-encoding': 'gzip' }), 413)
    expect((await infer(target(), jsonRequest(target()))).status).toBe(200)
  })
}

function describeBinary(target: () => ProtocolTarget): void {
  it('21, 22, 24 takes binary inputs and answers binary when asked, bit for bit the JSON answer', async () => {
    const asJson = await infer(target(), jsonRequest(target()))
    const asBinary = await inferBinary(target(), { parameters: { binary_data_output: true } })
    expect(asBinary.headers['content-type']).toMatch(/^application\/octet-stream/)
    const data = binaryOutputs(asBinary)
    expect([...data.keys()]).toEqual(target().outputs)
    for (const output of asJson.json.outputs) {
      expect(data.get(output.name)).toEqual(Buffer.from(bytesOf(Float32Array.from(output.data))))
    }
  })

  it('23 lets an output choose binary or JSON for itself', async () => {
    const [name] = target().outputs
    const ask = (binary_data: boolean, binary_data_output: boolean) =>
      inferBinary(target(), {
        parameters: { binary_data_output },
        outputs: [{ name, parameters: { binary_data } }],
      })
    expect((await ask(false, true)).json.outputs).toMatchObject([{ name, data: expect.any(Array) }])
    expect([...binaryOutputs(await ask(true, false)).keys()]).toEqual([name])
    const wrong = jsonRequest(target(), { parameters: { binary_data_output: 'yes' } })
    expectError(await infer(target(), wrong), 400)
  })

  it('21, 22 answers 400 for truncated, surplus or misdescribed binary data', async () => {
    const { body, jsonLength } = binaryRequest(target())
    const frame = (length: unknown) => ({ 'inference-header-content-length': String(length) })
    for (const cut of [1, 4, target().input.data.byteLength]) {
      expectError(await infer(target(), body.subarray(0, -cut), frame(jsonLength)), 400)
    }
    expectError(await infer(target(), Buffer.concat([body, Buffer.of(0)]), frame(jsonLength)), 400)
    for (const length of [-1, 1.5, 'x', '', body.length + 1, jsonLength - 1, 1e15]) {
      expectError(await infer(target(), body, frame(length)), 400)
    }
    expectError(await infer(target(), body.subarray(0, jsonLength)), 400)
    for (const size of [-4, 0, 1.5, '4', 2 ** 53]) {
      const described = binaryRequest(target(), {}, size)
      expectError(await infer(target(), described.body, frame(described.jsonLength)), 400)
    }
  })

  it('25 takes a raw request of the one input and answers binary', async () => {
    const raw = { 'inference-header-content-length': '0' }
    const { data } = target().input
    const answer = await infer(target(), Buffer.from(data), raw)
    const expected = await inferBinary(target(), { parameters: { binary_data_output: true } })
    expect(binaryOutputs(answer)).toEqual(binaryOutputs(expected))
    expectError(await infer(target(), Buffer.from(data.subarray(1)), raw), 400)
  })

  it('27 takes chunked bodies', async () => {
    const { body, jsonLength } = binaryRequest(target())
    const headers = { 'inference-header-content-length': String(jsonLength) }
    const whole = await infer(target(), body, headers)
    expect(whole.status).toBe(200)
    expect((await infer(target(), chunked(body), headers)).json).toEqual(whole.json)
  })
}

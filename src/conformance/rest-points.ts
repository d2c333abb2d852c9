/** The points of REST without binary tensors. */
import { deflateSync, gunzipSync, gzipSync } from 'node:zlib'
import { z } from 'zod'
import type { RestPoint } from './point.ts'
import type { Answer, RestSurface } from './rest-surface.ts'
import { nested } from './tensors.ts'
import { serverMetadata, shaped } from './told.ts'
import { demand, NotShown, Violation } from './violation.ts'

const answeredModel = z.object({ model_name: z.string() })
const errorBody = z.object({ error: z.string().min(1) })

/** @throws Violation unless the answer has one of the statuses, and says why in `error` */
function demandError(answer: Answer, ...statuses: readonly number[]): void {
  demand(
    statuses.includes(answer.status),
    `expected ${statuses.join(' or ')}, got ${answer.status}`,
  )
  demand(errorBody.safeParse(answer.json).success, 'expected a body {"error": "…"}')
}

/** The first input's data; points about shapes need elements. */
function someData(server: RestSurface): readonly unknown[] {
  const [input] = z.object({ inputs: z.array(z.any()) }).parse(server.message()).inputs
  if (!Array.isArray(input?.data) || input.data.length === 0) {
    throw new NotShown('the model has no input with elements')
  }
  return input.data
}

/** What a server says of itself and its models. */
export const METADATA_POINTS: readonly RestPoint[] = [
  {
    number: 1,
    what: 'live, ready and model ready answer 200',
    needsNoModel: true,
    async check(server) {
      const ofModel = server.model === '' ? [] : [server.path('/ready')]
      for (const path of ['/v2/health/live', '/v2/health/ready', ...ofModel]) {
        demand((await server.get(path)).status === 200, `${path} is not 200`)
      }
    },
  },
  {
    number: 2,
    what: 'a model that is not there is not ready',
    needsNoModel: true,
    async check(server) {
      const { status } = await server.get('/v2/models/no-such-model/ready')
      demand(status >= 400, `expected 4xx or 5xx, got ${status}`)
    },
  },
  {
    number: 3,
    what: '/v2 and /v2/ are the same',
    needsNoModel: true,
    async check(server) {
      const [one, other] = [await server.get('/v2'), await server.get('/v2/')]
      demand(
        one.status === 200 && JSON.stringify(one.json) === JSON.stringify(other.json),
        'they differ',
      )
    },
  },
  {
    number: 4,
    what: 'metadata has name, version, extensions; a model’s has name, platform, inputs, outputs',
    needsNoModel: true,
    async check(server) {
      const tensor = z.object({
        name: z.string(),
        datatype: z.string(),
        shape: z.array(z.int().min(-1)),
      })
      const model = z.object({
        name: z.literal(server.model),
        platform: z.string(),
        versions: z.array(z.string()).optional(),
        inputs: z.array(tensor),
        outputs: z.array(tensor),
      })
      shaped(serverMetadata, (await server.get('/v2')).json)
      if (server.unknown !== undefined) throw new Violation(server.unknown)
      shaped(model, (await server.get(server.path())).json)
    },
  },
  {
    number: 5,
    what: 'a version that does not exist is 404',
    async check(server) {
      demandError(await server.get(server.path('/versions/no-such-version')), 404, 400)
      const message = JSON.stringify(server.message())
      demandError(
        await server.post(server.path('/versions/no-such-version/infer'), message),
        404,
        400,
      )
    },
  },
  {
    number: 17,
    what: 'unknown models are 404, wrong verbs 405',
    async check(server) {
      demandError(await server.get('/v2/models/no-such-model'), 404, 400)
      demandError(
        await server.post('/v2/models/no-such-model/infer', JSON.stringify(server.message())),
        404,
        400,
      )
      const { status } = await server.get(server.path('/infer'))
      demand(status === 405 || status === 404, `GET …/infer: expected 405, got ${status}`)
    },
  },
  {
    number: 18,
    what: 'names in addresses are decoded, and their case counts',
    async check(server) {
      const escaped = Buffer.from(server.model).toString('hex').replace(/../g, '%$&')
      demand((await server.get(`/v2/models/${escaped}`)).status === 200, 'not decoded')
      const other = server.model.toUpperCase()
      if (other === server.model) throw new NotShown('the model’s name has no small letters')
      demand((await server.get(`/v2/models/${other}`)).status !== 200, 'case does not count')
    },
  },
]

/** Requests that are right. */
export const INFERENCE_POINTS: readonly RestPoint[] = [
  {
    number: 6,
    what: 'an id comes back verbatim, and only when given',
    async check(server) {
      const id = ' x"é/1 '
      const given = server.inferred(await server.infer(server.message({ id })))
      demand(given['id'] === id, `id came back as ${JSON.stringify(given['id'])}`)
      const none = server.inferred(await server.infer(server.message()))
      demand(
        !('id' in none) || none['id'] === '',
        `no id was given, ${JSON.stringify(none['id'])} came`,
      )
    },
  },
  {
    number: 7,
    what: 'model_version is a text, or left out',
    async check(server) {
      const { model_version } = server.inferred(await server.infer(server.message()))
      demand(
        model_version === undefined || typeof model_version === 'string',
        `it is ${JSON.stringify(model_version)}`,
      )
    },
  },
  {
    number: 8,
    what: 'outputs that are named come, in the order named; an unknown one is 400',
    async check(server) {
      const names = server.outputs.map(({ name }) => name).reverse()
      const outputs = names.map((name) => ({ name }))
      const answer = server.inferred(await server.infer(server.message({ outputs })))
      demand(
        answer.outputs.map(({ name }) => name).join() === names.join(),
        'other outputs, or another order',
      )
      const unknown = server.message({ outputs: [{ name: 'no-such-output' }] })
      demandError(await server.infer(unknown), 400, 404)
    },
  },
  {
    number: 12,
    what: 'nested and flat data are taken alike, mixed depth is 400',
    async check(server) {
      const data = someData(server)
      const { shape } = z
        .object({ shape: z.array(z.number()) })
        .parse((server.message() as { inputs: unknown[] }).inputs[0])
      server.inferred(await server.infer(server.message({}, { data: nested(data, shape) })))
      if (data.length < 2) throw new NotShown('the first input has one element')
      demandError(
        await server.infer(server.message({}, { data: [[data[0]], ...data.slice(1)] })),
        400,
      )
    },
  },
  {
    number: 19,
    what: 'gzip and deflate bodies are taken; an answer is compressed when asked',
    async check(server) {
      const message = JSON.stringify(server.message())
      for (const [coding, compress] of [
        ['gzip', gzipSync],
        ['deflate', deflateSync],
      ] as const) {
        const body = compress(message)
        server.inferred(
          await server.post(server.path('/infer'), body, { 'content-encoding': coding }),
        )
      }
      // An id makes the answer long enough to gain by it, where the server takes one so long.
      const long = JSON.stringify(server.message({ id: 'x'.repeat(4000) }))
      const asked = await server.post(server.path('/infer'), long, { 'accept-encoding': 'GZIP' })
      const coding = asked.headers['content-encoding']
      if (coding === undefined) throw new NotShown('bodies are taken; answers are not compressed')
      demand(coding === 'gzip', `answered in ${String(coding)}`)
      const { error } = answeredModel.safeParse(JSON.parse(gunzipSync(asked.bytes).toString()))
      demand(error === undefined, 'what is in it is no answer')
    },
  },
  {
    number: 20,
    what: 'parameters that a server does not know do no harm, and reserved ones do not come back',
    async check(server) {
      const parameters = { note: 'x', level: 1, flag: true, binary_data_output: false }
      const answer = server.inferred(await server.infer(server.message({ parameters })))
      const back = JSON.stringify(answer['parameters'] ?? {})
      demand(!back.includes('binary_data_output'), `parameters came back: ${back}`)
    },
  },
]

/** Requests that are wrong. */
export const REFUSAL_POINTS: readonly RestPoint[] = [
  {
    number: 9,
    what: 'missing, extra and unknown inputs, a wrong datatype or shape are 400',
    async check(server) {
      const extra = { name: 'no-such-input', datatype: 'FP32', shape: [1], data: [0] }
      demandError(await server.infer({ inputs: [] }), 400)
      demandError(await server.infer({ inputs: [extra] }), 400)
      const { inputs } = z.object({ inputs: z.array(z.unknown()) }).parse(server.message())
      demandError(await server.infer({ inputs: [...inputs, extra] }), 400)
      demandError(await server.infer(server.message({}, { datatype: 'FP31' })), 400)
      demandError(await server.infer(server.message({}, { shape: [1, 2, 3, 4, 5, 6, 7] })), 400)
    },
  },
  {
    number: 10,
    what: 'elements that do not fill the shape are 400',
    async check(server) {
      const data = someData(server)
      for (const wrong of [data.slice(1), [...data, data[0]], 'text', undefined]) {
        demandError(await server.infer(server.message({}, { data: wrong })), 400)
      }
    },
  },
  {
    number: 11,
    what: 'negative and overflowing shapes are refused, not tried',
    async check(server) {
      for (const shape of [[-1], [2 ** 60, 2 ** 60], [2 ** 40, 2 ** 40, 0]]) {
        const { status } = await server.infer(server.message({}, { shape }))
        demand(status >= 400 && status < 500, `shape ${shape}: expected 4xx, got ${status}`)
      }
    },
  },
  {
    number: 13,
    what: 'whole numbers beyond 2^53 are exact or refused',
    async check(server) {
      const index = server.inputs.findIndex(({ datatype }) => /INT64/.test(datatype))
      if (index !== 0) throw new NotShown('the first input is not of 64-bit integers')
      const data = someData(server).with(0, 'BIG')
      const message = JSON.stringify(server.message({}, { data })).replace(
        '"BIG"',
        '9007199254740993',
      )
      const { status } = await server.post(server.path('/infer'), message)
      demand(status === 200 || status === 400, `expected 200 or 400, got ${status}`)
    },
  },
  {
    number: 14,
    what: 'what JSON cannot say as a number is 400',
    async check(server) {
      const data = someData(server)
      for (const element of [null, {}, 'NaN']) {
        if (server.inputs[0]?.datatype === 'BYTES') throw new NotShown('the first input is BYTES')
        demandError(await server.infer(server.message({}, { data: data.with(0, element) })), 400)
      }
    },
  },
  {
    number: 17,
    what: 'malformed JSON, and JSON that is no request, are 400',
    async check(server) {
      for (const body of ['{', 'NaN', '[]', '{"inputs":{}}', '{"inputs":[null]}']) {
        demandError(await server.post(server.path('/infer'), body), 400)
      }
    },
  },
]

/** The points of the binary tensor data extension. */
import { z } from 'zod'
import type { RestPoint } from './point.ts'
import type { Answer, RestSurface } from './rest-surface.ts'
import { type TensorMetadata, zeroBytesOf } from './tensors.ts'
import { demand, NotShown } from './violation.ts'

const extension = 'binary_tensor_data'

const sized = z.object({
  outputs: z.array(
    z.object({
      name: z.string(),
      data: z.array(z.unknown()).optional(),
      parameters: z.object({ binary_data_size: z.int().min(0).optional() }).optional(),
    }),
  ),
})

/** Bytes of binary outputs, by what their sizes say. @throws Violation where they are not what follows the JSON */
function binaryBytes(answer: Answer): number {
  const { data } = sized.safeParse(answer.json)
  demand(answer.status === 200 && data !== undefined, `expected outputs, got ${answer.status}`)
  const jsonLength = Number(answer.headers['inference-header-content-length'] ?? Number.NaN)
  demand(Number.isInteger(jsonLength), 'no header Inference-Header-Content-Length')
  const bytes = data.outputs.reduce(
    (sum, { parameters }) => sum + (parameters?.binary_data_size ?? 0),
    0,
  )
  const rest = answer.bytes.byteLength - jsonLength
  demand(rest === bytes, `binary_data_size says ${bytes} bytes, ${rest} came`)
  return bytes
}

function refused(answer: Answer): void {
  demand(answer.status === 400, `expected 400, got ${answer.status}`)
}

async function* inPieces(body: Buffer): AsyncGenerator<Buffer> {
  yield body.subarray(0, 7)
  yield body.subarray(7)
}

/** The first input or output of one of the datatypes. @throws NotShown where the model has none */
function firstOf(tensors: readonly TensorMetadata[], datatypes: readonly string[], which: string) {
  const index = tensors.findIndex(({ datatype }) => datatypes.includes(datatype))
  const tensor = tensors[index]
  if (tensor) return { index, tensor }
  throw new NotShown(`the model has no ${which} of ${datatypes.join(' or ')}`)
}

/** In the order of their numbers. */
export const BINARY_POINTS: readonly RestPoint[] = [
  {
    number: 15,
    what: 'FP16 and BF16 are taken as bytes; as JSON they are taken or 400',
    extension,
    async check(server) {
      firstOf(server.inputs, ['FP16', 'BF16'], 'input')
      server.inferred(await server.inferBinary(server.binary()))
      const { status } = await server.infer(server.message())
      demand(status === 200 || status === 400, `as JSON: expected 200 or 400, got ${status}`)
    },
  },
  {
    number: 16,
    what: 'BYTES have their lengths before them; one that is too long is 400',
    extension,
    async check(server) {
      const { index, tensor } = firstOf(server.inputs, ['BYTES'], 'input')
      server.inferred(await server.infer(server.message()))
      const { body, jsonLength } = server.binary()
      server.inferred(await server.inferBinary({ body, jsonLength }))
      const before = server.inputs.slice(0, index).map(zeroBytesOf)
      const at = before.reduce((sum, { byteLength }) => sum + byteLength, jsonLength)
      if (zeroBytesOf(tensor).byteLength === 0) throw new NotShown('the input has no elements')
      const wrong = Buffer.from(body)
      wrong.writeUInt32LE(2 ** 31, at)
      refused(await server.inferBinary({ body: wrong, jsonLength }))
    },
  },
  {
    number: 16,
    what: 'BYTES are answered as texts in JSON, and with their lengths before them as bytes',
    extension: 'classification',
    async check(server) {
      const floats = ['FP32', 'FP64']
      const { tensor } = firstOf(server.outputs, floats, 'output')
      const outputs = [{ name: tensor.name, parameters: { classification: 1 } }]
      const { data } = sized.safeParse((await server.infer(server.message({ outputs }))).json)
      const [text] = data?.outputs[0]?.data ?? []
      demand(typeof text === 'string' && /^.+:\d+/.test(text), 'no text value:index came')
      const parameters = { binary_data_output: true }
      const answer = await server.infer(server.message({ outputs, parameters }))
      const bytes = binaryBytes(answer)
      const length = answer.bytes.readUInt32LE(answer.bytes.byteLength - bytes)
      demand(length > 0 && length + 4 <= bytes, `a text of ${length} in ${bytes} bytes`)
    },
  },
  {
    number: 21,
    what: 'inputs may follow the JSON as bytes',
    extension,
    check: async (server) => void server.inferred(await server.inferBinary(server.binary())),
  },
  {
    number: 22,
    what: 'bytes that are too few, too many or misdescribed are 400',
    extension,
    async check(server) {
      const { body, jsonLength } = server.binary()
      refused(await server.inferBinary({ body: body.subarray(0, -1), jsonLength }))
      refused(await server.inferBinary({ body: Buffer.concat([body, Buffer.of(0)]), jsonLength }))
      for (const wrong of [-1, 'x', body.byteLength + 1]) {
        refused(await server.inferBinary({ body, jsonLength: wrong }))
      }
    },
  },
  {
    number: 23,
    what: 'an output’s binary_data goes before the request’s binary_data_output',
    extension,
    async check(server) {
      const name = server.outputs[0]?.name
      const ask = (binary_data: boolean) =>
        server.inferBinary(
          server.binary({
            parameters: { binary_data_output: !binary_data },
            outputs: [{ name, parameters: { binary_data } }],
          }),
        )
      demand(binaryBytes(await ask(true)) > 0, 'the output did not come as bytes')
      const { outputs } = sized.parse((await ask(false)).json)
      demand(outputs[0]?.data !== undefined, 'the output did not come as JSON')
    },
  },
  {
    number: 24,
    what: 'binary answers say so: application/octet-stream, and the length of the JSON',
    extension,
    async check(server) {
      const message = server.message({ parameters: { binary_data_output: true } })
      const answer = await server.infer(message)
      demand(binaryBytes(answer) > 0, 'no bytes came')
      const type = String(answer.headers['content-type'])
      demand(type.startsWith('application/octet-stream'), `Content-Type is ${type}`)
    },
  },
  {
    number: 25,
    what: 'a body of the one input’s bytes alone is taken (header length 0)',
    extension,
    async check(server) {
      const [input, ...others] = server.inputs
      if (!input || others.length > 0) throw new NotShown('the model has several inputs')
      const { body, jsonLength } = server.binary()
      const data = body.subarray(jsonLength)
      const answer = await server.inferBinary({ body: data, jsonLength: 0 })
      // The bytes alone tell one size, not two.
      if (input.shape.filter((size) => size < 0).length > 1) return refused(answer)
      server.inferred(answer)
      // Where each byte is a row, one fewer is a row fewer.
      if (input.shape.some((size) => size < 0) && data.byteLength === 1) return
      refused(await server.inferBinary({ body: data.subarray(1), jsonLength: 0 }))
    },
  },
  {
    number: 26,
    what: 'a BOOL is one byte',
    extension,
    async check(server) {
      if (server.inputs.every(({ datatype }) => datatype !== 'BOOL')) {
        throw new NotShown('the model has no BOOL input')
      }
      server.inferred(await server.inferBinary(server.binary()))
    },
  },
  {
    number: 27,
    what: 'chunked bodies are taken',
    extension,
    async check(server: RestSurface) {
      const { body, jsonLength } = server.binary()
      const answer = await server.post(server.path('/infer'), inPieces(body), {
        'inference-header-content-length': String(jsonLength),
      })
      server.inferred(answer)
    },
  },
]

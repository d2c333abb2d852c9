/** The points of the binary tensor data extension. */
import { z } from 'zod'
import type { RestPoint } from './point.ts'
import type { Answer, RestSurface } from './rest-surface.ts'
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

/** In the order of their numbers. */
export const BINARY_POINTS: readonly RestPoint[] = [
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
      server.inferred(answer)
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

// The least that serves a model over HTTP, which a node is compared with: Fastify and ONNX Runtime, on one thread.
import Fastify from 'fastify'
import { InferenceSession, Tensor } from 'onnxruntime-node'

const [, , port, file] = process.argv
const session = await InferenceSession.create(file, {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  // As a node has it: INT8 is exact on every processor.
  extra: { session: { x64quantprecision: '1' } },
})
const [input] = session.inputMetadata
const [output] = session.outputNames

const app = Fastify({ bodyLimit: 2 ** 24 })
app.addContentTypeParser(
  'application/octet-stream',
  { parseAs: 'buffer' },
  (_request, body, done) => done(null, body),
)
app.post('/v2/models/:model/infer', async ({ headers, body }, reply) => {
  const jsonLength = Number(headers['inference-header-content-length'])
  const message = JSON.parse(body.toString('utf8', 0, jsonLength))
  const tensor = new Tensor(input.type, body.subarray(jsonLength), message.inputs[0].shape)
  const { [output]: answer } = await session.run({ [input.name]: tensor })
  reply.type('application/octet-stream')
  return Buffer.from(answer.data.buffer, answer.data.byteOffset, answer.data.byteLength)
})
app.get('/metrics', () => {
  const { user, system } = process.cpuUsage()
  return `process_cpu_seconds_total ${(user + system) / 1e6}\n`
})
await app.listen({ port: Number(port), host: '127.0.0.1' })
process.send?.('ready')

/**
 * An inference server for tests, written from the protocol's text with Node.js and ONNX Runtime alone: it shares no code with
 * Tierwise. As a program it takes its options as JSON and prints its URL.
 */
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'
import { InferenceSession, Tensor } from 'onnxruntime-node'

const DATATYPES = { float32: 'FP32', uint8: 'UINT8' }
const ARRAYS = { FP32: Float32Array, UINT8: Uint8Array }

/**
 * @param {{ models: Record<string, string>, port?: number, binary?: boolean, token?: string, callMs?: number, rowMs?: number }} options
 *   models: name → ONNX file; binary: whether it knows the binary tensor extension (default); token: what clients must show;
 *   callMs, rowMs: as an accelerator, it runs one inference at a time, which takes so long, and so much more for each row
 * @returns also the rows of each inference so far
 */
export async function startRestServer({
  models,
  port = 0,
  binary = true,
  token,
  callMs = 0,
  rowMs = 0,
}) {
  const rows = []
  let idle = Promise.resolve()
  const accelerate = (shape) => {
    rows.push(shape[0])
    const takesMs = callMs + rowMs * shape[0]
    if (takesMs > 0) idle = idle.then(() => new Promise((done) => setTimeout(done, takesMs)))
    return idle
  }
  const sessions = new Map()
  for (const [name, file] of Object.entries(models)) {
    sessions.set(name, await InferenceSession.create(file, { intraOpNumThreads: 1 }))
  }
  const server = createServer(async (request, response) => {
    const answer = (status, body, headers = {}) => response.writeHead(status, headers).end(body)
    const say = (status, message) =>
      answer(status, JSON.stringify(message), { 'content-type': 'application/json' })
    try {
      if (token && request.headers.authorization !== `Bearer ${token}`) {
        return say(401, { error: 'who are you?' })
      }
      const parts = request.url.slice(1).split('/')
      if (request.url === '/v2') {
        const extensions = binary ? ['binary_tensor_data'] : []
        return say(200, { name: 'foreign', version: '0.1', extensions })
      }
      if (request.url.startsWith('/v2/health/')) return answer(200)
      if (parts[0] !== 'v2' || parts[1] !== 'models') return say(404, { error: 'no such page' })
      const session = sessions.get(decodeURIComponent(parts[2]))
      if (!session) return say(400, { error: `Request for unknown model: '${parts[2]}'` })
      const verb = parts[3] === 'versions' ? parts[5] : parts[3]
      if (parts[3] === 'versions' && parts[4] !== '1') return say(400, { error: 'no such version' })
      if (verb === 'ready') return answer(200)
      if (verb === undefined) return say(200, describe(parts[2], session))
      const body = Buffer.concat(await request.toArray())
      const length = Number(request.headers['inference-header-content-length'] ?? body.length)
      const { json, data } = await infer(session, parts[2], body, length, accelerate)
      const text = JSON.stringify(json)
      if (data.length === 0) return say(200, json)
      return answer(200, Buffer.concat([Buffer.from(text), ...data]), {
        'content-type': 'application/octet-stream',
        'inference-header-content-length': String(Buffer.byteLength(text)),
      })
    } catch (error) {
      say(400, { error: String(error) })
    }
  })
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}`, server, rows }
}

function describe(name, session) {
  const tensors = (all) =>
    all.map(({ name, type, shape }) => ({
      name,
      datatype: DATATYPES[type],
      shape: shape.map((size) => (typeof size === 'number' ? size : -1)),
    }))
  return {
    name,
    versions: ['1'],
    platform: 'onnx_onnxv1',
    inputs: tensors(session.inputMetadata),
    outputs: tensors(session.outputMetadata),
  }
}

async function infer(session, model, body, length, accelerate) {
  const { id, inputs, outputs, parameters = {} } = JSON.parse(body.subarray(0, length).toString())
  const feeds = {}
  let at = length
  for (const { name, datatype, shape, data, parameters: own } of inputs) {
    const size = own?.binary_data_size
    const bytes = size === undefined ? undefined : body.subarray(at, at + size)
    at += size ?? 0
    const elements = bytes
      ? new ARRAYS[datatype](Uint8Array.from(bytes).buffer)
      : ARRAYS[datatype].from(data.flat(Infinity))
    feeds[name] = new Tensor(datatype === 'FP32' ? 'float32' : 'uint8', elements, shape)
  }
  await accelerate(inputs[0].shape)
  const results = await session.run(feeds)
  const names = outputs?.map(({ name }) => name) ?? session.outputNames
  const appended = []
  const answered = names.map((name) => {
    const { type, dims, data } = results[name]
    const entry = { name, datatype: DATATYPES[type], shape: dims }
    if (!parameters.binary_data_output) return { ...entry, data: [...data] }
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    appended.push(bytes)
    return { ...entry, parameters: { binary_data_size: bytes.length } }
  })
  return { json: { id: id ?? null, model_name: model, outputs: answered }, data: appended }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { url } = await startRestServer(JSON.parse(process.argv[2]))
  process.stdout.write(`${url}\n`)
}

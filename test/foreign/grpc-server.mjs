/**
 * The gRPC twin of `rest-server.mjs`, made of the official proto by @grpc/proto-loader: it shares no code with Tierwise. As a
 * program it takes its options as JSON and prints its URL.
 */
import { pathToFileURL } from 'node:url'
import { Server, ServerCredentials, status } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { InferenceSession, Tensor } from 'onnxruntime-node'

const DATATYPES = { float32: 'FP32', uint8: 'UINT8' }
const ARRAYS = { FP32: Float32Array, UINT8: Uint8Array }
const PROTO = new URL('../../proto/open_inference_grpc.proto', import.meta.url).pathname

/** @param {{ models: Record<string, string>, port?: number, token?: string }} options models: name → ONNX file */
export async function startGrpcServer({ models, port = 0, token }) {
  const sessions = new Map()
  for (const [name, file] of Object.entries(models)) {
    sessions.set(name, await InferenceSession.create(file, { intraOpNumThreads: 1 }))
  }
  const { 'inference.GRPCInferenceService': service } = loadSync(PROTO, {
    keepCase: true,
    longs: Number,
    defaults: true,
  })
  const server = new Server()
  const answering = (method) => async (call, done) => {
    try {
      if (token && call.metadata.get('authorization')[0] !== `Bearer ${token}`) {
        return done({ code: status.UNAUTHENTICATED, details: 'who are you?' })
      }
      const name = call.request.name || call.request.model_name
      const version = call.request.version || call.request.model_version || '1'
      const session = sessions.get(name)
      if (!session || version !== '1') {
        return done({ code: status.NOT_FOUND, details: `no model ${name} version ${version}` })
      }
      done(null, await method(name, session, call.request))
    } catch (error) {
      done({ code: status.INVALID_ARGUMENT, details: String(error) })
    }
  }
  server.addService(service, {
    ServerLive: (_, done) => done(null, { live: true }),
    ServerReady: (_, done) => done(null, { ready: true }),
    ServerMetadata: (_, done) => done(null, { name: 'foreign', version: '0.1', extensions: [] }),
    ModelReady: answering(() => ({ ready: true })),
    ModelMetadata: answering(describe),
    ModelInfer: answering(infer),
  })
  const bound = await new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, at) =>
      error ? reject(error) : resolve(at),
    )
  })
  return { url: `grpc://127.0.0.1:${bound}`, server }
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

async function infer(name, session, { inputs, outputs, raw_input_contents }) {
  const feeds = {}
  inputs.forEach(({ name, datatype, shape }, index) => {
    const elements = new ARRAYS[datatype](Uint8Array.from(raw_input_contents[index]).buffer)
    feeds[name] = new Tensor(datatype === 'FP32' ? 'float32' : 'uint8', elements, shape)
  })
  const results = await session.run(feeds)
  const names = outputs.length > 0 ? outputs.map(({ name }) => name) : session.outputNames
  const found = names.map((name) => ({ name, tensor: results[name] }))
  return {
    model_name: name,
    outputs: found.map(({ name, tensor: { type, dims } }) => ({
      name,
      datatype: DATATYPES[type],
      shape: dims,
    })),
    raw_output_contents: found.map(({ tensor: { data } }) =>
      Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    ),
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { url } = await startGrpcServer(JSON.parse(process.argv[2]))
  process.stdout.write(`${url}\n`)
}

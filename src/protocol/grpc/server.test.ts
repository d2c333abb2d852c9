import { status } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DoublingHandler } from '../doubling-handler.fixture.ts'
import { type GrpcClient, grpcClient } from './client.fixture.ts'
import { createGrpcServer, type GrpcServer } from './server.ts'

const handler = new DoublingHandler()
let server: GrpcServer
let client: GrpcClient
beforeAll(async () => {
  server = createGrpcServer(handler, { bodyLimitBytes: 2 ** 20, port: 0 })
  await server.listen()
  client = grpcClient(server.address)
})
afterAll(async () => {
  client.close()
  await server.close()
})

const x = { name: 'x', datatype: 'FP32', shape: [1, 3] }
const contents = { fp32_contents: [1, 2, 3] }
const raw = Buffer.from(Float32Array.of(1, 2, 3).buffer)

describe('answers', () => {
  it('come as the request came: contents or raw', async () => {
    const listed = await client.call('ModelInfer', {
      model_name: 'double',
      id: 'a',
      inputs: [{ ...x, contents }],
    })
    expect(listed).toMatchObject({ model_name: 'double', id: 'a', raw_output_contents: [] })
    expect(listed.outputs).toMatchObject([
      { name: 'doubled', shape: ['1', '3'], contents: { fp32_contents: [2, 4, 6] } },
      { name: 'sum', shape: ['1'], contents: { fp32_contents: [6] } },
    ])
    const asRaw = { model_name: 'double', inputs: [x], raw_input_contents: [raw] }
    const { outputs, raw_output_contents } = await client.call('ModelInfer', asRaw)
    expect(outputs.map((output: { contents: unknown }) => output.contents)).toEqual([null, null])
    expect(raw_output_contents).toEqual([
      Buffer.from(Float32Array.of(2, 4, 6).buffer),
      Buffer.from(Float32Array.of(6).buffer),
    ])
  })

  it('say by their status what is wrong', async () => {
    const unknown = client.call('ModelInfer', { model_name: 'none' })
    await expect(unknown).rejects.toMatchObject({ code: status.NOT_FOUND })
    const empty = client.call('ModelInfer', { model_name: 'double' })
    await expect(empty).rejects.toMatchObject({ code: status.INVALID_ARGUMENT })
    const large = { model_name: 'double', inputs: [x], raw_input_contents: [Buffer.alloc(2 ** 21)] }
    await expect(client.call('ModelInfer', large)).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
    })
  })
})

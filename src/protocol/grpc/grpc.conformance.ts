/** Points of the protocol that gRPC has alone. */
import { status } from '@grpc/grpc-js'
import { protoPath } from 'grpc-health-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bytesOf } from '../datatypes.ts'
import { infer, jsonRequest, type ProtocolTarget, values } from '../protocol-target.fixture.ts'
import { type GrpcClient, grpcClient } from './client.fixture.ts'

export function describeGrpc(target: () => ProtocolTarget): void {
  let client: GrpcClient
  beforeAll(() => {
    client = grpcClient(target().grpcAddress)
  })
  afterAll(() => client?.close())

  const heads = () => {
    const { name, datatype, shape } = target().input
    return { name, datatype, shape }
  }
  const raw = (more = {}) =>
    client.call('ModelInfer', {
      model_name: target().model,
      inputs: [heads()],
      raw_input_contents: [target().input.data],
      ...more,
    })
  const listed = (more = {}) =>
    client.call('ModelInfer', {
      model_name: target().model,
      inputs: [{ ...heads(), contents: { fp32_contents: values(target().input) } }],
      ...more,
    })

  it('29 answers in the form of the request, bit for bit what REST answers', async () => {
    const { json } = await infer(target(), jsonRequest(target()))
    const expected: number[][] = json.outputs.map(({ data }: { data: number[] }) => data)
    const { outputs, raw_output_contents } = await listed()
    expect(raw_output_contents).toEqual([])
    const lists = outputs.map((output: { contents: { fp32_contents: number[] } }) => {
      return output.contents.fp32_contents
    })
    expect(lists).toEqual(expected)
    const bytes = expected.map((data) => Buffer.from(bytesOf(Float32Array.from(data))))
    const asRaw = await raw()
    expect(asRaw.outputs[0].contents).toBeNull()
    expect(asRaw.raw_output_contents).toEqual(bytes)
    const parameters = { binary_data_output: { bool_param: true } }
    expect((await listed({ parameters })).raw_output_contents).toEqual(bytes)
  })

  it('28 takes one raw content for each input, and contents beside none', async () => {
    const { data } = target().input
    for (const wrong of [
      { raw_input_contents: [data, data] },
      { raw_input_contents: [data.subarray(1)] },
      { inputs: [{ ...heads(), contents: { fp32_contents: [1] } }] },
      { raw_input_contents: [], inputs: [{ ...heads(), contents: { int_contents: [1] } }] },
      { raw_input_contents: [] },
    ]) {
      await expect(raw(wrong)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT })
    }
  })

  it('30, 32 refuses a message over the limit, and lives on', async () => {
    const { bodyLimitBytes } = target()
    if (bodyLimitBytes === undefined) return
    const large = { raw_input_contents: [Buffer.alloc(bodyLimitBytes + 1)] }
    await expect(raw(large)).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED })
    expect((await raw()).model_name).toEqual(expect.any(String))
  })

  it('30 answers DEADLINE_EXCEEDED where nobody waits any more', async () => {
    const late = client.call('ModelInfer', { model_name: target().model }, { deadline: 1 })
    await expect(late).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED })
  })
}

/** Of the services beside the protocol's own. */
export function describeGrpcServices(target: () => ProtocolTarget): void {
  it('33 tells its health and its methods', async () => {
    const health = grpcClient(target().grpcAddress, {
      ...{ proto: protoPath, service: 'grpc.health.v1.Health' },
    })
    for (const service of ['', 'inference.GRPCInferenceService']) {
      expect(await health.call('Check', { service })).toEqual({ status: 'SERVING' })
    }
    const unknown = health.call('Check', { service: 'none' })
    await expect(unknown).rejects.toMatchObject({ code: status.NOT_FOUND })
    health.close()
    const client = grpcClient(target().grpcAddress)
    const services = await client.reflect()
    client.close()
    expect(services).toContain('inference.GRPCInferenceService')
    expect(services).toContain('grpc.health.v1.Health')
  })
}

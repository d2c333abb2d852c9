/** A handler without a model, for tests of the protocol alone: `double` answers 2x and the sum, `echo` its inputs. */
import { NotFoundError } from '../errors.ts'
import type { ModelIndex, ModelStatistics } from './answer-schemas.ts'
import { bytesOf, viewFloat32 } from './datatypes.ts'
import { EXTENSIONS } from './extensions.ts'
import type { InferCall, InferenceHandler, InferReply } from './inference-handler.ts'
import { DATATYPES, type ModelMetadata, type Tensor } from './messages.ts'

const models: Readonly<Record<string, ModelMetadata>> = {
  double: {
    name: 'double',
    versions: ['v10'],
    platform: 'tierwise_test',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
    outputs: [
      { name: 'doubled', datatype: 'FP32', shape: [-1, 3] },
      { name: 'sum', datatype: 'FP32', shape: [1] },
    ],
  },
  echo: {
    name: 'echo',
    platform: 'tierwise_test',
    inputs: DATATYPES.map((datatype) => ({ name: datatype, datatype, shape: [2] })),
    outputs: DATATYPES.map((datatype) => ({ name: datatype, datatype, shape: [2] })),
  },
  'a/b c': {
    name: 'a/b c',
    platform: 'tierwise_test',
    inputs: [{ name: 'text', datatype: 'BYTES', shape: [1] }],
    outputs: [{ name: 'text', datatype: 'BYTES', shape: [1] }],
  },
}

export class DoublingHandler implements InferenceHandler {
  isReady = true
  /** Runs before every answer: tests make it throw or wait. */
  before: (call: InferCall) => Promise<void> = async () => {}

  live() {
    return true
  }

  ready() {
    return this.isReady
  }

  refusal() {
    return this.isReady ? undefined : 'is not ready yet: try again'
  }

  serverMetadata() {
    return { name: 'tierwise', version: '0.0.0', extensions: [...EXTENSIONS] }
  }

  modelReady(model: string, version?: string) {
    return this.modelMetadata(model, version).name === model
  }

  modelMetadata(model: string, version?: string): ModelMetadata {
    const metadata = Object.hasOwn(models, model) ? models[model] : undefined
    if (!metadata) throw new NotFoundError(`there is no model "${model}"`)
    if (version !== undefined && !metadata.versions?.includes(version)) {
      throw new NotFoundError(`model "${model}" has no version "${version}"`)
    }
    return metadata
  }

  repositoryIndex(): ModelIndex[] {
    const state = this.isReady ? 'READY' : 'UNAVAILABLE'
    const reason = this.isReady ? '' : 'is not ready yet'
    return Object.keys(models).map((name) => ({ name, version: '1', state, reason }))
  }

  modelStatistics(model = 'double', version?: string): ModelStatistics[] {
    this.modelMetadata(model, version)
    const none = { count: 0, ns: 0 }
    const one = { count: 1, ns: 3_000_000 }
    return [
      {
        ...{ name: model, version: '1', last_inference: 1_700_000_000_000 },
        ...{ inference_count: 1, execution_count: 1, batch_stats: [] },
        inference_stats: {
          ...{ success: one, fail: none, queue: none },
          ...{ compute_input: none, compute_infer: one, compute_output: none },
        },
      },
    ]
  }

  async infer(call: InferCall): Promise<InferReply> {
    await this.before(call)
    const { inputs } = await call.decode()
    return {
      content: {
        model_name: call.model,
        parameters: { seconds: 1, binary_data_output: true },
        outputs: call.model === 'double' ? inputs.flatMap(doubled) : inputs,
      },
      headers: { 'x-tierwise-decision': 'end/d0' },
    }
  }
}

function doubled(input: Tensor): Tensor[] {
  const values = viewFloat32(input)
  const sum = Float32Array.of(values.reduce((total, value) => total + value, 0))
  return [
    { ...input, name: 'doubled', data: bytesOf(values.map((value) => 2 * value)) },
    { name: 'sum', datatype: 'FP32', shape: [1], data: bytesOf(sum) },
  ]
}

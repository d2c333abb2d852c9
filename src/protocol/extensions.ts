/** Extensions of other servers that stock clients count on, answered from what every handler knows. */
import { PreconditionError } from '../errors.ts'
import type { ModelConfig, ModelIndex } from './answer-schemas.ts'
import type { InferenceHandler } from './inference-handler.ts'
import type { Datatype, TensorMetadata } from './messages.ts'

/** In `extensions` of every server: what the surfaces answer by themselves. */
export const EXTENSIONS = [
  'binary_tensor_data',
  'classification',
  'model_configuration',
  'model_repository',
  'parameters',
  'schedule_policy',
  'statistics',
] as const

/** Extension `model_configuration`. @throws NotFoundError for an unknown model or version */
export function modelConfig(
  handler: InferenceHandler,
  model: string,
  version?: string,
): ModelConfig {
  const { name, platform, inputs, outputs } = handler.modelMetadata(model, version)
  const [backend = ''] = platform.split('_')
  return {
    ...{ name, platform, backend },
    max_batch_size: 0,
    input: inputs.map(configured),
    output: outputs.map(configured),
  }
}

function configured({ name, datatype, shape }: TensorMetadata) {
  return { name, data_type: `TYPE_${dataType(datatype)}`, dims: shape }
}

function dataType(datatype: Datatype): string {
  return datatype === 'BYTES' ? 'STRING' : datatype
}

/** Extension `model_repository`. @param onlyReady leaves out what cannot serve now */
export function repositoryIndex(handler: InferenceHandler, onlyReady = false): ModelIndex[] {
  return handler.repositoryIndex().filter(({ state }) => !onlyReady || state === 'READY')
}

/**
 * Which models a node holds is the catalogue's to say: others of the fleet count on them.
 * @throws NotFoundError for an unknown model; PreconditionError for every other
 */
export function refuseChange(
  handler: InferenceHandler,
  model: string,
  verb: 'load' | 'unload',
): never {
  handler.modelMetadata(model)
  throw new PreconditionError(
    `cannot ${verb} model "${model}": the node's catalogue says what it holds, from start to end; change its files, or restart with others (--catalogue, --variants)`,
  )
}

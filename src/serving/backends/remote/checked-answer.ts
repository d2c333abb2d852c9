/** Another server's answer, held against what it was asked and what it told of its model. */
import { BadGatewayError } from '../../../errors.ts'
import { fits } from '../../../protocol/check-request.ts'
import type {
  InferRequest,
  InferResponse,
  ModelMetadata,
  Tensor,
  TensorMetadata,
} from '../../../protocol/messages.ts'

/**
 * The outputs that were asked for, in that order; what else it answered is left out.
 * @param where the model and server, as errors call them
 * @throws BadGatewayError for an output that is missing, or of another datatype, shape or batch
 */
export function checkedOutputs(
  { outputs }: InferResponse,
  { inputs, outputs: wanted = [] }: InferRequest,
  metadata: ModelMetadata,
  where: string,
): Tensor[] {
  const batch = inputs[0]?.shape[0]
  const names = (wanted.length > 0 ? wanted : metadata.outputs).map(({ name }) => name)
  return names.map((name) => {
    const told = metadata.outputs.find((output) => output.name === name)
    const tensor = outputs.find((output) => output.name === name)
    if (tensor === undefined) throw refusal(where, `it lacks the output "${name}"`)
    if (told === undefined || isOf(tensor, told, batch)) return tensor
    throw refusal(
      where,
      `"${name}" is ${tensor.datatype} [${tensor.shape.join(', ')}], not ${told.datatype} [${told.shape.join(', ')}] for a batch of ${batch ?? 1}`,
    )
  })
}

function isOf(
  { datatype, shape }: Tensor,
  told: TensorMetadata,
  batch: number | undefined,
): boolean {
  const sizes = told.shape.map((size, axis) => (axis === 0 && size < 0 ? (batch ?? size) : size))
  return datatype === told.datatype && fits(shape, sizes)
}

function refusal(where: string, problem: string): BadGatewayError {
  return new BadGatewayError(`the answer of ${where} cannot be used: ${problem}`)
}

/** What a server tells of a model, held against what the catalogue says of it. */
import { ConfigError } from '../../../errors.ts'
import { fits } from '../../../protocol/check-request.ts'
import type { ModelMetadata, TensorMetadata } from '../../../protocol/messages.ts'

/** What the catalogue says of every variant. */
export interface ExpectedSignature {
  readonly input: TensorMetadata
  readonly output: Pick<TensorMetadata, 'name' | 'shape'>
}

/**
 * The model as clients are told of it. Of tensors that the server does not describe, or whose shape it leaves out, the
 * catalogue's word is taken.
 * @param where the variant, model and server, as errors call them
 * @throws ConfigError with a line for each difference
 */
export function agreedMetadata(
  variant: string,
  told: ModelMetadata,
  { input, output }: ExpectedSignature,
  where: string,
): ModelMetadata {
  const inputs = described(told.inputs, input)
  const outputs = described(told.outputs, { ...output, datatype: scoresOf(told, output.name) })
  const faults = [
    ...faultsOf('input', input, inputs),
    ...inputs
      .filter(({ name }) => name !== input.name && inputs.some((one) => one.name === input.name))
      .map(({ name }) => `it has the input "${name}" as well: a variant takes one input`),
    ...faultsOf('output', output, outputs),
  ]
  if (faults.length === 0) {
    return { name: variant, versions: ['1'], platform: told.platform, inputs, outputs }
  }
  throw new ConfigError(faults.map((fault) => `${where}: ${fault}`).join('\n'))
}

/** Some servers know no signature, others no shapes. */
function described(told: readonly TensorMetadata[], own: TensorMetadata): TensorMetadata[] {
  if (told.length === 0) return [own]
  return told.map((one) =>
    one.name === own.name && one.shape.length === 0 ? { ...one, shape: own.shape } : one,
  )
}

function scoresOf({ outputs }: ModelMetadata, output: string): TensorMetadata['datatype'] {
  return outputs.find(({ name }) => name === output)?.datatype ?? 'FP32'
}

function faultsOf(
  key: 'input' | 'output',
  said: Pick<TensorMetadata, 'name' | 'shape'> & Partial<TensorMetadata>,
  told: readonly TensorMetadata[],
): string[] {
  const found = told.find(({ name }) => name === said.name)
  if (found === undefined) {
    const names = told.map(({ name }) => `"${name}"`).join(', ')
    return [`it has the ${key} ${names}, and the catalogue says ${key}.name "${said.name}"`]
  }
  const faults: string[] = []
  if (said.datatype !== undefined && said.datatype !== found.datatype) {
    faults.push(
      `"${said.name}" is ${found.datatype}, and the catalogue says ${key}.datatype ${said.datatype}`,
    )
  }
  if (!fits(said.shape, found.shape)) {
    faults.push(
      `"${said.name}" is [${found.shape.join(', ')}], and the catalogue says ${key}.shape [${said.shape.join(', ')}]`,
    )
  }
  return faults
}

/**
 * Extension `classification` (as Triton has it): a requested output with the parameter `classification: k` is answered by
 * its k largest elements, each a BYTES element `value:index:label`, in place of the tensor.
 */
import { InvalidInputError } from '../errors.ts'
import { joinByteStrings } from './byte-strings.ts'
import { viewElements } from './datatypes.ts'
import type { Datatype, InferRequest, InferResponse, Parameters, Tensor } from './messages.ts'

/** @returns k, or undefined for an output that is wanted as it is. @throws InvalidInputError for what is no number of classes */
export function classesWanted({
  name,
  parameters,
}: {
  readonly name: string
  readonly parameters?: Parameters
}): number | undefined {
  const { classification } = parameters ?? {}
  if (classification === undefined) return undefined
  if (Number.isSafeInteger(classification) && Number(classification) > 0) {
    return Number(classification)
  }
  throw new InvalidInputError(
    `output "${name}": classification ${JSON.stringify(classification)} is no number of classes: give 1 or more`,
  )
}

/**
 * The answer with those outputs as classes that were wanted so.
 * @param labels by index; an index without one is answered as `value:index`
 * @throws InvalidInputError for an output whose elements have no order or no JSON number
 */
export function withClassification(
  response: InferResponse,
  { outputs: wanted = [] }: InferRequest,
  labels: readonly string[],
): InferResponse {
  const counts = new Map(wanted.map((output) => [output.name, classesWanted(output)]))
  const outputs = response.outputs.map((output) => {
    const count = counts.get(output.name)
    return count === undefined ? output : classified(output, count, labels)
  })
  return { ...response, outputs }
}

/** Whether elements of the datatype are numbers as they are stored. */
export function hasClasses(
  datatype: Datatype,
): datatype is Exclude<Datatype, 'FP16' | 'BF16' | 'BYTES'> {
  return !['FP16', 'BF16', 'BYTES'].includes(datatype)
}

/** The dimension of the classes becomes min(count, classes). */
function classified(tensor: Tensor, count: number, labels: readonly string[]): Tensor {
  const { name, datatype, shape } = tensor
  if (!hasClasses(datatype)) {
    throw new InvalidInputError(`output "${name}" is ${datatype}, which has no classification`)
  }
  const values = Array.from(viewElements(tensor), Number)
  const axis = classAxis(shape)
  const classes = shape[axis] ?? 1
  const kept = Math.min(count, classes)
  const elements: Uint8Array[] = []
  for (let start = 0; start < values.length; start += classes) {
    for (const { value, index } of largest(values.slice(start, start + classes), kept)) {
      const text = datatype.startsWith('FP') ? value.toFixed(6) : String(value)
      const label = labels[index]
      elements.push(Buffer.from([text, index, ...(label === undefined ? [] : [label])].join(':')))
    }
  }
  return {
    name,
    datatype: 'BYTES',
    shape: shape.map((size, at) => (at === axis ? kept : size)),
    data: joinByteStrings(elements),
  }
}

/**
 * Which dimension of scores has the classes: the last one, or where sizes of 1 follow, the last that is larger. The first is the
 * batch, where there are others.
 */
function classAxis(shape: readonly number[]): number {
  const axis = shape.findLastIndex((size) => size !== 1)
  return axis > 0 ? axis : Math.max(0, shape.length - 1)
}

/** Classes that scores of a shape are for, such as 4 of [1, 4], [1, 4, 1, 1] and [4]. */
export function classesOf(shape: readonly number[]): number {
  return shape[classAxis(shape)] ?? 1
}

/** Classes of this name: several where some share it, as two of ImageNet's do. */
export function classesNamed(labels: readonly string[], name: string): number[] {
  return labels.flatMap((label, index) => (label === name ? [index] : []))
}

/** The largest first, equal ones by index; what is not a number last. */
export function largest(values: readonly number[], count: number) {
  const rank = (value: number) => (Number.isNaN(value) ? -Infinity : value)
  return values
    .map((value, index) => ({ value, index }))
    .sort((a, b) => rank(b.value) - rank(a.value) || a.index - b.index)
    .slice(0, count)
}

/** Holds a catalogue against its model files, without running any: what is wrong would otherwise show at the first request. */
import { ConfigError, messageOf } from '../../errors.ts'
import { isMissing, readRegularFile } from '../../files.ts'
import { precisionOf } from '../../onnx/precision.ts'
import {
  MAX_MODEL_BYTES,
  type Signature,
  type StatedValue,
  signatureOf,
} from '../../onnx/signature.ts'
import { fits } from '../../protocol/check-request.ts'
import { classesOf } from '../../protocol/classification.ts'
import { datatypeOfCode } from '../backends/onnx-types.ts'
import type { Catalogue, Variant } from './catalogue-schema.ts'
import { pictureForm } from './picture-form.ts'

/** What was found, each a line that begins with where it is written. */
export interface Findings {
  /** With any of them the catalogue cannot be served. */
  readonly faults: readonly string[]
  readonly warnings: readonly string[]
}

/** `file:line` of a key of the catalogue. */
type Place = (path: readonly PropertyKey[]) => string

/** A variant, and what its file says. */
interface Examined {
  readonly variant: Variant
  readonly file: string
  readonly index: number
  readonly signature: Signature
  readonly precision: Variant['precision']
}

/** Reads every model file; what another server has is checked when that is asked. @param place of a key in the catalogue file */
export async function checkModels(catalogue: Catalogue, place: Place): Promise<Findings> {
  const faults = [labelFaults, pictureFaults, cascadeFaults].flatMap((faultsOf) =>
    faultsOf(catalogue, place),
  )
  const warnings: string[] = []
  const examined: Examined[] = []
  for (const [index, variant] of catalogue.variants.entries()) {
    const { file } = variant
    if (typeof file !== 'string') continue
    try {
      const model = await readRegularFile(file, MAX_MODEL_BYTES)
      const signature = signatureOf(model)
      examined.push({ variant, file, index, signature, precision: precisionOf(model) })
    } catch (error) {
      faults.push(unusable(variant.name, file, place(['variants', index, 'file']), error))
    }
  }
  for (const one of examined) {
    const against = [
      ...valueFaults('input', catalogue.input, one, place),
      ...valueFaults('output', catalogue.output, one, place),
    ]
    // A file that goes against the catalogue differs from the others, too: said once.
    faults.push(...(against.length > 0 ? against : signatureFaults(one, examined[0], place)))
    faults.push(...typeFaults(one, place))
    const fault = precisionFault(one, place)
    if (fault) (fault.isSerious ? faults : warnings).push(fault.text)
  }
  return { faults, warnings }
}

function unusable(name: string, file: string, at: string, error: unknown): string {
  const problem = isMissing(error)
    ? `there is no model file ${file}`
    : `${file} cannot be used: ${messageOf(error)}`
  return `${at}: variant ${name}: ${problem}: correct its file in the catalogue`
}

function labelFaults({ labels, output }: Catalogue, place: Place): string[] {
  const classes = classesOf(output.shape)
  if (labels.length === 0 || labels.length === classes) return []
  return [
    `${place(['labels'])}: there are ${labels.length} labels for ${classes} classes (output.shape is [${output.shape.join(', ')}])`,
  ]
}

/** Only where the catalogue says something of pictures: other models are served, too. */
function pictureFaults({ input }: Catalogue, place: Place): string[] {
  const { layout, mean, scale } = input
  const isSaid = layout !== undefined || typeof mean !== 'number' || typeof scale !== 'number'
  try {
    if (isSaid) pictureForm(input)
    return []
  } catch (error) {
    return [`${place(['input'])}: ${messageOf(error)}`]
  }
}

/** A cascade is of two variants that there are. */
function cascadeFaults({ cascades, variants }: Catalogue, place: Place): string[] {
  const names = variants.map(({ name }) => name)
  return cascades.flatMap((cascade, index) =>
    (['small', 'large'] as const)
      .filter((key) => !names.includes(cascade[key]))
      .map(
        (key) =>
          `${place(['cascades', index, key])}: cascades[${index}].${key} is "${cascade[key]}": the variants are ${names.join(', ')}`,
      ),
  )
}

/** Name, datatype and shape of the catalogue's input or output, against the file's. */
function valueFaults(
  key: 'input' | 'output',
  said: { readonly name: string; readonly datatype?: string; readonly shape: readonly number[] },
  { variant, file, signature }: Examined,
  place: Place,
): string[] {
  const fault = (part: 'name' | 'datatype' | 'shape', text: string, found: string) =>
    `${place([key, part])}: ${key}.${part} is ${text}: variant ${variant.name} has ${found} (${file})`
  const values = key === 'input' ? signature.inputs : signature.outputs
  const value = values.find(({ name }) => name === said.name)
  if (value === undefined) {
    const names = values.map(({ name }) => `"${name}"`).join(', ')
    return [fault('name', `"${said.name}"`, names || 'none')]
  }
  const faults: string[] = []
  const datatype = datatypeOfCode(value.elementType)
  if (said.datatype !== undefined && datatype !== undefined && said.datatype !== datatype) {
    faults.push(fault('datatype', said.datatype, datatype))
  }
  if (!isAllowed(said.shape, value.shape)) {
    faults.push(fault('shape', shapeText(said.shape), shapeText(value.shape)))
  }
  return faults
}

/** Whether a shape is one of those that the file allows. A file that says nothing allows all; a scalar is one element. */
function isAllowed(shape: readonly number[], stated: StatedValue['shape']): boolean {
  return stated === undefined || fits(shape, stated.length === 0 ? [1] : stated)
}

/** Text and sequences cannot be served. */
function typeFaults({ variant, file, index, signature }: Examined, place: Place): string[] {
  return [...signature.inputs, ...signature.outputs]
    .filter(({ elementType }) => datatypeOfCode(elementType) === undefined)
    .map(
      ({ name }) =>
        `${place(['variants', index, 'file'])}: variants[${index}].file: variant ${variant.name}: "${name}" of ${file} ` +
        'is no tensor of numbers or booleans: only those can be served',
    )
}

/** All variants take the same inputs and give the same outputs: a request may be served by any of them. */
function signatureFaults(
  { variant, file, index, signature }: Examined,
  first: Examined | undefined,
  place: Place,
): string[] {
  if (first === undefined) return []
  const faults: string[] = []
  for (const key of ['inputs', 'outputs'] as const) {
    const own = signature[key].map(valueText).toSorted().join(', ')
    const others = first.signature[key].map(valueText).toSorted().join(', ')
    if (own === others) continue
    faults.push(
      `${place(['variants', index, 'file'])}: variants[${index}].file: variant ${variant.name} has the ${key} ${own}; ` +
        `${first.variant.name} has ${others}: any variant must be able to serve a request (${file})`,
    )
  }
  return faults
}

/** What INT8 makes fast or small must not be said of floats, nor the reverse. FP32 and FP16 mixed up mislead nobody as much. */
function precisionFault({ variant, file, index, precision }: Examined, place: Place) {
  if (variant.precision === precision) return undefined
  const text =
    `${place(['variants', index, 'precision'])}: variants[${index}].precision is ${variant.precision}: ` +
    `most weights of variant ${variant.name} are ${precision} (${file})`
  return { text, isSerious: [variant.precision, precision].includes('INT8') }
}

function valueText({ name, elementType, shape }: StatedValue): string {
  return `"${name}" ${datatypeOfCode(elementType) ?? 'of another kind'} ${shapeText(shape)}`
}

/** -1 where a size varies. */
function shapeText(shape: readonly number[] | undefined): string {
  return shape ? `[${shape.join(', ')}]` : '[…]'
}

/** @throws ConfigError with one line for each fault */
export function refuse(faults: readonly string[]): void {
  if (faults.length > 0) throw new ConfigError(faults.join('\n'))
}

/** Reads off an ONNX classifier what a catalogue says of it, and adds it to one. */
import { existsSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { isSeq, parseDocument } from 'yaml'
import { ConfigError, messageOf } from '../../errors.ts'
import { isMissing, readRegularFile } from '../../files.ts'
import {
  MAX_MODEL_BYTES,
  type Signature,
  type StatedValue,
  signatureOf,
} from '../../onnx/signature.ts'
import { classesOf } from '../../protocol/classification.ts'
import type { Tensor } from '../../protocol/messages.ts'
import { readText } from '../../yaml.ts'
import { countModel } from '../backends/count-model.ts'
import { OnnxModel } from '../backends/onnx-model.ts'
import { datatypeOfCode } from '../backends/onnx-types.ts'
import { fileOf, loadCatalogue, pathFrom, writeCatalogue, writeCatalogueText } from './catalogue.ts'
import type { Catalogue, Variant } from './catalogue-schema.ts'
import { checkModels, refuse } from './check-models.ts'
import { scoresIn } from './confidence.ts'

/** Of `addToCatalogue`. */
export interface AddOptions {
  /** Of the variant; absent: the file's name. */
  readonly name?: string | undefined
  /** What applications call, in a catalogue that is begun; absent: `classifier`. */
  readonly model?: string | undefined
  /** Class names, for a catalogue that is begun. */
  readonly labels?: readonly string[] | undefined
  /** Of the input, where the file leaves sizes open; for a catalogue that is begun. */
  readonly shape?: readonly number[] | undefined
  /** Name of the output with the scores, where several could be; for a catalogue that is begun. */
  readonly output?: string | undefined
}

const COMMENT = `Read off the model's file by "tierwise models add". What no file tells: a pixel p (0 to 255) enters as (p - mean) / scale,
one number or one for each channel. Correct them to what the model was trained with.
"tierwise models evaluate" measures the accuracy and writes it here.`

/**
 * Adds a variant to a catalogue file, or begins one; comments stay. Blocks this thread for two inferences.
 * @returns the catalogue as it is now
 * @throws ConfigError for a file that is no classifier, leaves sizes open that are not given, or does not go with the others
 */
export async function addToCatalogue(
  catalogueFile: string,
  modelFile: string,
  options: AddOptions,
): Promise<Catalogue> {
  const file = resolve(modelFile)
  const exists = existsSync(catalogueFile)
  const before = exists ? await loadCatalogue(catalogueFile) : undefined
  if (before) refuseOther(before, catalogueFile, options)
  const read = await readOff(file, before ? { ...options, ...saidBy(before) } : options)
  if (before?.variants.some(({ name }) => name === read.variant.name)) {
    throw new ConfigError(
      `${catalogueFile} has a variant "${read.variant.name}" already: choose another --name`,
    )
  }
  const catalogue: Catalogue = before
    ? { ...before, variants: [...before.variants, read.variant] }
    : { ...read.begun, labels: options.labels ?? [], variants: [read.variant], cascades: [] }
  refuse((await checkModels(catalogue, () => catalogueFile)).faults)
  if (exists) await append(catalogueFile, read.variant)
  else await writeCatalogue(catalogueFile, catalogue, COMMENT)
  return loadCatalogue(catalogueFile)
}

/** What the catalogue says already holds for all its variants. */
function saidBy({ input, output }: Catalogue): Pick<AddOptions, 'shape' | 'output'> {
  return { shape: input.shape, output: output.name }
}

/** @throws ConfigError for an option that would change what a catalogue says of its other variants */
function refuseOther(
  { model, input, output, labels }: Catalogue,
  catalogueFile: string,
  asked: AddOptions,
): void {
  const said = { model, shape: input.shape, output: output.name, labels }
  for (const key of ['model', 'shape', 'output', 'labels'] as const) {
    const [given, has] = [asked[key], said[key]]
    if (given === undefined || String(given) === String(has)) continue
    const is = has.length === 0 ? 'none' : String(has)
    throw new ConfigError(
      `${catalogueFile} is there already, and its ${key} ${key === 'labels' ? 'are others' : `is ${is}`}: ` +
        `leave --${key} out, or change it in the file`,
    )
  }
}

async function append(catalogueFile: string, { bytes: _, ...variant }: Variant): Promise<void> {
  const document = parseDocument(await readText(catalogueFile))
  const variants = document.get('variants')
  if (!isSeq(variants)) throw new ConfigError(`${catalogueFile}: variants is no list`)
  const file = pathFrom(dirname(resolve(catalogueFile)), fileOf(variant))
  variants.add(document.createNode({ ...variant, file }))
  await writeCatalogueText(catalogueFile, document.toString({ lineWidth: 0 }))
}

interface ReadOff {
  readonly variant: Variant
  readonly begun: Pick<Catalogue, 'model' | 'input' | 'output'>
}

async function readOff(
  file: string,
  { name, model = 'classifier', shape: given, output }: AddOptions,
): Promise<ReadOff> {
  const bytes = await readRegularFile(file, MAX_MODEL_BYTES).catch((cause: unknown) => {
    const problem = isMissing(cause) ? `there is no file ${file}` : messageOf(cause)
    throw new ConfigError(problem, { cause })
  })
  const signature = signatureIn(bytes, file)
  const input = onlyInput(signature, file)
  const shape = inputShape(input, given, file)
  const scores = await scoresOf(file, shape, output)
  const counted = await countModel(file, shape)
  const variantName = name ?? nameOf(file)
  return {
    variant: {
      name: variantName,
      file,
      precision: counted.precision,
      accuracyPercent: 0,
      accuracySource: 'not measured yet',
      megaMacs: counted.megaMacs,
    },
    begun: {
      model,
      input: { name: input.name, datatype: input.datatype, shape, mean: 0, scale: 1 },
      output: {
        name: scores.name,
        shape: scores.shape,
        kind: areProbabilities(scores) ? 'probabilities' : 'logits',
      },
    },
  }
}

/** The file's name; what no name of a variant may hold becomes a dash. */
function nameOf(file: string): string {
  return basename(file)
    .replace(/\.onnx$/i, '')
    .replace(/[^\w.-]+/g, '-')
}

function signatureIn(bytes: Uint8Array, file: string): Signature {
  try {
    return signatureOf(bytes)
  } catch (error) {
    throw new ConfigError(`${file} cannot be used: ${messageOf(error)}`, { cause: error })
  }
}

function onlyInput({ inputs }: Signature, file: string) {
  const [input, ...others] = inputs
  const datatype = input && datatypeOfCode(input.elementType)
  if (input && datatype && others.length === 0) return { ...input, datatype }
  const names = inputs.map(({ name }) => `"${name}"`).join(', ')
  throw new ConfigError(
    `${file} has the inputs ${names || '(none)'}: a classifier has one, a tensor of numbers; write its catalogue by hand`,
  )
}

/** The batch may stay open: it is 1 then. */
function inputShape(
  { name, shape: stated }: StatedValue,
  given: readonly number[] | undefined,
  file: string,
): readonly number[] {
  const shape = given ?? stated?.map((size, axis) => (axis === 0 && size === -1 ? 1 : size)) ?? []
  if (shape.length > 0 && shape.every((size) => size > 0)) return shape
  const text = stated ? `[${stated.join(', ')}]` : 'not stated'
  throw new ConfigError(
    `${file}: the shape of "${name}" is ${text}: give the sizes it is to be served with, such as --shape 1,3,224,224`,
  )
}

/** Of the outputs of one run, the one that can be scores by class. @param wanted its name, where it is known */
async function scoresOf(
  file: string,
  shape: readonly number[],
  wanted: string | undefined,
): Promise<Tensor> {
  const model = await OnnxModel.load({ variant: basename(file), file })
  try {
    const outputs = await model.runOnZeros(shape)
    const fitting = outputs.filter(areScores)
    const [scores, ...others] = fitting.filter(({ name }) => name === (wanted ?? name))
    if (scores && others.length === 0) return scores
    const found = outputs.map((output) => `"${output.name}" ${output.datatype} [${output.shape}]`)
    const names = fitting.map(({ name }) => `"${name}"`).join(' or ')
    const choice =
      fitting.length > 0
        ? `say which are the scores: --output ${names}`
        : 'a classifier gives one tensor of floating-point numbers [batch, classes], of 2 classes or more'
    throw new ConfigError(`${file} gives ${found.join(', ')}: ${choice}`)
  } finally {
    await model.release()
  }
}

/** Such as [batch, classes], [batch, classes, 1, 1] or [classes]. One score alone tells no class. */
function areScores({ datatype, shape }: Tensor): boolean {
  const [, ...sizes] = shape.length === 1 ? [1, ...shape] : shape
  const isVector = sizes.filter((size) => size !== 1).length === 1
  return ['FP32', 'FP16', 'FP64'].includes(datatype) && isVector
}

function areProbabilities(scores: Tensor): boolean {
  const values = Array.from(scoresIn(scores))
  const batch = values.length / classesOf(scores.shape)
  const sum = values.reduce((total, value) => total + value, 0)
  return values.every((value) => value >= 0) && Math.abs(sum / batch - 1) < 0.01
}

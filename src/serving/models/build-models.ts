import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { makeFolder, readRegularFile, readTextFile } from '../../files.ts'
import { TABLE_III } from '../../fleet/variants.ts'
import { MAX_MODEL_BYTES } from '../../onnx/signature.ts'
import { Random } from '../../random.ts'
import { writeFileAtomically } from './atomic-file.ts'
import { calibrate } from './calibrate.ts'
import { type Catalogue, writeCatalogue } from './catalogue.ts'
import { countVariants } from './count-variants.ts'
import { CLASSES, heWeights, IMAGE_SIZE, mobileNetLayers } from './mobilenet.ts'
import { floatModel, INPUT_NAME, OUTPUT_NAME } from './mobilenet-graph.ts'
import { quantisedModel } from './quantise.ts'

/** To be raised whenever the same seed would give other files, or another catalogue. */
const BUILDER_VERSION = 3

const WIDTHS = [...new Set(TABLE_III.map(({ width }) => width))]

const ACCURACY_SOURCE =
  'HL paper, Table III (top-5, ImageNet); weights here are seeded, not trained'

const COMMENT = `The eight MobileNetV1-224 variants of the HL paper's Table III, built by "tierwise models build".
Their weights are seeded, not trained: what they cost is real, what they answer means nothing.
To serve your own models, copy this file and change it; "tierwise models evaluate" measures their accuracy.`

/** Of `buildModels`. */
export interface BuildOptions {
  /** Of the weights; 1 when absent. */
  readonly seed?: number
  /** Called after each model file that had to be built. */
  readonly onProgress?: (file: string) => void
}

/** What the directory holds: written last, so that it vouches only for whole files. */
const fingerprintSchema = z.strictObject({
  builderVersion: z.literal(BUILDER_VERSION),
  seed: z.number(),
  /** SHA-256 by file name. */
  files: z.record(z.string(), z.string()),
})
type Fingerprint = z.infer<typeof fingerprintSchema>

/**
 * Makes sure that a directory holds the eight variants of the HL paper's Table III as ONNX files, and `catalogue.yaml`, whose
 * path it returns.
 * Whole files of the same seed are kept; missing or damaged ones are built again. A catalogue of the same
 * seed is kept too, with whatever its owner has changed. Several processes may do this at once.
 */
export async function buildModels(
  directory: string,
  { seed = 1, onProgress }: BuildOptions = {},
): Promise<string> {
  makeFolder(directory)
  const fingerprintFile = join(directory, 'fingerprint.json')
  const before = await readFingerprint(fingerprintFile, seed)
  const files: Record<string, string> = {}
  for (const width of WIDTHS) {
    const floatFile = fileName(width, 'FP32')
    const quantisedFile = fileName(width, 'INT8')
    const kept = await wholeFiles(directory, [floatFile, quantisedFile], before)
    if (kept) {
      Object.assign(files, kept)
      continue
    }
    const models = await buildWidth(width, seed)
    for (const [file, model] of [
      [floatFile, models.float],
      [quantisedFile, models.quantised],
    ] as const) {
      await writeFileAtomically(join(directory, file), model)
      files[file] = sha256(model)
      onProgress?.(file)
    }
  }
  const catalogueFile = join(directory, 'catalogue.yaml')
  if (!before || !existsSync(catalogueFile)) {
    await writeCatalogue(catalogueFile, await countVariants(defaultCatalogue(directory)), COMMENT)
  }
  const after: Fingerprint = { builderVersion: BUILDER_VERSION, seed, files }
  if (JSON.stringify(after) !== JSON.stringify(before)) {
    await writeFileAtomically(fingerprintFile, `${JSON.stringify(after, null, 2)}\n`)
  }
  return catalogueFile
}

/** The FP32 and the INT8 model of one width: the same weights. */
async function buildWidth(
  width: number,
  seed: number,
): Promise<{ float: Uint8Array; quantised: Uint8Array }> {
  const random = new Random(seed).fork(`mobilenet ${width}`)
  const { network, ranges } = await calibrate(heWeights(mobileNetLayers(width), random), random)
  return { float: floatModel(network), quantised: quantisedModel(network, ranges) }
}

function defaultCatalogue(directory: string): Catalogue {
  return {
    model: 'mobilenet',
    input: {
      name: INPUT_NAME,
      datatype: 'UINT8',
      shape: [1, 3, IMAGE_SIZE, IMAGE_SIZE],
      mean: 0,
      scale: 1,
    },
    output: { name: OUTPUT_NAME, shape: [1, CLASSES] },
    labels: [],
    cascades: [],
    variants: TABLE_III.map(({ width, name, precision, accuracyPercent }) => ({
      name,
      file: resolve(directory, fileName(width, precision)),
      precision,
      accuracyPercent,
      accuracySource: ACCURACY_SOURCE,
    })),
  }
}

function fileName(width: number, precision: 'FP32' | 'INT8'): string {
  return `mobilenet-${width.toFixed(2)}-${precision.toLowerCase()}.onnx`
}

/** Undefined when there is none, or one of another seed or builder. */
async function readFingerprint(file: string, seed: number): Promise<Fingerprint | undefined> {
  try {
    const fingerprint = fingerprintSchema.parse(JSON.parse(await readTextFile(file)))
    return fingerprint.seed === seed ? fingerprint : undefined
  } catch {
    return undefined
  }
}

/** The hashes of the files when all are as the fingerprint says. */
async function wholeFiles(
  directory: string,
  files: readonly string[],
  fingerprint: Fingerprint | undefined,
): Promise<Record<string, string> | undefined> {
  const hashes: Record<string, string> = {}
  for (const file of files) {
    const expected = fingerprint?.files[file]
    if (expected === undefined || (await hashOf(join(directory, file))) !== expected)
      return undefined
    hashes[file] = expected
  }
  return hashes
}

async function hashOf(file: string): Promise<string | undefined> {
  try {
    return sha256(await readRegularFile(file, MAX_MODEL_BYTES))
  } catch {
    return undefined
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

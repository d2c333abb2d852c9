/**
 * The model catalogue: which variants exist, where their files are and how accurate each is.
 *
 * It is one YAML file. `tierwise models build` writes one for the eight variants of the HL paper's Table III; to serve
 * your own ONNX models, write another and point the configuration at it:
 *
 *     model: flowers                  # what applications call; a decision turns it into a variant
 *     input:
 *       name: pixels                  # as in the ONNX files, the same in all of them
 *       datatype: FP32                # or UINT8 for models that take pixels as they are, a quarter of the bytes
 *       shape: [1, 3, 224, 224]       # batch, channels, height, width
 *       mean: [123.7, 116.3, 103.5]   # a pixel value p (0–255) enters as (p - mean) / scale;
 *       scale: [58.4, 57.1, 57.4]     # one number, or one for each of red, green and blue
 *     output: { name: scores, shape: [1, 102] }
 *     labels: flowers.txt             # optional: one class a line, or a list here
 *     variants:                       # most accurate first, by custom
 *       - name: large
 *         file: flowers-large.onnx    # relative to this file
 *         precision: FP32             # or FP16, INT8: what most weights are stored in
 *         accuracyPercent: 91.25      # counts in hundredths, rounded down; 0 until `tierwise models evaluate` has measured it
 *         accuracySource: own test set, 1020 pictures
 *         megaMacs: 3871.2            # optional: million multiply-accumulates, counted by `tierwise models evaluate`
 *     cascades:                       # optional: small first, large when unsure; measured by `tierwise models evaluate`
 *       - small: tiny
 *         large: large
 *         points: [{ margin: 0.51, escalatedPercent: 15.2, accuracyPercent: 91.1 }]
 */
import { stat } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { Document, isScalar, visit } from 'yaml'
import { z } from 'zod'
import { ConfigError, messageOf } from '../../errors.ts'
import type { Cascade, VariantFacts } from '../../fleet/choice.ts'
import { DATATYPES, type Datatype } from '../../protocol/messages.ts'
import { readText, readYaml } from '../../yaml.ts'
import { writeFileAtomically } from './atomic-file.ts'

/** One model that can serve requests for the logical one. */
export interface Variant extends VariantFacts {
  /** `d0` … `d7` in the default catalogue. */
  readonly name: string
  /** Absolute path of the ONNX file. */
  readonly file: string
  readonly precision: NonNullable<VariantFacts['precision']>
  readonly accuracyPercent: number
  /** Where the figure is from: a paper's table, or a measurement. */
  readonly accuracySource: string
}

/** All variants, which share their inputs and outputs. */
export interface Catalogue {
  /** Name applications call; the decision turns it into a variant. */
  readonly model: string
  readonly variants: readonly Variant[]
  readonly input: {
    readonly name: string
    readonly datatype: Datatype
    /** Batch first: [1, 3, height, width]. */
    readonly shape: readonly number[]
    /** A pixel p in 0–255 enters an FP32 model as (p - mean) / scale: one number, or one each for red, green and blue. UINT8: p itself. */
    readonly mean: number | readonly number[]
    readonly scale: number | readonly number[]
  }
  readonly output: { readonly name: string; readonly shape: readonly number[] }
  /** Class names by index; empty when there are none. */
  readonly labels: readonly string[]
  /** Pairs that are worth escalating between, as `models evaluate` measured them; empty when there are none. */
  readonly cascades: readonly Cascade[]
}

/** Shapes are written on one line, labels one a line. */
const LONGEST_INLINE = 4

/** Names travel in paths and topics. */
const name = z.string().regex(/^[\w.-]+$/, 'expected letters, digits, ".", "_" and "-" only')
const shape = z.array(z.int().positive()).min(1)
const perChannel = (value: z.ZodNumber) => z.union([value, z.array(value).length(3)])

const percent = z.number().min(0).max(100)

const cascade = z.strictObject({
  small: name,
  large: name,
  points: z
    .array(
      z.strictObject({
        margin: z.number().gt(0).max(1),
        escalatedPercent: percent,
        accuracyPercent: percent,
      }),
    )
    .min(1),
})

const schema = z.strictObject({
  model: name,
  input: z
    .strictObject({
      name: z.string().min(1),
      datatype: z.enum(DATATYPES),
      shape,
      mean: perChannel(z.number()).default(0),
      scale: perChannel(z.number().positive()).default(1),
    })
    .refine(({ datatype, mean, scale }) => datatype !== 'UINT8' || (mean === 0 && scale === 1), {
      error: 'a UINT8 model takes pixels as they are: leave mean and scale out',
    }),
  output: z.strictObject({ name: z.string().min(1), shape }),
  labels: z.union([z.string().min(1), z.array(z.string())]).default([]),
  cascades: z.array(cascade).default([]),
  variants: z
    .array(
      z.strictObject({
        name,
        file: z.string().min(1),
        precision: z.enum(['FP32', 'FP16', 'INT8']),
        accuracyPercent: percent,
        accuracySource: z.string().min(1),
        megaMacs: z.number().min(0).exactOptional(),
      }),
    )
    .min(1)
    .superRefine((variants, context) => {
      variants.forEach((variant, index) => {
        if (variants.findIndex((other) => other.name === variant.name) < index) {
          const message = 'expected a name no other variant has'
          context.addIssue({ code: 'custom', message, path: [index, 'name'] })
        }
      })
    }),
})

/**
 * Reads a catalogue file and checks that its model files exist.
 * @throws ConfigError naming file, line and key, or the missing model file and the remedy
 */
export async function loadCatalogue(file: string): Promise<Catalogue> {
  const { labels, variants, ...rest } = await readYaml(file, schema)
  const directory = dirname(file)
  const found: Variant[] = []
  for (const variant of variants) {
    const path = resolve(directory, variant.file)
    found.push({ ...variant, file: path, bytes: await sizeOf(path, variant.name, file) })
  }
  const catalogue: Catalogue = {
    ...rest,
    variants: found,
    labels: typeof labels === 'string' ? await readLabels(resolve(directory, labels)) : labels,
  }
  checkNames(catalogue, file)
  checkLabels(catalogue, file)
  return catalogue
}

/**
 * The part of a catalogue that a node holds.
 * @param names of variants; undefined: all
 * @throws ConfigError for a variant that the catalogue lacks
 */
export function heldPart(catalogue: Catalogue, names: readonly string[] | undefined): Catalogue {
  if (names === undefined) return catalogue
  const all = catalogue.variants.map(({ name }) => name)
  const unknown = names.filter((name) => !all.includes(name))
  if (unknown.length > 0) {
    throw new ConfigError(
      `variants: the catalogue has no ${unknown.join(', ')}: give some of ${all.join(', ')}, or none`,
    )
  }
  return { ...catalogue, variants: catalogue.variants.filter(({ name }) => names.includes(name)) }
}

/** Writes a catalogue file, replacing any other; paths are written relative to it where they can be. */
export async function writeCatalogue(
  file: string,
  { model, input, output, labels, variants, cascades }: Catalogue,
  comment?: string,
): Promise<void> {
  const directory = dirname(resolve(file))
  const document = new Document({
    model,
    input,
    output,
    ...(labels.length > 0 && { labels }),
    variants: variants.map(({ bytes: _, ...variant }) => {
      return { ...variant, file: pathFrom(directory, variant.file) }
    }),
    ...(cascades.length > 0 && { cascades }),
  })
  visit(document, {
    Seq: (_, sequence) => {
      sequence.flow = sequence.items.length <= LONGEST_INLINE && sequence.items.every(isScalar)
    },
  })
  if (comment) document.commentBefore = comment.replace(/^/gm, ' ')
  await writeFileAtomically(file, document.toString({ lineWidth: 0 }))
}

async function readLabels(file: string): Promise<string[]> {
  const text = await readText(file).catch((error: unknown) => {
    throw new ConfigError(`labels: ${messageOf(error)}; list the labels or leave the key out`, {
      cause: error,
    })
  })
  const lines = text.split(/\r?\n/)
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

function checkNames({ model, variants }: Catalogue, file: string): void {
  if (variants.every((variant) => variant.name !== model)) return
  throw new ConfigError(`${file}: the model and a variant are both called "${model}": rename one`)
}

function checkLabels({ labels, output }: Catalogue, file: string): void {
  const classes = output.shape.at(-1)
  if (labels.length === 0 || labels.length === classes) return
  throw new ConfigError(
    `${file}: there are ${labels.length} labels for ${classes} classes (the last dimension of output.shape)`,
  )
}

async function sizeOf(path: string, variantName: string, catalogue: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    const remedy = `run "tierwise models build" for the default models, or correct its file in ${catalogue}`
    throw new ConfigError(`variant ${variantName}: there is no model file ${path}: ${remedy}`, {
      cause: error,
    })
  }
}

function pathFrom(directory: string, file: string): string {
  const path = relative(directory, file)
  return path.startsWith('..') || isAbsolute(path) ? file : path
}

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
 *       shape: [1, 3, 224, 224]       # batch, channels (3, or 1 for grey), height, width; a batch of any size is -1
 *       layout: NCHW                  # optional: NHWC is [1, 224, 224, 3]; without it the shape tells
 *       mean: [123.7, 116.3, 103.5]   # a pixel value p (0–255) enters as (p - mean) / scale;
 *       scale: [58.4, 57.1, 57.4]     # one number, or one for each channel: red, green and blue
 *     output:
 *       name: scores
 *       shape: [1, 102]
 *       kind: logits                  # or probabilities (default), which add up to 1
 *     labels: flowers.txt             # optional: one class a line, or a list here
 *     pictures: test                  # optional: labelled pictures to try it with, as `tierwise models evaluate` takes them
 *     executionProviders: [cuda, cpu] # optional: what ONNX Runtime may run on, the preferred one first; the processor by default
 *     variants:                       # most accurate first, by custom
 *       - name: large
 *         file: flowers-large.onnx    # relative to this file; or { url: http://triton:8000, model: flowers_large, version: "3" }
 *         precision: FP32             # or FP16, INT8: what most weights are stored in
 *         accuracyPercent: 91.25      # counts in hundredths, rounded down; 0 until `tierwise models evaluate` has measured it
 *         accuracySource: own test set, 1020 pictures
 *         accuracyInterval: [89.36, 92.83]   # optional: the 95 % interval, measured by `tierwise models evaluate`
 *         temperature: 1.31           # optional: logits are divided by it, see `confidence.ts`; measured by `models evaluate`
 *         megaMacs: 3871.2            # optional: million multiply-accumulates, counted by `tierwise models evaluate`
 *     cascades:                       # optional: small first, large when unsure; measured by `tierwise models evaluate`
 *       - small: tiny
 *         large: large
 *         points: [{ margin: 0.51, escalatedPercent: 15.2, accuracyPercent: 91.1 }]
 */
import { z } from 'zod'
import type { Cascade, VariantFacts } from '../../fleet/choice.ts'
import { DATATYPES, type Datatype } from '../../protocol/messages.ts'
import type { ModelOnServer } from '../backends/remote/model-server.ts'

/** One model that can serve requests for the logical one. */
export interface Variant extends VariantFacts {
  /** `w025s2`, or `d0` … `d7` of the paper. */
  readonly name: string
  /** Absolute path of the ONNX file, or where another server has the model. */
  readonly file: string | ModelOnServer
  readonly precision: NonNullable<VariantFacts['precision']>
  readonly accuracyPercent: number
  /** Where the figure is from: a paper's table, or a measurement. */
  readonly accuracySource: string
  /** 95 % interval of the measurement, percent: [low, high]. */
  readonly accuracyInterval?: readonly [low: number, high: number]
  /** Of its confidence, see `confidence.ts`; 1 when absent. */
  readonly temperature?: number
}

/** All variants, which share their inputs and outputs. */
export interface Catalogue {
  /** Name applications call; the decision turns it into a variant. */
  readonly model: string
  readonly variants: readonly Variant[]
  readonly input: {
    readonly name: string
    readonly datatype: Datatype
    /** Batch first; see `pictureForm` for pictures. A batch of any size is 1 here. */
    readonly shape: readonly number[]
    /** Absent: as the shape tells. */
    readonly layout?: 'NCHW' | 'NHWC'
    /** A pixel p in 0–255 enters an FP32 model as (p - mean) / scale: one number, or one for each channel. UINT8: p itself. */
    readonly mean: number | readonly number[]
    readonly scale: number | readonly number[]
  }
  readonly output: {
    readonly name: string
    /** Batch first, classes last. */
    readonly shape: readonly number[]
    /** Of its scores; probabilities, which add up to 1, when absent. */
    readonly kind?: 'probabilities' | 'logits'
  }
  /** Class names by index; empty when there are none. */
  readonly labels: readonly string[]
  /** Absolute path of a folder of labelled pictures, see `labelledPictures`: what `tierwise up` sends. */
  readonly pictures?: string
  /** Of ONNX Runtime, the preferred one first; absent: the processor. */
  readonly executionProviders?: readonly string[]
  /** Pairs that are worth escalating between, as `models evaluate` measured them; empty when there are none. */
  readonly cascades: readonly Cascade[]
}

/** Names travel in paths and topics. */
const name = z.string().regex(/^[\w.-]+$/, 'expected letters, digits, ".", "_" and "-" only')
/** The batch may be of any size, which is 1 from here on: a request brings its own. */
const shape = z
  .tuple([z.int().positive().or(z.literal(-1))], z.int().positive())
  .transform(([batch, ...sizes]): readonly number[] => [batch === -1 ? 1 : batch, ...sizes])
const perChannel = (value: z.ZodNumber) =>
  z.union([value, z.array(value).length(3), z.array(value).length(1)])

/** Of another server. A password in it would be a secret in a file. */
export const serverUrl = z
  .url({
    protocol: /^(https?|grpcs?)$/,
    hostname: /^([\w.-]+|\[[\da-f:.]+\])$/i,
    error: 'expected the URL of a server: http://, https://, grpc:// or grpcs://',
  })
  .refine((url) => !url.includes('@'), {
    error: 'expected no user and password: keep a token in the environment, and name its variable',
  })
/** Of the environment. */
export const variableName = z
  .string()
  .regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable')
const onServer = z.strictObject({
  url: serverUrl,
  model: z.string().min(1),
  version: z
    .union([z.string().min(1), z.int().min(0)])
    .transform(String)
    .exactOptional(),
  tokenFrom: variableName.exactOptional(),
  ca: z.string().min(1).exactOptional(),
})

/** By ONNX Runtime's names, such as `cuda` and `cpu`. What the machine has is known when it starts. */
export const executionProviders = z
  .array(z.string().regex(/^[a-z]+$/, 'expected names such as cuda, tensorrt, webgpu or cpu'))
  .min(1)

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

/** Of a catalogue file. */
export const catalogueSchema = z.strictObject({
  model: name,
  input: z
    .strictObject({
      name: z.string().min(1),
      datatype: z.enum(DATATYPES),
      shape,
      layout: z.enum(['NCHW', 'NHWC']).exactOptional(),
      mean: perChannel(z.number()).default(0),
      scale: perChannel(z.number().positive()).default(1),
    })
    .refine(({ datatype, mean, scale }) => datatype !== 'UINT8' || (mean === 0 && scale === 1), {
      error: 'a UINT8 model takes pixels as they are: leave mean and scale out',
    }),
  output: z.strictObject({
    name: z.string().min(1),
    shape,
    kind: z.enum(['probabilities', 'logits']).exactOptional(),
  }),
  labels: z.union([z.string().min(1), z.array(z.string())]).default([]),
  pictures: z.string().min(1).exactOptional(),
  executionProviders: executionProviders.exactOptional(),
  cascades: z.array(cascade).default([]),
  variants: z
    .array(
      z.strictObject({
        name,
        file: z.union([z.string().min(1), onServer]),
        precision: z.enum(['FP32', 'FP16', 'INT8']),
        accuracyPercent: percent,
        accuracySource: z.string().min(1),
        accuracyInterval: z.tuple([percent, percent]).exactOptional(),
        megaMacs: z.number().min(0).exactOptional(),
        temperature: z.number().positive().exactOptional(),
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

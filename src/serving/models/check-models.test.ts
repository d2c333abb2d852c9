import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { examineCatalogue, loadCatalogue } from './catalogue.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tierwise-check-'))
  await cp(fileURLToPath(new URL('./fixtures/', import.meta.url)), folder, { recursive: true })
  await writeFile(join(folder, 'text.onnx'), 'import numpy\n'.repeat(50))
})
afterAll(() => rm(folder, { recursive: true }))

interface Said {
  readonly input?: string
  readonly output?: string
  readonly variants?: readonly string[]
  readonly rest?: string
}

/** A catalogue of `dyn.onnx`, with what is said otherwise. */
async function catalogueFile({
  input = 'name: x, datatype: FP32, shape: [1, 3, 8, 8]',
  output = 'name: y, shape: [1, 4]',
  variants = ['file: dyn.onnx, precision: FP32'],
  rest = '',
}: Said): Promise<string> {
  const file = join(folder, 'cat.yaml')
  const lines = variants.map(
    (text, index) => `  - { name: v${index}, ${text}, accuracyPercent: 90, accuracySource: test }`,
  )
  await writeFile(
    file,
    ['model: m', `input: { ${input} }`, `output: { ${output} }`, 'variants:', ...lines, rest].join(
      '\n',
    ),
  )
  return file
}

const float = (file: string) => `file: ${file}.onnx, precision: FP32`

it.each<[string, Said, RegExp]>([
  [
    'an input name',
    { input: 'name: pixels, datatype: FP32, shape: [1, 3, 8, 8]' },
    /cat\.yaml:2: input\.name is "pixels": variant v0 has "x" \(.*dyn\.onnx\)/,
  ],
  [
    'a datatype',
    { input: 'name: x, datatype: UINT8, shape: [1, 3, 8, 8]' },
    /:2: input\.datatype is UINT8: variant v0 has FP32/,
  ],
  [
    'an input shape',
    { input: 'name: x, datatype: FP32, shape: [1, 3, 224, 224]' },
    /:2: input\.shape is \[1, 3, 224, 224\]: variant v0 has \[-1, 3, 8, 8\]/,
  ],
  ['a rank', { input: 'name: x, datatype: FP32, shape: [1, 3, 8]' }, /input\.shape is \[1, 3, 8\]/],
  [
    'an output name',
    { output: 'name: probs, shape: [1, 4]' },
    /:3: output\.name is "probs": variant v0 has "y"/,
  ],
  [
    'a number of classes',
    { output: 'name: y, shape: [1, 1000]' },
    /:3: output\.shape is \[1, 1000\]: variant v0 has \[-1, 4\]/,
  ],
  ['a number of labels', { rest: 'labels: [a, b, c]' }, /:6: there are 3 labels for 4 classes/],
  [
    'INT8 for floats',
    { variants: ['file: dyn.onnx, precision: INT8'] },
    /:5: variants\[0\]\.precision is INT8: most weights of variant v0 are FP32/,
  ],
  [
    'a batch of one',
    {
      input: 'name: x, datatype: FP32, shape: [8, 3, 8, 8]',
      output: 'name: y, shape: [8, 4]',
      variants: [float('fixed1')],
    },
    /input\.shape is \[8, 3, 8, 8\]: variant v0 has \[1, 3, 8, 8\]/,
  ],
  [
    'a second batch',
    { variants: [float('dyn'), float('fixed1')] },
    /:6: variants\[1\]\.file: variant v1 has the inputs "x" FP32 \[1, 3, 8, 8\]; v0 has "x" FP32 \[-1, 3, 8, 8\]/,
  ],
  [
    'other inputs',
    { variants: [float('dyn'), float('two_in')] },
    /:2: input\.name is "x": variant v1 has "a", "b"/,
  ],
  [
    'other outputs',
    { variants: [float('dyn'), float('two_out')] },
    /variant v1 has the outputs "label" INT64 \[-1\], "y" FP32/,
  ],
  [
    'text',
    {
      input: 'name: s, datatype: BYTES, shape: [3]',
      output: 'name: o, shape: [3]',
      variants: [float('str_in')],
    },
    /variant v0: "s" of .*str_in\.onnx is no tensor of numbers/,
  ],
  [
    'what is no model',
    { variants: [float('text')] },
    /:5: variant v0: .*text\.onnx cannot be used: it is no ONNX model/,
  ],
  [
    'no file',
    { variants: [float('dyn'), float('none')] },
    /:6: variant v1: there is no model file .*none\.onnx/,
  ],
  [
    'a layout that the shape denies',
    { input: 'name: x, datatype: FP32, shape: [1, 3, 8, 8], layout: NHWC' },
    /:2: the model's input is FP32 \[1, 3, 8, 8\] NHWC: pictures need/,
  ],
  [
    'a cascade of a variant that is not there',
    {
      rest: 'cascades: [{ small: v9, large: v0, points: [{ margin: 0.5, escalatedPercent: 9, accuracyPercent: 90 }] }]',
    },
    /:6: cascades\[0\]\.small is "v9": the variants are v0/,
  ],
])('refuses %s that the model files deny', async (_, said, message) => {
  const loading = loadCatalogue(await catalogueFile(said))
  await expect(loading).rejects.toThrow(ConfigError)
  await expect(loading).rejects.toThrow(message)
})

it.each<[string, Said]>([
  [
    'a batch of any size',
    { input: 'name: x, datatype: FP32, shape: [-1, 3, 8, 8]', output: 'name: y, shape: [-1, 4]' },
  ],
  [
    'one size of the many that the model takes',
    { input: 'name: x, datatype: FP32, shape: [1, 3, 16, 24]', variants: [float('dynhw')] },
  ],
  [
    'FP16',
    {
      input: 'name: x, datatype: FP16, shape: [1, 3, 8, 8]',
      variants: ['file: fp16.onnx, precision: FP16'],
    },
  ],
  ['one of two outputs', { variants: [float('two_out')] }],
  [
    'channels last',
    { input: 'name: x, datatype: UINT8, shape: [1, 8, 8, 3]', variants: [float('nhwc')] },
  ],
])('takes %s', async (_, said) => {
  const { faults, warnings } = await examineCatalogue(await catalogueFile(said))
  expect({ faults, warnings }).toEqual({ faults: [], warnings: [] })
})

it('makes a batch of any size one of 1, for whoever prepares pictures', async () => {
  const input = 'name: x, datatype: FP32, shape: [-1, 3, 8, 8]'
  expect((await loadCatalogue(await catalogueFile({ input }))).input.shape).toEqual([1, 3, 8, 8])
})

it('tells all faults at once, and warns of what misleads nobody much', async () => {
  const file = await catalogueFile({
    output: 'name: probs, shape: [1, 4]',
    variants: ['file: dyn.onnx, precision: FP16', 'file: dyn.onnx, precision: INT8'],
    rest: 'labels: [a]',
  })
  const { faults, warnings } = await examineCatalogue(file)
  expect(faults).toHaveLength(4)
  expect(warnings).toEqual([expect.stringContaining('variants[0].precision is FP16')])
})

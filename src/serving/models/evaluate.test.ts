import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { GraphBuilder } from '../../onnx/graph-builder.ts'
import { type Catalogue, loadCatalogue, type Variant } from './catalogue.ts'
import { type Evaluation, evaluateCatalogue, rankOf, recordEvaluation } from './evaluate.ts'
import type { PictureValues } from './picture.ts'

const COLOURS = ['red', 'green', 'blue'] as const
let directory: string
let catalogueFile: string
let catalogue: Catalogue

/** Scores [1, 3]: the mean of each channel times its gain, so that the strongest colour wins. */
function colourModel(gains: readonly number[]): Uint8Array {
  const graph = new GraphBuilder('colours')
  const means = graph.node('ReduceMean', [graph.input('pixels', 'float32', [1, 3, 4, 4])], {
    axes: [2, 3],
    keepdims: 0,
  })
  graph.node(
    'Mul',
    [means, graph.constant([3], Float32Array.from(gains))],
    {},
    { output: 'scores' },
  )
  graph.output('scores', 'float32', [1, 3])
  return graph.model()
}

async function infer(variant: Variant, values: PictureValues): Promise<Float32Array> {
  const input = Float32Array.from(values)
  const session = await InferenceSession.create(variant.file)
  const { scores } = await session.run({ pixels: new Tensor('float32', input, [1, 3, 4, 4]) })
  await session.release()
  return scores?.data as Float32Array
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tierwise-evaluate-'))
  await writeFile(join(directory, 'exact.onnx'), colourModel([1, 1, 1]))
  await writeFile(join(directory, 'reddish.onnx'), colourModel([9, 1, 1]))
  catalogueFile = join(directory, 'colours.yaml')
  await writeFile(
    catalogueFile,
    `# Colours, our own.
model: colours
input: { name: pixels, datatype: FP32, shape: [1, 3, 4, 4], scale: 255 }
output: { name: scores, shape: [1, 3] }
labels: [red, green, blue]
variants:
  - name: exact # the good one
    file: exact.onnx
    precision: FP32
    accuracyPercent: 0
    accuracySource: not measured yet
  - { name: reddish, file: reddish.onnx, precision: FP32, accuracyPercent: 0, accuracySource: not measured yet }
`,
  )
  catalogue = await loadCatalogue(catalogueFile)
  for (const [index, colour] of COLOURS.entries()) {
    const folder = join(directory, 'pictures', colour === 'blue' ? String(index) : colour)
    await mkdir(folder, { recursive: true })
    const channel = (other: number) => (other === index ? 200 : 40)
    const background = { r: channel(0), g: channel(1), b: channel(2) }
    const picture = sharp({ create: { width: 8, height: 6, channels: 3, background } })
    await picture.png().toFile(join(folder, 'one.png'))
    await picture.jpeg().toFile(join(folder, 'two.jpg'))
  }
  await writeFile(join(directory, 'pictures', 'red', 'notes.txt'), 'no picture')
  await writeFile(join(directory, 'pictures', 'red', '.hidden'), 'no picture')
  await writeFile(join(directory, 'pictures', 'README'), 'beside the classes')
})

afterAll(() => rm(directory, { recursive: true }))

describe('evaluateCatalogue', () => {
  it('measures own ONNX files on folders named by label and by index, counting unreadable files', async () => {
    const progress: string[] = []
    const evaluation = await evaluateCatalogue(catalogue, join(directory, 'pictures'), {
      infer,
      onProgress: (done, total) => progress.push(`${done}/${total}`),
    })
    // `reddish` calls green and blue red too: 40 · 9 > 200, so two of six are right
    expect(evaluation).toEqual({
      variants: [
        { variant: 'exact', precision: 'FP32', top1Percent: 100, top5Percent: 100 },
        { variant: 'reddish', precision: 'FP32', top1Percent: 200 / 6, top5Percent: 100 },
      ],
      pictures: 6,
      unreadable: 1,
    })
    expect(progress).toEqual(['1/7', '2/7', '3/7', '4/7', '5/7', '6/7', '7/7'])
  })

  it('lets a failing model through', async () => {
    const failing = evaluateCatalogue(catalogue, join(directory, 'pictures'), {
      infer: () => Promise.reject(new Error('out of memory')),
    })
    await expect(failing).rejects.toThrow('out of memory')
  })

  it.each([
    ['a folder that does not exist', 'nowhere', undefined, /cannot read .*nowhere/],
    ['a folder without pictures', 'empty', undefined, /holds no readable picture/],
    [
      'an unknown class',
      'named',
      'purple',
      /named\/purple is no class of the model: name it 0 to 2, or by a label/,
    ],
    ['an index that is no class', 'numbered', '3', /numbered\/3 is no class of the model/],
  ])('refuses %s', async (_, folder, className, message) => {
    const path = join(directory, folder)
    if (folder !== 'nowhere') await mkdir(join(path, className ?? ''), { recursive: true })
    const evaluating = evaluateCatalogue(catalogue, path, { infer })
    await expect(evaluating).rejects.toThrow(ConfigError)
    await expect(evaluating).rejects.toThrow(message)
  })
})

describe('recordEvaluation', () => {
  const evaluation: Evaluation = {
    variants: [
      { variant: 'exact', precision: 'FP32', top1Percent: 100, top5Percent: 100 },
      {
        variant: 'reddish',
        precision: 'FP16',
        megaMacs: 7.5,
        top1Percent: 200 / 6,
        top5Percent: 62.5,
      },
    ],
    pictures: 6,
    unreadable: 1,
  }

  it('writes the chosen metric and its source, and keeps everything else', async () => {
    const before = await readFile(catalogueFile, 'utf8')
    const measurement = { metric: 'top-1', source: 'pictures', date: '2026-01-31' } as const
    await recordEvaluation(catalogueFile, evaluation, measurement)

    const source = 'measured 2026-01-31: top-1 on 6 pictures of pictures'
    const recorded = await loadCatalogue(catalogueFile)
    expect(recorded.variants.map((variant) => variant.accuracyPercent)).toEqual([100, 33.33])
    expect(recorded.variants.map((variant) => variant.accuracySource)).toEqual([source, source])
    const text = await readFile(catalogueFile, 'utf8')
    expect(text).toContain('# Colours, our own.\n')
    expect(text).toContain('- name: exact # the good one\n')
    expect(recorded.variants.map(({ precision, megaMacs }) => [precision, megaMacs])).toEqual([
      ['FP32', undefined],
      ['FP16', 7.5],
    ])
    expect(text.split('\n')).toHaveLength(before.split('\n').length)

    await recordEvaluation(catalogueFile, evaluation, { ...measurement, metric: 'top-5' })
    expect((await loadCatalogue(catalogueFile)).variants[1]?.accuracyPercent).toBe(62.5)
  })

  it('refuses a catalogue without the variant, or without sense, and leaves it alone', async () => {
    const measurement = { metric: 'top-5', source: 'pictures', date: '2026-01-31' } as const
    const other = join(directory, 'other.yaml')
    for (const text of ['variants:\n  - name: exact\n', 'variants: 3\n', 'variants: [\n']) {
      await writeFile(other, text)
      await expect(recordEvaluation(other, evaluation, measurement)).rejects.toThrow(ConfigError)
      expect(await readFile(other, 'utf8')).toBe(text)
    }
  })
})

describe('rankOf', () => {
  it('counts the classes that score higher, and ties against the model', () => {
    expect(rankOf(1, [0.1, 0.7, 0.2])).toBe(0)
    expect(rankOf(0, [0.1, 0.7, 0.2])).toBe(2)
    expect(rankOf(2, [0.5, 0.5, 0.5])).toBe(2)
  })

  it('gives no credit for scores that are not numbers, or missing', () => {
    expect(rankOf(0, [Number.NaN, Number.NaN, Number.NaN])).toBe(2)
    expect(rankOf(0, [0.5, Number.NaN, 0.1])).toBe(1)
    expect(rankOf(7, [0.5, 0.2])).toBe(2)
  })
})

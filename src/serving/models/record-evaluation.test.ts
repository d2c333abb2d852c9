import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { loadCatalogue } from './catalogue.ts'
import { classifierModel } from './classifier.fixture.ts'
import type { Evaluation } from './evaluate.ts'
import { recordEvaluation } from './record-evaluation.ts'

let directory: string
let file: string

const text = `# Colours, our own.
model: colours
input: { name: pixels, datatype: FP32, shape: [1, 3, 8, 8] }
output: { name: scores, shape: [1, 3] }
variants:
  - name: exact # the good one
    file: exact.onnx
    precision: FP32
    accuracyPercent: 0
    accuracySource: not measured yet
  - { name: small, file: exact.onnx, precision: FP32, accuracyPercent: 0, accuracySource: not measured yet }
`

const evaluation: Evaluation = {
  metric: 'top-1',
  variants: [
    {
      variant: 'exact',
      precision: 'FP32',
      megaMacs: 7.5,
      top1Percent: 100,
      top5Percent: 100,
      interval: [99.117, 100],
      temperature: 1.234,
    },
    {
      variant: 'small',
      precision: 'FP32',
      top1Percent: 200 / 6,
      top5Percent: 62.5,
      interval: [30.019, 36.111],
    },
  ],
  cascades: [
    {
      small: 'small',
      large: 'exact',
      points: [
        { margin: 0.25, escalatedPercent: 5.1, accuracyPercent: 60 },
        { margin: 0.5, escalatedPercent: 9.9, accuracyPercent: 80.25 },
      ],
    },
  ],
  pictures: 600,
  classes: 3,
  heldOutPictures: 300,
  unreadable: [],
}
const measurement = { source: 'pictures', date: '2026-01-31' }

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tierwise-record-'))
  await writeFile(join(directory, 'exact.onnx'), classifierModel())
  file = join(directory, 'colours.yaml')
})
beforeEach(() => writeFile(file, text))
afterAll(() => rm(directory, { recursive: true }))

it('writes accuracies, intervals, temperatures and cascades, and keeps everything else', async () => {
  await recordEvaluation(file, evaluation, measurement)
  const { variants, cascades } = await loadCatalogue(file)
  const accuracySource = 'measured 2026-01-31: top-1 on 600 pictures of pictures'
  expect(variants).toMatchObject([
    {
      accuracyPercent: 100,
      accuracyInterval: [99.11, 100],
      temperature: 1.234,
      megaMacs: 7.5,
      accuracySource,
    },
    { accuracyPercent: 33.33, accuracyInterval: [30.01, 36.12], accuracySource },
  ])
  expect(variants[1]).not.toHaveProperty('temperature')
  expect(cascades).toEqual(evaluation.cascades)
  const written = await readFile(file, 'utf8')
  expect(written).toContain('# Colours, our own.\n')
  expect(written).toContain('- name: exact # the good one\n')
  expect(written).toContain('- { margin: 0.25, escalatedPercent: 5.1, accuracyPercent: 60 }\n')
})

it('takes the metric that was asked for, and takes cascades of other pictures away', async () => {
  await recordEvaluation(file, evaluation, measurement)
  const again: Evaluation = { ...evaluation, metric: 'top-5', cascades: undefined }
  await recordEvaluation(file, again, measurement)
  const { variants, cascades } = await loadCatalogue(file)
  expect(variants[1]?.accuracyPercent).toBe(62.5)
  expect(cascades).toEqual([])
})

it('changes nothing when it says the same again', async () => {
  await recordEvaluation(file, evaluation, measurement)
  const once = await readFile(file, 'utf8')
  await recordEvaluation(file, evaluation, measurement)
  expect(await readFile(file, 'utf8')).toBe(once)
})

it('refuses a catalogue without the variant, or without sense, and leaves it alone', async () => {
  for (const other of ['variants:\n  - name: exact\n', 'variants: 3\n', 'variants: [\n']) {
    await writeFile(file, other)
    await expect(recordEvaluation(file, evaluation, measurement)).rejects.toThrow(ConfigError)
    expect(await readFile(file, 'utf8')).toBe(other)
  }
})

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { fileOf, loadCatalogue, writeCatalogue } from './catalogue.ts'
import { classifierModel } from './classifier.fixture.ts'

let directory: string
let file: string

const flowers = `
model: flowers
input:
  name: pixels
  datatype: FP32
  shape: [1, 3, 8, 8]
  mean: [120, 110, 100]
  scale: 58.5
output: { name: scores, shape: [1, 3] }
labels: [rose, tulip, daisy]
variants:
  - name: large
    file: models/large.onnx # beside this file
    precision: FP32
    accuracyPercent: 91.2
    accuracySource: own test set
  - name: small
    file: models/small.onnx
    precision: INT8
    accuracyPercent: 0
    accuracySource: not measured yet
`

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tierwise-catalogue-'))
  file = join(directory, 'flowers.yaml')
  await mkdir(join(directory, 'models'))
  await writeFile(join(directory, 'blank.txt'), '\n\n')
  await writeFile(join(directory, 'models/large.onnx'), classifierModel())
  await writeFile(join(directory, 'models/small.onnx'), classifierModel({ precision: 'INT8' }))
})

afterAll(() => rm(directory, { recursive: true }))
beforeEach(() => writeFile(file, flowers))

/** Loads the catalogue after a change to its text. */
async function loadChanged(from: string, to: string) {
  expect(flowers).toContain(from)
  await writeFile(file, flowers.replace(from, to))
  return loadCatalogue(file)
}

describe('loadCatalogue', () => {
  it('reads a catalogue, with model files beside it', async () => {
    const catalogue = await loadCatalogue(file)
    expect(catalogue.model).toBe('flowers')
    expect(catalogue.input.mean).toEqual([120, 110, 100])
    expect(catalogue.labels).toEqual(['rose', 'tulip', 'daisy'])
    expect(catalogue.variants.map((variant) => variant.file)).toEqual([
      join(directory, 'models/large.onnx'),
      join(directory, 'models/small.onnx'),
    ])
  })

  it('reads labels from a file, and takes empty lines at its end for none', async () => {
    await writeFile(join(directory, 'labels.txt'), 'rose\r\ntulip\r\ndaisy\r\n\r\n\n')
    const { labels } = await loadChanged('[rose, tulip, daisy]', 'labels.txt')
    expect(labels).toEqual(['rose', 'tulip', 'daisy'])
  })

  it('knows the size of every file, and what was counted of it', async () => {
    const { variants } = await loadChanged('precision: INT8', 'precision: INT8\n    megaMacs: 41.5')
    const bytes = (options: Parameters<typeof classifierModel>[0]) =>
      classifierModel(options).length
    expect(variants).toMatchObject([
      { bytes: bytes({}) },
      { bytes: bytes({ precision: 'INT8' }), megaMacs: 41.5, precision: 'INT8' },
    ])
    expect(variants[0]).not.toHaveProperty('megaMacs')
  })

  it('takes pixels as they are when mean and scale are absent, and no labels', async () => {
    const shortened = flowers.replace(/ {2}mean.*\n {2}scale.*\n/, '').replace(/labels.*\n/, '')
    await writeFile(file, shortened)
    const catalogue = await loadCatalogue(file)
    expect(catalogue.input).toMatchObject({ mean: 0, scale: 1 })
    expect(catalogue.labels).toEqual([])
  })

  it('reads labels from a file, one a line', async () => {
    await writeFile(join(directory, 'labels.txt'), 'rose\r\ntulip\ndaisy\n')
    const catalogue = await loadChanged('[rose, tulip, daisy]', 'labels.txt')
    expect(catalogue.labels).toEqual(['rose', 'tulip', 'daisy'])
  })

  it('knows layout, kind of output, temperature and interval', async () => {
    const text = flowers
      .replace('shape: [1, 3, 8, 8]', 'shape: [1, 3, 8, 8]\n  layout: NCHW')
      .replace('shape: [1, 3] }', 'shape: [1, 3], kind: logits }')
      .replace(
        'Percent: 91.2',
        'Percent: 91.2\n    accuracyInterval: [90.1, 92.3]\n    temperature: 1.5',
      )
    await writeFile(file, text)
    const { input, output, variants } = await loadCatalogue(file)
    expect([input.layout, output.kind]).toEqual(['NCHW', 'logits'])
    expect(variants[0]).toMatchObject({ accuracyInterval: [90.1, 92.3], temperature: 1.5 })
  })
})

const onServer = (more = '') => `file: { url: "http://triton:8000", model: flowers_large${more} }`

describe('a variant that another server has', () => {
  it('has no file to be held against the catalogue', async () => {
    const more = ', version: 3, tokenFrom: TRITON_TOKEN, ca: triton.pem'
    const { variants } = await loadChanged('file: models/large.onnx', onServer(more))
    const ca = join(directory, 'triton.pem')
    const place = { url: 'http://triton:8000', model: 'flowers_large', version: '3' }
    expect(variants[0]?.file).toEqual({ ...place, tokenFrom: 'TRITON_TOKEN', ca })
    expect(variants[0]).not.toHaveProperty('bytes')
  })

  it('is written as it was read', async () => {
    const catalogue = await loadChanged('file: models/large.onnx', onServer(', ca: triton.pem'))
    await writeCatalogue(file, catalogue)
    expect(await readFile(file, 'utf8')).toContain('ca: triton.pem\n')
    expect(await loadCatalogue(file)).toEqual(catalogue)
  })

  it('is every one where the node serves from a server, by the model that the catalogue names', async () => {
    const more = ', version: 3, tokenFrom: TRITON_TOKEN'
    await writeFile(file, flowers.replace('file: models/large.onnx', onServer(more)))
    const url = 'grpcs://kserve:8001'
    const placesAt = async (options: object) =>
      (await loadCatalogue(file, { serveFrom: url, ...options })).variants.map(({ file }) => file)
    const large = { url, model: 'flowers_large', version: '3' }
    const small = { url, model: 'small' }
    expect(await placesAt({})).toEqual([large, small])
    const own = { tokenFrom: 'KSERVE_TOKEN', ca: '/kserve.pem' }
    const given = { serverTokenFrom: 'KSERVE_TOKEN', serverCa: '/kserve.pem' }
    expect(await placesAt(given)).toEqual([
      { ...large, ...own },
      { ...small, ...own },
    ])
  })

  it('has no file for commands that need one', async () => {
    const { variants } = await loadChanged('file: models/large.onnx', onServer())
    const [large, small] = variants.map((variant) => () => fileOf(variant))
    expect(large).toThrow(/variant large is served by http:\/\/triton:8000/)
    expect(small?.()).toBe(join(directory, 'models/small.onnx'))
  })
})

describe('loadCatalogue, refusing', () => {
  it.each([
    [
      'file: models/large.onnx # beside this file',
      'file: { url: "ftp://triton", model: a }',
      /:13: variants\[0\]\.file\.url is "ftp:.*http:\/\/, https:\/\/, grpc:\/\/ or grpcs:/,
    ],
    ['file: models/large.onnx', 'file: { url: "http://triton" }', /file\.model is missing/],
    [
      'file: models/large.onnx',
      'file: { url: "http://me:secret@triton", model: a }',
      /file\.url is "http:\/\/\*\*\*@triton": expected no user and password/,
    ],
    ['file: models/large.onnx', onServer(', token: abc'), /file\.token is not a known key/],
    ['file: models/large.onnx', onServer(', tokenFrom: "a b"'), /name of an environment variable/],
    [
      'accuracyPercent: 91.2',
      'accuracyPercent: 912',
      /flowers\.yaml:15: variants\[0\]\.accuracyPercent is 912: expected number to be <=100/,
    ],
    ['precision: INT8', 'megaMacs: -1', /variants\[1\]\.megaMacs is -1/],
    ['accuracyPercent: 91.2', 'accuracyPercent: -1', /:15: .*accuracyPercent is -1/],
    [
      'precision: INT8',
      'precision: INT4',
      /:19: variants\[1\]\.precision is "INT4": expected FP32 or FP16 or INT8/,
    ],
    [
      'name: small',
      'name: large',
      /:17: variants\[1\]\.name is "large": expected a name no other variant has/,
    ],
    ['name: small', 'name: very small', /:17: .*expected letters, digits/],
    [
      'name: small',
      'title: small',
      /variants\[1\]\.title is not a known key: allowed are name, file, precision/,
    ],
    ['accuracyPercent: 91.2', 'accuracyPercent: 101', /accuracyPercent is 101: expected/],
    ['datatype: FP32', 'datatype: UINT8', /takes pixels as they are: leave mean and scale out/],
    ['datatype: FP32', 'datatype: FLOAT', /:5: input\.datatype is "FLOAT": expected BOOL or /],
    ['scale: 58.5', 'scale: 0', /:8: input\.scale is 0/],
    ['[120, 110, 100]', '[120, 110]', /:7: input\.mean is \[120,110\]/],
    ['[rose, tulip, daisy]', '[rose]', /there are 1 labels for 3 classes/],
    ['[rose, tulip, daisy]', 'none.txt', /cannot read .*none\.txt/],
    ['[rose, tulip, daisy]', 'blank.txt', /labels: .*blank\.txt is empty/],
    ['model: flowers', 'model: small', /the model and a variant are both called "small"/],
  ])('refuses %s → %s', async (from, to, message) => {
    const loading = loadChanged(from, to)
    await expect(loading).rejects.toThrow(ConfigError)
    await expect(loading).rejects.toThrow(message)
  })

  it('names a missing model file and the remedy', async () => {
    await expect(loadChanged('small.onnx', 'tiny.onnx')).rejects.toThrow(
      /:18: variant small: there is no model file \/.*models\/tiny\.onnx: correct its file/,
    )
  })
})

describe('writeCatalogue', () => {
  it('writes what loadCatalogue reads, with relative paths and a comment', async () => {
    const catalogue = await loadCatalogue(file)
    await writeCatalogue(file, catalogue, 'Flowers.\nOurs.')
    const text = await readFile(file, 'utf8')
    expect(text).toMatch(/^# Flowers\.\n# Ours\.\n/)
    expect(text).toContain('file: models/large.onnx\n')
    expect(text).toContain('shape: [ 1, 3, 8, 8 ]')
    expect(await loadCatalogue(file)).toEqual(catalogue)
  })

  it('keeps absolute paths of files elsewhere', async () => {
    const catalogue = await loadCatalogue(file)
    const elsewhere = join(directory, 'models', 'copy.yaml')
    const [large, small] = catalogue.variants
    if (large === undefined || small === undefined) throw new Error('two variants are expected')
    const other = join(directory, 'small.onnx')
    await writeFile(other, classifierModel({ precision: 'INT8' }))
    await writeCatalogue(elsewhere, { ...catalogue, variants: [large, { ...small, file: other }] })
    expect(await readFile(elsewhere, 'utf8')).toContain(`file: ${other}\n`)
    expect((await loadCatalogue(elsewhere)).variants.map((variant) => variant.file)).toEqual([
      large.file,
      other,
    ])
  })
})

import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { packageFile } from '../../package-files.ts'
import { buildModels } from './build-models.ts'
import { fileOf, loadCatalogue } from './catalogue.ts'
import { decodePicture } from './picture.ts'

let directory: string
let catalogueFile: string
const firstBuild: string[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tierwise-models-'))
  const modelDirectory = join(directory, 'models') // made by the build
  catalogueFile = await buildModels(modelDirectory, { onProgress: (file) => firstBuild.push(file) })
})

afterAll(() => rm(directory, { recursive: true }))

const path = (file: string) => join(directory, 'models', file)

/** Runs the build and returns the files it built. */
async function rebuilt(seed?: number): Promise<string[]> {
  const built: string[] = []
  await buildModels(join(directory, 'models'), {
    ...(seed !== undefined && { seed }),
    onProgress: (file) => built.push(file),
  })
  return built
}

it('builds the eight variants of Table III and nothing else', async () => {
  expect(firstBuild).toHaveLength(8)
  const files = await readdir(join(directory, 'models'))
  expect(files.sort()).toEqual([...firstBuild, 'catalogue.yaml', 'fingerprint.json'].sort())

  const { model, variants, input, output } = await loadCatalogue(catalogueFile)
  expect(model).toBe('mobilenet')
  expect(
    variants.map(
      ({ name, precision, accuracyPercent }) => `${name} ${precision} ${accuracyPercent}`,
    ),
  ).toEqual([
    'd0 FP32 89.9',
    'd1 FP32 88.2',
    'd2 FP32 84.9',
    'd3 FP32 74.2',
    'd4 INT8 88.9',
    'd5 INT8 87',
    'd6 INT8 83.2',
    'd7 INT8 72.8',
  ])
  // Howard et al. 2017, Table 6: 569, 325, 149 and 41 million multiply-accumulates.
  const counted = variants.map(({ megaMacs = 0 }) => Math.round(megaMacs))
  expect(counted).toEqual([569, 325, 149, 41, 569, 325, 149, 41])
  expect(input).toMatchObject({ name: 'input', shape: [1, 3, 224, 224] })
  expect(output).toEqual({ name: 'probabilities', shape: [1, 1000] })
  expect(variants[0]?.accuracySource).toContain('seeded, not trained')
})

it('builds models that answer a picture with probabilities', async () => {
  const { variants, input } = await loadCatalogue(catalogueFile)
  const cat = packageFile('pictures/cat.jpg')
  const decoded = Uint8Array.from(await decodePicture(cat, input))
  const pixels = new Tensor('uint8', decoded, [1, 3, 224, 224])
  const sizes: number[] = []
  for (const file of variants.map(fileOf)) {
    const session = await InferenceSession.create(file, { intraOpNumThreads: 1 })
    const { probabilities } = await session.run({ input: pixels })
    await session.release()
    const values = Array.from(probabilities?.data as Float32Array)
    expect(values).toHaveLength(1000)
    expect(values.reduce((sum, value) => sum + value)).toBeCloseTo(1, 4)
    expect(new Set(values).size).toBeGreaterThan(50)
    sizes.push((await stat(file)).size)
  }
  // A weight takes four bytes in FP32 and one in INT8.
  for (let width = 0; width < 4; width++) {
    expect((sizes[width] ?? 0) / (sizes[width + 4] ?? 1)).toBeGreaterThan(3.7)
  }
})

it('builds nothing twice, and keeps what the owner changed in the catalogue', async () => {
  const text = `${await readFile(catalogueFile, 'utf8')}# mine\n`
  await writeFile(catalogueFile, text)
  const before = await stat(path('mobilenet-1.00-fp32.onnx'))
  expect(await rebuilt()).toEqual([])
  expect((await stat(path('mobilenet-1.00-fp32.onnx'))).mtimeMs).toBe(before.mtimeMs)
  expect(await readFile(catalogueFile, 'utf8')).toBe(text)
})

it('builds damaged and missing files again, to the same bytes', async () => {
  const float = path('mobilenet-0.25-fp32.onnx')
  const quantised = path('mobilenet-0.25-int8.onnx')
  const whole = Buffer.concat([await readFile(float), await readFile(quantised)])
  const width = ['mobilenet-0.25-fp32.onnx', 'mobilenet-0.25-int8.onnx']

  await truncate(float, 1000)
  await rm(quantised)
  expect(await rebuilt()).toEqual(width)
  expect(Buffer.concat([await readFile(float), await readFile(quantised)]).equals(whole)).toBe(true)

  const flipped = await readFile(float)
  flipped[flipped.length >> 1] = ~(flipped[flipped.length >> 1] ?? 0)
  await writeFile(float, flipped)
  expect(await rebuilt()).toEqual(width)
  expect(Buffer.concat([await readFile(float), await readFile(quantised)]).equals(whole)).toBe(true)
})

it('writes a missing catalogue again without building a model', async () => {
  await rm(catalogueFile)
  expect(await rebuilt()).toEqual([])
  expect((await loadCatalogue(catalogueFile)).variants).toHaveLength(8)
})

it('may run twice at once', async () => {
  const float = path('mobilenet-0.25-fp32.onnx')
  const whole = await readFile(float)
  await rm(float)
  await Promise.all([rebuilt(), rebuilt()])
  expect((await readFile(float)).equals(whole)).toBe(true)
  expect(await rebuilt()).toEqual([])
  const leftOver = (await readdir(join(directory, 'models'))).filter((file) =>
    file.endsWith('.tmp'),
  )
  expect(leftOver).toEqual([])
})

it('builds all again for another seed or after a damaged fingerprint', async () => {
  const before = await readFile(path('mobilenet-0.25-fp32.onnx'))
  await writeFile(path('fingerprint.json'), '{')
  expect(await rebuilt(2)).toHaveLength(8)
  expect((await readFile(path('mobilenet-0.25-fp32.onnx'))).equals(before)).toBe(false)
  expect(await rebuilt(2)).toEqual([])
})

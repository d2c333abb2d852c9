import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { GraphBuilder } from '../../onnx/graph-builder.ts'
import { addToCatalogue } from './add-model.ts'
import { loadCatalogue } from './catalogue.ts'
import { classifierModel } from './classifier.fixture.ts'

let directory: string
let catalogue: string
const folders: string[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tierwise-add-'))
  folders.push(directory)
  catalogue = join(directory, 'catalogue.yaml')
})
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

async function model(name: string, bytes: Uint8Array = classifierModel()): Promise<string> {
  const file = join(directory, name)
  await writeFile(file, bytes)
  return file
}

async function fixture(name: string): Promise<string> {
  const file = join(directory, name)
  await copyFile(fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url)), file)
  return file
}

/** Pixels [batch, 1, 2, 2] → probabilities [batch, 2]. */
function softmaxModel(): Uint8Array {
  const graph = new GraphBuilder('softmax')
  const pixels = graph.input('pixels', 'float32', ['batch', 1, 2, 2])
  const features = graph.node('Flatten', [pixels], { axis: 1 })
  const logits = graph.node('MatMul', [features, graph.constant([4, 2], new Float32Array(8))])
  graph.node('Softmax', [logits], { axis: 1 }, { output: 'probabilities' })
  graph.output('probabilities', 'float32', ['batch', 2])
  return graph.model()
}

describe('addToCatalogue', () => {
  it('begins a catalogue with what the file says', async () => {
    await addToCatalogue(catalogue, await model('tulips.onnx'), { labels: ['a', 'b', 'c'] })
    expect(await loadCatalogue(catalogue)).toMatchObject({
      model: 'classifier',
      input: { name: 'pixels', datatype: 'FP32', shape: [1, 3, 8, 8], mean: 0, scale: 1 },
      output: { name: 'scores', shape: [1, 3], kind: 'logits' },
      labels: ['a', 'b', 'c'],
      variants: [{ name: 'tulips', precision: 'FP32', accuracyPercent: 0, megaMacs: 9e-6 }],
    })
    const text = await readFile(catalogue, 'utf8')
    expect(text).toContain('file: tulips.onnx\n')
    expect(text).toContain('# "tierwise models evaluate" measures the accuracy')
  })

  it('knows probabilities, and closes an open batch', async () => {
    const { output, input } = await addToCatalogue(
      catalogue,
      await model('m.onnx', softmaxModel()),
      { model: 'shoes' },
    )
    expect(output).toEqual({ name: 'probabilities', shape: [1, 2], kind: 'probabilities' })
    expect(input.shape).toEqual([1, 1, 2, 2])
  })

  it('adds a variant to a catalogue, and keeps its comments', async () => {
    await addToCatalogue(catalogue, await model('a.onnx'), {})
    const text = (await readFile(catalogue, 'utf8')).replace('name: a\n', 'name: a # ours\n')
    await writeFile(catalogue, text)
    const small = await model('b.onnx', classifierModel({ precision: 'INT8' }))
    const { variants } = await addToCatalogue(catalogue, small, { name: 'small' })
    expect(variants.map(({ name, precision }) => [name, precision])).toEqual([
      ['a', 'FP32'],
      ['small', 'INT8'],
    ])
    expect(await readFile(catalogue, 'utf8')).toContain('name: a # ours\n')
  })

  it('asks for sizes that the file leaves open', async () => {
    const file = await fixture('dynhw.onnx')
    await expect(addToCatalogue(catalogue, file, {})).rejects.toThrow(
      /the shape of "x" is \[-1, 3, -1, -1\]: .*--shape 1,3,224,224/,
    )
    const { input } = await addToCatalogue(catalogue, file, { shape: [1, 3, 16, 24] })
    expect(input.shape).toEqual([1, 3, 16, 24])
  })
})

/** Pixels [batch, 3, 8, 8] → features [batch, 3] and scores of 4 classes, in a shape of choice. */
function headed(scoresShape: readonly number[]): Uint8Array {
  const graph = new GraphBuilder('headed')
  const pooled = graph.node('GlobalAveragePool', [graph.input('pixels', 'float32', [1, 3, 8, 8])])
  graph.node('Flatten', [pooled], { axis: 1 }, { output: 'features' })
  const weights = graph.constant([3, 4], new Float32Array(12).fill(1))
  const product = graph.node('MatMul', ['features', weights])
  const sizes = graph.constant([scoresShape.length], BigInt64Array.from(scoresShape, BigInt))
  graph.node('Reshape', [product, sizes], {}, { output: 'scores' })
  graph.output('features', 'float32', [1, 3])
  graph.output('scores', 'float32', scoresShape)
  return graph.model()
}

describe('addToCatalogue, other shapes', () => {
  it.each([[[1, 4]], [[1, 4, 1, 1]], [[4]]])('takes scores of shape %j', async (shape) => {
    const file = await model('m.onnx', headed(shape))
    const labels = ['a', 'b', 'c', 'd']
    const { output } = await addToCatalogue(catalogue, file, { output: 'scores', labels })
    expect(output).toMatchObject({ name: 'scores', shape })
    await expect(addToCatalogue(catalogue, file, { name: 'again' })).resolves.toMatchObject({
      variants: [{ name: 'm' }, { name: 'again' }],
    })
  })

  it('asks which of several outputs has the scores', async () => {
    const file = await model('m.onnx', headed([1, 4]))
    await expect(addToCatalogue(catalogue, file, {})).rejects.toThrow(
      'say which are the scores: --output "features" or "scores"',
    )
  })

  it('refuses one score alone, which tells no class', async () => {
    const file = await model('m.onnx', classifierModel({ classes: 1 }))
    await expect(addToCatalogue(catalogue, file, {})).rejects.toThrow('of 2 classes or more')
  })

  it('makes a name of any file name', async () => {
    const { variants } = await addToCatalogue(catalogue, await model('my été (1).ONNX'), {})
    expect(variants.map(({ name }) => name)).toEqual(['my-t-1-'])
  })

  it('counts with the sizes that the catalogue has already', async () => {
    const file = await fixture('dynhw.onnx')
    await addToCatalogue(catalogue, file, { shape: [1, 3, 16, 24] })
    const { variants } = await addToCatalogue(catalogue, file, { name: 'again' })
    expect(variants[1]?.megaMacs).toBe(variants[0]?.megaMacs)
  })
})

describe('addToCatalogue, refusing', () => {
  it.each([
    ['labels', { labels: ['x', 'y', 'z'] }, /its labels are others: leave --labels out/],
    ['the model', { model: 'other' }, /its model is classifier: leave --model out/],
    ['the shape', { shape: [1, 3, 9, 9] }, /its shape is 1,3,8,8: leave --shape out/],
    ['the output', { output: 'other' }, /its output is scores: leave --output out/],
  ])('changes nothing about %s of a catalogue', async (_, options, message) => {
    await addToCatalogue(catalogue, await model('a.onnx'), {})
    const adding = addToCatalogue(catalogue, await model('b.onnx'), options)
    await expect(adding).rejects.toThrow(message)
  })

  it('refuses what does not go with the others, and leaves the catalogue alone', async () => {
    await addToCatalogue(catalogue, await model('a.onnx'), {})
    const before = await readFile(catalogue, 'utf8')
    const other = await model('b.onnx', classifierModel({ classes: 4 }))
    await expect(addToCatalogue(catalogue, other, {})).rejects.toThrow(
      /output\.shape is \[1, 3\]: variant b has \[1, 4\]/,
    )
    await expect(addToCatalogue(catalogue, await model('a.onnx'), {})).rejects.toThrow(
      'has a variant "a" already',
    )
    expect(await readFile(catalogue, 'utf8')).toBe(before)
  })

  it.each([
    ['two inputs', 'two_in.onnx', /has the inputs "a", "b"/],
    ['no scores', 'str_in.onnx', /has the inputs "s": a classifier has one, a tensor of numbers/],
  ])('refuses %s', async (_, name, message) => {
    const adding = addToCatalogue(catalogue, await fixture(name), {})
    await expect(adding).rejects.toThrow(ConfigError)
    await expect(adding).rejects.toThrow(message)
  })

  it.each([
    ['a name that is none', { name: 'a/b' }, 'variants[0].name is "a/b"'],
    ['the name of the model', { name: 'classifier' }, 'both called "classifier"'],
  ])('begins no catalogue with %s', async (_, options, message) => {
    const file = await model('tulips.onnx')
    await expect(addToCatalogue(catalogue, file, options)).rejects.toThrow(message)
    await expect(readFile(catalogue)).rejects.toThrow('ENOENT')
    await addToCatalogue(catalogue, file, {})
    const before = await readFile(catalogue, 'utf8')
    await expect(addToCatalogue(catalogue, file, options)).rejects.toThrow(ConfigError)
    expect(await readFile(catalogue, 'utf8')).toBe(before)
  })

  it('refuses what is no model, or not there', async () => {
    const text = await model('text.onnx', new TextEncoder().encode('no model at all'))
    await expect(addToCatalogue(catalogue, text, {})).rejects.toThrow(/no ONNX model/)
    await expect(addToCatalogue(catalogue, '/nowhere.onnx', {})).rejects.toThrow(/there is no file/)
  })
})

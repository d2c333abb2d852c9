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

describe('addToCatalogue, refusing', () => {
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

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError, InvalidInputError } from '../../errors.ts'
import type { Catalogue } from './catalogue-schema.ts'
import { idxBytes } from './idx.fixture.ts'
import { labelledPictures, sourceOf } from './labelled-pictures.ts'

const catalogue: Catalogue = {
  model: 'colours',
  input: { name: 'x', datatype: 'UINT8', shape: [1, 1, 2, 2], mean: 0, scale: 1 },
  output: { name: 'y', shape: [1, 3] },
  labels: ['red', 'green', 'blue'],
  cascades: [],
  variants: [],
}

let root: string
let folder: string
let count = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tierwise-labelled-'))
})
beforeEach(async () => {
  folder = join(root, String(count++))
  await mkdir(folder)
})
afterAll(() => rm(root, { recursive: true }))

describe('a folder of folders', () => {
  it('is named by label or index, and hidden files and files beside the folders are none', async () => {
    for (const [name, file] of [
      ['red', 'a.png'],
      ['2', 'b.png'],
      ['red', '.hidden'],
    ] as const) {
      await mkdir(join(folder, name), { recursive: true })
      const picture = sharp({ create: { width: 4, height: 4, channels: 3, background: 'white' } })
      await picture.png().toFile(join(folder, name, file.replace('.hidden', 'c.png')))
      await writeFile(join(folder, name, '.hidden'), '')
    }
    await writeFile(join(folder, 'README'), '')
    await writeFile(join(folder, 'red', 'notes.txt'), 'no picture')
    const pictures = await labelledPictures(catalogue, folder)
    const found = pictures.map(({ name, label }) => [name.slice(folder.length + 1), label] as const)
    expect(found.toSorted()).toEqual([
      ['2/b.png', 2],
      ['red/a.png', 0],
      ['red/c.png', 0],
      ['red/notes.txt', 0],
    ])
    const named = (end: string) => pictures.find(({ name }) => name.endsWith(end))
    expect(Array.from((await named('a.png')?.values()) ?? [])).toEqual([255, 255, 255, 255])
    await expect(named('notes.txt')?.values()).rejects.toThrow(InvalidInputError)
  })

  it('follows links, and keeps what leads nowhere or is a folder, so that it is named', async () => {
    const picture = sharp({ create: { width: 4, height: 4, channels: 3, background: 'white' } })
    await picture.png().toFile(join(root, 'linked.png'))
    await mkdir(join(root, 'class', 'nested'), { recursive: true })
    await symlink(join(root, 'linked.png'), join(root, 'class', 'a.png'))
    await symlink(join(root, 'nowhere'), join(root, 'class', 'gone.png'))
    await symlink(join(root, 'class'), join(folder, 'red'))
    const pictures = await labelledPictures(catalogue, folder)
    const read = pictures.map(async ({ name, values }) => {
      const found = await values().catch((error: unknown) => error)
      return [basename(name), found instanceof InvalidInputError ? 'unreadable' : 'read']
    })
    expect((await Promise.all(read)).toSorted()).toEqual([
      ['a.png', 'read'],
      ['gone.png', 'unreadable'],
      ['nested', 'unreadable'],
    ])
  })
})

describe('the order of a folder of folders', () => {
  it('gives all classes to who takes a part of it', async () => {
    for (const label of ['0', '1', '2']) {
      await mkdir(join(folder, label))
      const names = Array.from({ length: 40 }, (_, index) => join(folder, label, `${index}.png`))
      await Promise.all(names.map((name) => writeFile(name, '')))
    }
    const pictures = await labelledPictures(catalogue, folder)
    expect(new Set(pictures.slice(0, 60).map(({ label }) => label)).size).toBe(3)
    const again = await labelledPictures(catalogue, folder)
    expect(again.map(({ name }) => name)).toEqual(pictures.map(({ name }) => name))
  })
})

describe('a folder of folders, refusing', () => {
  it.each([
    [
      'an unknown class',
      'purple',
      /purple is no class of the model: name it 0 to 2, or by a label/,
    ],
    ['an index that is no class', '3', /3 is no class of the model/],
    ['no picture', 'red', /holds no picture/],
  ])('is refused with %s', async (_, name, message) => {
    await mkdir(join(folder, name))
    const finding = labelledPictures(catalogue, folder)
    await expect(finding).rejects.toThrow(ConfigError)
    await expect(finding).rejects.toThrow(message)
  })

  it('is refused with a name that several classes have', async () => {
    await mkdir(join(folder, 'crane'))
    const finding = labelledPictures({ ...catalogue, labels: ['crane', 'dog', 'crane'] }, folder)
    await expect(finding).rejects.toThrow(/the classes 0 and 2 are all called crane: name .* index/)
  })

  it('is refused where there is none', async () => {
    await expect(labelledPictures(catalogue, '/nowhere')).rejects.toThrow(/cannot read \/nowhere/)
  })
})

describe('a pair of IDX files', () => {
  const images = idxBytes({ sizes: [2, 2, 2], data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) })
  const labels = (...data: number[]) =>
    idxBytes({ sizes: [data.length], data: Uint8Array.from(data) })
  const write = (name: string, bytes: Uint8Array) => writeFile(join(folder, name), bytes)

  it('gives pictures as they are, compressed or not', async () => {
    await write('t10k-images-idx3-ubyte.gz', gzipSync(images))
    await write('t10k-labels-idx1-ubyte', labels(2, 0))
    const pictures = await labelledPictures(catalogue, folder)
    expect(pictures.map(({ label }) => label)).toEqual([2, 0])
    expect(pictures[1]?.name).toBe(join(folder, 't10k-images-idx3-ubyte.gz[1]'))
    expect(await pictures[1]?.values()).toEqual(Uint8Array.of(5, 6, 7, 8))
  })

  it('is chosen by its split where there are several', async () => {
    for (const [split, label] of [
      ['t10k', 0],
      ['train', 1],
    ] as const) {
      await write(`${split}-images-idx3-ubyte`, images)
      await write(`${split}-labels-idx1-ubyte`, labels(label, label))
    }
    const chosen = await labelledPictures(catalogue, folder, 'train')
    expect(chosen[0]?.label).toBe(1)
    await expect(labelledPictures(catalogue, folder)).rejects.toThrow('--split t10k or train')
    await expect(labelledPictures(catalogue, folder, 'test')).rejects.toThrow(
      'no pictures of the split "test": choose t10k or train',
    )
  })

  it.each([
    ['without labels', undefined, /pictures but no labels: a-labels-idx1-ubyte is missing/],
    ['with too few labels', labels(1), /has 1 labels for 2 pictures/],
    ['with a class that is none', labels(1, 3), /class 3 is none of the model's: it has 0 to 2/],
  ])('is refused %s', async (_, bytes, message) => {
    await write('a-images-idx3-ubyte', images)
    if (bytes) await write('a-labels-idx1-ubyte', bytes)
    await expect(labelledPictures(catalogue, folder)).rejects.toThrow(message)
  })
})

it('calls pictures by their folder, and their split', () => {
  expect(sourceOf('/data/fashion-mnist/')).toBe('fashion-mnist')
  expect(sourceOf('/data/fashion-mnist', 't10k')).toBe('t10k of fashion-mnist')
})

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Catalogue, FASHION_CATALOGUE, loadCatalogue } from './catalogue.ts'
import { testPictures } from './test-pictures.ts'

let fashion: Catalogue
let folder: string

beforeAll(async () => {
  fashion = await loadCatalogue(FASHION_CATALOGUE)
  folder = mkdtempSync(join(tmpdir(), 'tierwise-test-pictures-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function bytesIn(uri: string | undefined): Buffer {
  return Buffer.from(uri?.split(',')[1] ?? '', 'base64')
}

test('a small picture is shown as it is', async () => {
  const uri = await testPictures(fashion)(0)
  expect(uri).toMatch(/^data:image\/png;base64,/)
  const { data, info } = await sharp(bytesIn(uri))
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect([info.width, info.height]).toEqual([28, 28])
  // The first test picture of Fashion-MNIST: an ankle boot is light at its sole, and its corner is black.
  expect(data[0]).toBe(0)
  expect(Math.max(...data)).toBe(255)
})

test('a large one is made small', async () => {
  mkdirSync(join(folder, 'Bag'))
  const large = sharp({ create: { width: 640, height: 480, channels: 3, background: 'red' } })
  writeFileSync(join(folder, 'Bag', 'large.jpg'), await large.jpeg().toBuffer())
  const uri = await testPictures({ ...fashion, pictures: folder })(0)
  const { width, height } = await sharp(bytesIn(uri)).metadata()
  expect([width, height]).toEqual([96, 72])
})

test('there may be none', async () => {
  const { pictures: _, ...without } = fashion
  expect(await testPictures(without)(0)).toBeUndefined()
  expect(await testPictures(fashion)(2000)).toBeUndefined()
  expect(await testPictures({ ...fashion, pictures: join(folder, 'nowhere') })(0)).toBeUndefined()
})

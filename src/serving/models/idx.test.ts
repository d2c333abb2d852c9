import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { idxBytes } from './idx.fixture.ts'
import { parseIdx, readIdxLabels, readIdxPictures } from './idx.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tierwise-idx-'))
})
afterAll(() => rm(folder, { recursive: true }))

const pictures = idxBytes({ sizes: [2, 1, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6) })

it('has a header of type, number of dimensions and sizes, big-endian', () => {
  expect(Array.from(idxBytes({ sizes: [258], data: new Uint8Array(258) }).subarray(0, 8))).toEqual([
    0, 0, 8, 1, 0, 0, 1, 2,
  ])
})

it.each([
  ['as they are', pictures],
  ['compressed', gzipSync(pictures)],
])('reads pictures %s', async (_, bytes) => {
  const file = join(folder, 'images')
  await writeFile(file, bytes)
  expect(await readIdxPictures(file)).toEqual([
    { height: 1, width: 3, pixels: Uint8Array.of(1, 2, 3) },
    { height: 1, width: 3, pixels: Uint8Array.of(4, 5, 6) },
  ])
})

it('reads labels', async () => {
  const file = join(folder, 'labels')
  await writeFile(file, idxBytes({ sizes: [3], data: Uint8Array.of(2, 0, 1) }))
  expect(Array.from(await readIdxLabels(file))).toEqual([2, 0, 1])
  await expect(readIdxPictures(file)).rejects.toThrow('it has 1 dimensions, not 3')
})

it('names a file that is none', async () => {
  const file = join(folder, 'none')
  await expect(readIdxLabels(file)).rejects.toThrow(ConfigError)
  await writeFile(file, gzipSync(pictures).subarray(0, 20))
  await expect(readIdxPictures(file)).rejects.toThrow(/none cannot be read as an IDX file/)
})

it.each([
  ['of nothing', new Uint8Array(0), /does not begin/],
  ['of text', new TextEncoder().encode('label'), /does not begin/],
  ['of floats', Uint8Array.of(0, 0, 0x0d, 1, 0, 0, 0, 0), /does not begin/],
  ['cut off', pictures.subarray(0, pictures.length - 1), /holds 5 bytes where \[2,1,3\] are 6/],
  ['with too much', Buffer.concat([pictures, pictures]), /holds 28 bytes/],
])('refuses bytes %s', (_, bytes, message) => {
  expect(() => parseIdx(bytes)).toThrow(message)
})

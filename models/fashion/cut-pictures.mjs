// Cuts the shipped test pictures from the data set: the first 2,000 with their labels, and the first of each class as a PNG.
// usage: node models/fashion/cut-pictures.mjs [/usr/share/datasets/fashion-mnist]
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import sharp from 'sharp'

const COUNT = 2000
const SIDE = 28
const data = process.argv[2] ?? '/usr/share/datasets/fashion-mnist'
const target = (name) => new URL(`pictures/${name}`, import.meta.url)

/** The first items of an IDX file, as one. */
function cut(name, itemBytes) {
  const whole = gunzipSync(readFileSync(`${data}/${name}`))
  const header = 4 + 4 * whole[3]
  const bytes = Uint8Array.from(whole.subarray(0, header + COUNT * itemBytes))
  new DataView(bytes.buffer).setUint32(4, COUNT)
  writeFileSync(target(name), gzipSync(bytes, { level: 9 }))
  return bytes.subarray(header)
}

const pixels = cut('t10k-images-idx3-ubyte.gz', SIDE * SIDE)
const labels = cut('t10k-labels-idx1-ubyte.gz', 1)
const NAMES = [
  't-shirt',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle-boot',
]
for (const [label, name] of NAMES.entries()) {
  const start = labels.indexOf(label) * SIDE * SIDE
  const raw = { width: SIDE, height: SIDE, channels: 1 }
  await sharp(pixels.subarray(start, start + SIDE * SIDE), { raw })
    .png()
    .toFile(target(`${name}.png`).pathname)
}

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { packageFile } from '../../src/package-files.ts'

/** Bytes of one picture, and of one label. */
const ITEMS = [
  ['images-idx3', 784],
  ['labels-idx1', 1],
] as const

/** Writes the first test pictures of the models that are shipped into `folder`, as a pair of IDX files. */
export function writePictures(folder: string, count: number): void {
  for (const [kind, itemBytes] of ITEMS) {
    const file = packageFile(`models/fashion/pictures/t10k-${kind}-ubyte.gz`)
    const whole = gunzipSync(readFileSync(file))
    const header = 4 + 4 * (whole[3] ?? 0)
    const few = Buffer.from(whole.subarray(0, header + count * itemBytes))
    few.writeUInt32BE(count, 4)
    writeFileSync(join(folder, `few-${kind}-ubyte`), few)
  }
}

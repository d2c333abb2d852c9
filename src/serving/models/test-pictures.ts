/** The labelled pictures of a catalogue, to be looked at. */
import sharp from 'sharp'
import { pictureType } from '../../protocol/picture-body.ts'
import type { Catalogue } from './catalogue-schema.ts'
import { type FiledPicture, labelledPictures } from './labelled-pictures.ts'

/** Width and height of a larger picture when it is shown, pixels. */
const MOST_PIXELS = 96

/** @returns the picture at a place in the set as a data URI, not larger than somebody looks at it; undefined where there is none */
export function testPictures(catalogue: Catalogue): (index: number) => Promise<string | undefined> {
  const { pictures: folder } = catalogue
  let loading: Promise<FiledPicture[]> | undefined
  return async (index) => {
    if (folder === undefined) return undefined
    try {
      loading ??= labelledPictures(catalogue, folder)
      const picture = (await loading)[index]
      return picture && dataUri(await small(await picture.encoded()))
    } catch {
      // The folder need not be on every machine.
      return undefined
    }
  }
}

/** As it is where it is small. */
async function small(picture: Uint8Array): Promise<Uint8Array> {
  const { width, height } = await sharp(picture).metadata()
  if (width <= MOST_PIXELS && height <= MOST_PIXELS) return picture
  const size = { width: MOST_PIXELS, height: MOST_PIXELS, fit: 'inside' } as const
  return sharp(picture).autoOrient().resize(size).webp().toBuffer()
}

function dataUri(picture: Uint8Array): string {
  return `data:${pictureType(picture)};base64,${Buffer.from(picture).toString('base64')}`
}

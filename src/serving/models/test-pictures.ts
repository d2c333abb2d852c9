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
      return picture && (await dataUri(await picture.encoded()))
    } catch {
      // The folder need not be on every machine.
      return undefined
    }
  }
}

/** As it is where it is small. */
async function dataUri(picture: Uint8Array): Promise<string> {
  const mediaType = pictureType(picture)
  const { width, height } = await sharp(picture).metadata()
  if (mediaType && width <= MOST_PIXELS && height <= MOST_PIXELS) return written(mediaType, picture)
  const size = { width: MOST_PIXELS, height: MOST_PIXELS, fit: 'inside' } as const
  const small = await sharp(picture).autoOrient().resize(size).webp().toBuffer()
  return written('image/webp', small)
}

function written(mediaType: string, bytes: Uint8Array): string {
  return `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`
}

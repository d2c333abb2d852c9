/** What the applications of a run send. */
import { InvalidInputError } from '../../errors.ts'
import { encodeInferRequest } from '../../protocol/codec.ts'
import type { WireBody } from '../../protocol/messages.ts'
import { pictureType } from '../../protocol/picture-body.ts'
import type { Catalogue } from '../../serving/models/catalogue.ts'
import { labelledPictures } from '../../serving/models/labelled-pictures.ts'
import { loadPictures } from '../../serving/shipped-pictures.ts'

/** One picture as a request. */
export interface SentPicture {
  readonly wire: WireBody
  /** Index of the right class, where it is known. */
  readonly label?: number
}

/** Pictures held; a larger set gives its first. */
const MOST = 2000

/**
 * The labelled pictures that belong to the catalogue, encoded as files; else those shipped with Tierwise, as tensors, without labels.
 * @throws ConfigError for a folder that cannot be read; InvalidInputError for a file that is no picture
 */
export async function picturesToSend(catalogue: Catalogue): Promise<SentPicture[]> {
  if (catalogue.pictures === undefined) {
    const tensors = await loadPictures(catalogue)
    return tensors.map((tensor) => ({
      wire: encodeInferRequest({ inputs: [tensor] }, { binary: true }),
    }))
  }
  const labelled = await labelledPictures(catalogue, catalogue.pictures)
  return Promise.all(
    labelled.slice(0, MOST).map(async ({ name, label, encoded }) => {
      const body = await encoded()
      const mediaType = pictureType(body)
      if (mediaType === undefined) {
        throw new InvalidInputError(`${name} is no JPEG, PNG or WebP: convert it, or leave it out`)
      }
      return { label, wire: { body, picture: { mediaType, query: '' } } }
    }),
  )
}

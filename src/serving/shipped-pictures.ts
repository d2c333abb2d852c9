/** Pictures as requests: the ones shipped with Tierwise, or a user's own. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { packageFile } from '../package-files.ts'
import { bytesOf } from '../protocol/datatypes.ts'
import type { Tensor } from '../protocol/messages.ts'
import type { Catalogue } from './models/catalogue.ts'
import { decodePicture } from './models/picture.ts'

const PICTURES = packageFile('pictures/')

/** The pictures shipped with Tierwise, decoded for the catalogue's input. */
export async function loadPictures({ input }: Catalogue): Promise<Tensor[]> {
  const names = (await readdir(PICTURES)).filter((name) => /\.(jpe?g|png|webp)$/.test(name)).sort()
  return Promise.all(names.map((name) => pictureTensor(join(PICTURES, name), input)))
}

/** A picture as the tensor that an inference request carries. @throws InvalidInputError for a file that is no picture */
export async function pictureTensor(file: string, input: Catalogue['input']): Promise<Tensor> {
  const pixels = await decodePicture(file, input)
  return {
    name: input.name,
    datatype: input.datatype,
    shape: input.shape,
    data: bytesOf(pixels),
  }
}

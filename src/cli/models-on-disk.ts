/** The models and pictures that commands work with: the user's own, or the ones Tierwise builds and ships. */
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bytesOf } from '../protocol/datatypes.ts'
import type { Tensor } from '../protocol/messages.ts'
import { buildModels } from '../serving/build-models.ts'
import { type Catalogue, loadCatalogue } from '../serving/catalogue.ts'
import { decodePicture } from '../serving/picture.ts'
import { modelsFolder } from './home.ts'

const PICTURES = fileURLToPath(new URL('../../pictures/', import.meta.url))

/**
 * The catalogue in `file`, or the built models', which are built first when they are missing.
 * @param say told about building, which takes some seconds
 */
export async function builtCatalogue(
  file: string | undefined,
  say: (text: string) => void,
): Promise<{ file: string; catalogue: Catalogue }> {
  if (file !== undefined)
    return { file: resolve(file), catalogue: await loadCatalogue(resolve(file)) }
  let told = false
  const built = await buildModels(modelsFolder(), {
    onProgress: (model) => {
      if (!told) say(`Building the models in ${modelsFolder()} (once)…`)
      told = true
      say(`  ${model}`)
    },
  })
  return { file: built, catalogue: await loadCatalogue(built) }
}

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

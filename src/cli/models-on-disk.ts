/** The models that commands work with: the user's own, or the ones Tierwise builds. */
import { resolve } from 'node:path'
import { type Catalogue, loadCatalogue } from '../serving/catalogue.ts'
import { modelsFolder } from './home.ts'

/**
 * The catalogue in `file`, or the built models', which are built first when they are missing.
 * @param say told about building, which takes some seconds; by default standard error
 */
export async function builtCatalogue(
  file: string | undefined,
  say: (text: string) => void = (text) => process.stderr.write(`${text}\n`),
): Promise<{ file: string; catalogue: Catalogue }> {
  if (file !== undefined)
    return { file: resolve(file), catalogue: await loadCatalogue(resolve(file)) }
  const { buildModels } = await import('../serving/build-models.ts')
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

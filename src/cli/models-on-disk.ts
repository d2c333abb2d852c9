/** The models that commands work with: the user's own, or the ones Tierwise builds. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Catalogue, loadCatalogue } from '../serving/models/catalogue.ts'

/**
 * The catalogue in `file`, or the built models'. Those are in `$TIERWISE_HOME`, or `tierwise` in the user's cache folder; they are
 * built first when they are missing.
 * @param say told about building, which takes some seconds; by default standard error
 */
export async function builtCatalogue(
  file: string | undefined,
  say: (text: string) => void = (text) => process.stderr.write(`${text}\n`),
): Promise<{ file: string; catalogue: Catalogue }> {
  if (file !== undefined)
    return { file: resolve(file), catalogue: await loadCatalogue(resolve(file)) }
  const { TIERWISE_HOME, XDG_CACHE_HOME = join(homedir(), '.cache') } = process.env
  const folder = join(TIERWISE_HOME ?? join(XDG_CACHE_HOME, 'tierwise'), 'models')
  const { buildModels } = await import('../serving/models/build-models.ts')
  let told = false
  const built = await buildModels(folder, {
    onProgress: (model) => {
      if (!told) say(`Building the models in ${folder} (once)…`)
      told = true
      say(`  ${model}`)
    },
  })
  return { file: built, catalogue: await loadCatalogue(built) }
}

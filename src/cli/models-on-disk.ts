/** The models that commands work with: the user's own, or one of the two ladders that come with Tierwise. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  type Catalogue,
  FASHION_CATALOGUE,
  loadCatalogue,
  type ReadOptions,
} from '../serving/models/catalogue.ts'
import { FASHION, PAPER } from './settings/kinds.ts'

/**
 * Finds a catalogue; the paper's models are built first when they are missing.
 * @param named a file, or `FASHION`, the default, or `PAPER`
 * @param say told about building, which takes some seconds; by default standard error
 * @param options see `loadCatalogue`
 */
export async function builtCatalogue(
  named: string = FASHION,
  say: (text: string) => void = (text) => process.stderr.write(`${text}\n`),
  options: ReadOptions = {},
): Promise<{ file: string; catalogue: Catalogue }> {
  const file = await builtCatalogueFile(named, say)
  return { file, catalogue: await loadCatalogue(file, options) }
}

/** As `builtCatalogue`, for who reads the file later. */
export async function builtCatalogueFile(
  named: string = FASHION,
  say: (text: string) => void,
): Promise<string> {
  if (named === PAPER) return buildPaperModels(say)
  return named === FASHION ? FASHION_CATALOGUE : resolve(named)
}

/** In `$TIERWISE_HOME`, or `tierwise` in the user's cache folder. */
async function buildPaperModels(say: (text: string) => void): Promise<string> {
  const { TIERWISE_HOME, XDG_CACHE_HOME = join(homedir(), '.cache') } = process.env
  const folder = join(TIERWISE_HOME ?? join(XDG_CACHE_HOME, 'tierwise'), 'models')
  const { buildModels } = await import('../serving/models/build-models.ts')
  let told = false
  return buildModels(folder, {
    onProgress: (model) => {
      if (!told) say(`Building the models in ${folder} (once)…`)
      told = true
      say(`  ${model}`)
    },
  })
}

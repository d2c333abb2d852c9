import { countModel } from '../backends/count-model.ts'
import { type Catalogue, fileOf } from './catalogue.ts'

/**
 * The catalogue with what its files tell of the variants that nobody has counted yet. Blocks this thread for an inference each:
 * not for one that answers requests.
 * @throws ConfigError for a file that is no model that can be served
 */
export async function countVariants(catalogue: Catalogue): Promise<Catalogue> {
  const variants: Catalogue['variants'][number][] = []
  for (const variant of catalogue.variants) {
    const counted = variant.megaMacs === undefined
    const facts = counted ? await countModel(fileOf(variant), catalogue.input.shape) : {}
    variants.push({ ...variant, ...facts })
  }
  return { ...catalogue, variants }
}

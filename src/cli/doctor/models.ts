/** The catalogue, held against its model files. */
import { messageOf } from '../../errors.ts'
import { FASHION_CATALOGUE } from '../../serving/models/catalogue.ts'
import { builtCatalogue } from '../models-on-disk.ts'
import type { Examined, Finding } from './finding.ts'

export async function modelFindings({
  catalogue: named,
  variants,
}: Pick<Examined, 'catalogue' | 'variants'>): Promise<Finding[]> {
  try {
    const { file, catalogue } = await builtCatalogue(named)
    const names = catalogue.variants.map(({ name }) => name)
    const unknown = variants?.filter((name) => !names.includes(name)) ?? []
    if (unknown.length > 0) {
      const finding = `${file} has no variant ${unknown.join(', ')}`
      const remedy = `--variants with some of ${names.join(',')}`
      return [{ about: 'models', state: 'wrong', finding, remedy }]
    }
    const finding = `${catalogue.model}: ${names.length} variants in ${file}`
    return [{ about: 'models', state: 'well', finding }]
  } catch (error) {
    const remedy = `tierwise models check ${named ?? FASHION_CATALOGUE}`
    return [{ about: 'models', state: 'wrong', finding: messageOf(error), remedy }]
  }
}

/** `tierwise models add` */
import { ConfigError } from '../../errors.ts'
import { addToCatalogue } from '../../serving/models/add-model.ts'
import { readLabels } from '../../serving/models/catalogue.ts'
import { macsText } from './list.ts'

/** Of `addModel`. */
export interface AddFlags {
  readonly catalogue: string
  readonly name?: string
  readonly model?: string
  readonly labels?: string
  readonly shape?: string
  readonly output?: string
}

/** @throws ConfigError for a file that is no classifier, or that does not go with the catalogue's others */
export async function addModel(file: string, flags: AddFlags): Promise<void> {
  const labels = flags.labels === undefined ? undefined : await readLabels(flags.labels)
  const { input, output, variants } = await addToCatalogue(flags.catalogue, file, {
    name: flags.name,
    model: flags.model,
    labels,
    shape: flags.shape === undefined ? undefined : sizesOf(flags.shape),
    output: flags.output,
  })
  const added = variants.at(-1)
  if (added === undefined) throw new ConfigError(`${flags.catalogue} is empty`)
  process.stdout.write(
    `${flags.catalogue}: ${added.name}, ${added.precision}, ${macsText(added)} MACs, ` +
      `${input.name} ${input.datatype} [${input.shape}] → ${output.name} [${output.shape}] (${output.kind ?? 'probabilities'})\n`,
  )
}

function sizesOf(text: string): number[] {
  const sizes = text.split(',').map(Number)
  if (sizes.every((size) => Number.isInteger(size) && size > 0)) return sizes
  throw new ConfigError(
    `--shape ${text}: write sizes above 0 with commas between, such as 1,3,224,224`,
  )
}

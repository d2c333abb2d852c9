/** `tierwise models`: build the default models, list a catalogue, measure accuracy on labelled pictures. */
import { availableParallelism } from 'node:os'
import { basename, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { bytesOf, viewFloat32 } from '../protocol/datatypes.ts'
import { IntelligentService } from '../serving/intelligent-service.ts'
import { countVariants } from '../serving/models/count-variants.ts'
import { type Evaluation, evaluateCatalogue, recordEvaluation } from '../serving/models/evaluate.ts'
import { builtCatalogue } from './models-on-disk.ts'
import { Progress } from './progress.ts'
import { textTable } from './table.ts'

/** `tierwise models` */
export function modelsCommand(): Command {
  const catalogueOption = () =>
    new Option('--catalogue <file>', 'catalogue to use (default: the built models)')
  const models = new Command('models').description('Build, list and evaluate the model variants.')
  const build = new Command('build')
    .description(
      'Build the eight MobileNetV1 variants (Table III) as ONNX files, unless they are there.',
    )
    .action(async () => {
      const { file } = await builtCatalogue(undefined)
      process.stdout.write(`${file}\n`)
    })
  const list = new Command('list')
    .description('List the variants of a catalogue.')
    .addOption(catalogueOption())
    .option('--json', 'as JSON')
    .action(listModels)
  const evaluate = new Command('evaluate')
    .description(
      'Measure the accuracy of every variant on labelled pictures and write it into the catalogue.',
    )
    .argument('<folder>', 'one sub-folder of pictures for each class, named by its label or index')
    .addOption(catalogueOption())
    .addOption(
      new Option('--metric <metric>', 'which figure becomes accuracyPercent')
        .choices(['top-1', 'top-5'])
        .default('top-5'),
    )
    .option('--no-record', 'measure only')
    .option('--json', 'as JSON')
    .action(evaluateModels)
  for (const command of [build, list, evaluate]) models.addCommand(command)
  return models
}

interface ListFlags {
  readonly catalogue?: string
  readonly json?: boolean
}

async function listModels({ catalogue, json }: ListFlags): Promise<void> {
  const found = await builtCatalogue(catalogue)
  const { model, variants } = found.catalogue
  if (json) {
    process.stdout.write(`${JSON.stringify({ file: found.file, model, variants }, null, 2)}\n`)
    return
  }
  const rows = variants.map((variant) => [
    variant.name,
    variant.precision,
    macsText(variant),
    `${((variant.bytes ?? 0) / 1e6).toFixed(1)} MB`,
    `${variant.accuracyPercent} %`,
    variant.accuracySource,
    variant.file,
  ])
  const head = ['variant', 'precision', 'MACs', 'size', 'accuracy', 'accuracy from', 'file']
  const table = textTable(head, rows)
  process.stdout.write(`${model} (${found.file})\n${table}\n`)
}

interface EvaluateFlags extends ListFlags {
  readonly metric: 'top-1' | 'top-5'
  readonly record: boolean
}

async function evaluateModels(folder: string, flags: EvaluateFlags): Promise<void> {
  const { file, catalogue: found } = await builtCatalogue(flags.catalogue)
  const catalogue = await countVariants(found)
  const workers = availableParallelism()
  const service = new IntelligentService({ catalogue, workers, queueLimit: 64 })
  const progress = new Progress()
  await service.start()
  try {
    const evaluation = await evaluateCatalogue(catalogue, folder, {
      infer: async (variant, pixels) => {
        const data = bytesOf(pixels)
        const { outputs } = await service.infer(variant.name, {
          inputs: [{ ...catalogue.input, data }],
        })
        const output = outputs.find(({ name }) => name === catalogue.output.name)
        return output ? viewFloat32(output) : []
      },
      onProgress: (done, total) => progress.update(() => `${done} of ${total} pictures`),
    })
    progress.end()
    if (flags.record) {
      const date = new Date().toISOString().slice(0, 10)
      await recordEvaluation(file, evaluation, {
        metric: flags.metric,
        source: basename(resolve(folder)),
        date,
      })
      process.stderr.write(`${flags.metric} accuracies written to ${file}\n`)
    }
    process.stdout.write(
      flags.json ? `${JSON.stringify(evaluation, null, 2)}\n` : describe(evaluation),
    )
  } finally {
    await service.close()
  }
}

function describe({ variants, pictures, unreadable }: Evaluation): string {
  const rows = variants.map((evaluated) => [
    evaluated.variant,
    evaluated.precision,
    macsText(evaluated),
    `${evaluated.top1Percent.toFixed(1)} %`,
    `${evaluated.top5Percent.toFixed(1)} %`,
  ])
  const skipped = unreadable === 0 ? '' : `, ${unreadable} files could not be read`
  const head = ['variant', 'precision', 'MACs', 'top-1', 'top-5']
  return `${pictures} pictures${skipped}\n${textTable(head, rows)}\n`
}

/** `569 M`; nothing where they have not been counted. */
function macsText({ megaMacs }: { readonly megaMacs?: number }): string {
  return megaMacs === undefined ? '' : `${Number(megaMacs.toPrecision(3))} M`
}

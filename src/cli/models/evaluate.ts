/** `tierwise models evaluate` */
import { availableParallelism } from 'node:os'
import { ConfigError, UnavailableError } from '../../errors.ts'
import { classesOf } from '../../protocol/classification.ts'
import { bytesOf } from '../../protocol/datatypes.ts'
import { IntelligentService } from '../../serving/intelligent-service.ts'
import type { Infer } from '../../serving/models/answers.ts'
import type { Catalogue } from '../../serving/models/catalogue.ts'
import { scoresIn } from '../../serving/models/confidence.ts'
import { countVariants } from '../../serving/models/count-variants.ts'
import { type Evaluation, evaluateCatalogue, type Metric } from '../../serving/models/evaluate.ts'
import { labelledPictures, sourceOf } from '../../serving/models/labelled-pictures.ts'
import { recordEvaluation } from '../../serving/models/record-evaluation.ts'
import { builtCatalogue } from '../models-on-disk.ts'
import { Progress } from '../progress.ts'
import { textTable } from '../table.ts'
import { intervalText, type ListFlags, macsText } from './list.ts'

/** Fewer pictures tell an accuracy to ±5 points or worse. */
const LEAST_PICTURES = 200
const MOST_NAMED = 10

/** Of `evaluateModels`. */
export interface EvaluateFlags extends ListFlags {
  readonly metric: Metric
  readonly split?: string
  readonly heldOut?: string
  readonly dryRun?: boolean
  readonly force?: boolean
}

/** @throws ConfigError for pictures or a catalogue that cannot be used, or too few pictures to write an accuracy of */
export async function evaluateModels(folder: string, flags: EvaluateFlags): Promise<void> {
  const { file, catalogue: found } = await builtCatalogue(flags.catalogue)
  if (flags.catalogue === undefined && !flags.dryRun) {
    throw new ConfigError(
      'the catalogue that comes with Tierwise is not written over: add --dry-run, or --catalogue with a file',
    )
  }
  const catalogue = await countVariants(found)
  const pictures = await labelledPictures(catalogue, folder, flags.split)
  const heldOut = flags.heldOut && (await labelledPictures(catalogue, flags.heldOut))
  const workers = availableParallelism()
  const service = new IntelligentService({ catalogue, workers, queueLimit: 64 })
  const progress = new Progress()
  await service.start()
  try {
    const evaluation = await evaluateCatalogue(catalogue, pictures, {
      metric: flags.metric,
      infer: inferBy(service, catalogue),
      lanes: 4 * workers,
      heldOut: heldOut || undefined,
      onProgress: (done, total) => progress.update(() => `${done} of ${total} pictures`),
    })
    progress.end()
    process.stderr.write(warningsOf(evaluation, catalogue))
    process.stdout.write(
      flags.json ? `${JSON.stringify(evaluation, null, 2)}\n` : describe(evaluation),
    )
    if (!flags.dryRun) await record(file, evaluation, sourceOf(folder, flags.split), flags)
  } finally {
    await service.close()
  }
}

function inferBy(service: IntelligentService, { input, output }: Catalogue): Infer {
  return async (variant, values) => {
    const { outputs } = await service.infer(variant.name, {
      inputs: [{ ...input, data: bytesOf(values) }],
    })
    const scores = outputs.find(({ name }) => name === output.name)
    if (scores === undefined) throw new UnavailableError(`${variant.name} gave no ${output.name}`)
    return scoresIn(scores)
  }
}

async function record(
  file: string,
  evaluation: Evaluation,
  source: string,
  { force }: EvaluateFlags,
): Promise<void> {
  const { pictures, metric } = evaluation
  if (pictures < LEAST_PICTURES && !force) {
    throw new ConfigError(
      `nothing was written: ${pictures} pictures do not tell an accuracy, ${LEAST_PICTURES} are the least; ` +
        'add --dry-run to measure only, or --force to write it all the same',
    )
  }
  await recordEvaluation(file, evaluation, { source, date: new Date().toISOString().slice(0, 10) })
  process.stderr.write(`${metric} accuracies written to ${file}\n`)
}

function warningsOf(evaluation: Evaluation, { output }: Catalogue): string {
  const { pictures, classes, unreadable, cascades, heldOutPictures } = evaluation
  const known = classesOf(output.shape)
  const warnings: string[] = []
  if (pictures < LEAST_PICTURES) warnings.push(`${pictures} pictures are few: see the intervals`)
  if (classes < known) warnings.push(`there are pictures of ${classes} of the ${known} classes`)
  if (unreadable.length > 0) {
    const named = unreadable.toSorted().slice(0, MOST_NAMED)
    const more = unreadable.length - named.length
    const rest = more > 0 ? ` and ${more} more` : ''
    warnings.push(`${unreadable.length} files are no readable pictures: ${named.join(', ')}${rest}`)
  }
  if (cascades === undefined) {
    warnings.push(
      `no temperature and no cascade: ${heldOutPictures} pictures are too few to choose them on`,
    )
  }
  return warnings.map((warning) => `warning: ${warning}\n`).join('')
}

function describe({ variants, cascades = [], pictures, metric }: Evaluation): string {
  const rows = variants.map((evaluated) => [
    evaluated.variant,
    evaluated.precision,
    macsText(evaluated),
    `${evaluated.top1Percent.toFixed(2)} %`,
    `${evaluated.top5Percent.toFixed(2)} %`,
    intervalText(evaluated.interval),
    evaluated.temperature?.toFixed(3) ?? '',
  ])
  const interval = `95 % interval of ${metric}`
  const head = ['variant', 'precision', 'MACs', 'top-1', 'top-5', interval, 'temperature']
  const curves = cascades.map(({ small, large, points }) => [
    `${small} > ${large}`,
    points
      .map(
        ({ escalatedPercent, accuracyPercent }) => `${accuracyPercent} % at ${escalatedPercent} %`,
      )
      .join(', '),
  ])
  const table =
    curves.length > 0 ? `${textTable(['cascade', `${metric} at share escalated`], curves)}\n` : ''
  return `${pictures} pictures\n${textTable(head, rows)}\n${table}`
}

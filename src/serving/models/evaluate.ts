/** Measures the accuracy of every variant on a labelled folder of pictures and records it in the catalogue file. */

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isMap, isSeq, parseDocument } from 'yaml'
import { ConfigError, InvalidInputError, messageOf, TooLargeError } from '../../errors.ts'
import { hundredthsOf } from '../../fleet/goal.ts'
import { readText } from '../../yaml.ts'
import { writeFileAtomically } from './atomic-file.ts'
import type { Catalogue, Variant } from './catalogue.ts'
import { decodePicture, type PictureValues } from './picture.ts'

/** Runs one variant on an input [1, 3, height, width] and gives one score per class, highest for the likeliest. */
type Infer = (variant: Variant, input: PictureValues) => Promise<ArrayLike<number>>

interface EvaluatedVariant extends Pick<Variant, 'precision' | 'megaMacs'> {
  readonly variant: string
  readonly top1Percent: number
  readonly top5Percent: number
}

/** What a folder of pictures came to. */
export interface Evaluation {
  /** In the catalogue's order. */
  readonly variants: readonly EvaluatedVariant[]
  readonly pictures: number
  /** Files that are no readable picture; they count for nothing else. */
  readonly unreadable: number
}

/** Of `evaluateCatalogue`. */
export interface EvaluateOptions {
  readonly infer: Infer
  /** Called after each file. */
  readonly onProgress?: (done: number, total: number) => void
}

interface LabelledPicture {
  readonly file: string
  /** Index of the right class. */
  readonly label: number
}

/**
 * Runs every variant on every picture of a folder with one sub-folder per class, named by its label or its index.
 * @throws ConfigError for a folder that cannot be read, that names an unknown class, or without any readable picture
 */
export async function evaluateCatalogue(
  catalogue: Catalogue,
  folder: string,
  { infer, onProgress }: EvaluateOptions,
): Promise<Evaluation> {
  const labelled = await labelledPictures(catalogue, folder)
  const tallies = catalogue.variants.map((variant) => ({ variant, top1: 0, top5: 0 }))
  let unreadable = 0
  for (const [index, { file, label }] of labelled.entries()) {
    const input = await readablePicture(file, catalogue)
    if (input) {
      for (const tally of tallies) {
        const rank = rankOf(label, await infer(tally.variant, input))
        if (rank < 1) tally.top1 += 1
        if (rank < 5) tally.top5 += 1
      }
    } else {
      unreadable += 1
    }
    onProgress?.(index + 1, labelled.length)
  }
  const pictures = labelled.length - unreadable
  if (pictures === 0) {
    throw new ConfigError(
      `${folder} holds no readable picture: it needs one sub-folder of pictures for each class`,
    )
  }
  const variants = tallies.map(({ variant: { name, precision, megaMacs }, top1, top5 }) => ({
    variant: name,
    precision,
    ...(megaMacs !== undefined && { megaMacs }),
    top1Percent: (100 * top1) / pictures,
    top5Percent: (100 * top5) / pictures,
  }))
  return { variants, pictures, unreadable }
}

/** What is recorded of an evaluation. */
export interface Measurement {
  readonly metric: 'top-1' | 'top-5'
  /** Where the pictures are from: the folder's name, for instance. */
  readonly source: string
  /** Day of the measurement, `2026-01-31`. */
  readonly date: string
}

/**
 * Writes measured accuracies (in hundredths of a percent, rounded down) and where they are from into a catalogue file, and what
 * was counted from the variants' files; everything else in it, comments too, stays.
 * @throws ConfigError when the file cannot be read or lacks a measured variant
 */
export async function recordEvaluation(
  catalogueFile: string,
  evaluation: Evaluation,
  { metric, source, date }: Measurement,
): Promise<void> {
  const document = parseDocument(await readText(catalogueFile))
  const fault = document.errors[0]
  if (fault) throw new ConfigError(`${catalogueFile} is not valid YAML: ${fault.message}`)
  const entries = document.get('variants')
  for (const { variant, precision, megaMacs, top1Percent, top5Percent } of evaluation.variants) {
    const entry = isSeq(entries)
      ? entries.items.find((item) => isMap(item) && item.get('name') === variant)
      : undefined
    if (!isMap(entry)) {
      throw new ConfigError(`${catalogueFile} has no variant "${variant}" to record for`)
    }
    const percent = metric === 'top-1' ? top1Percent : top5Percent
    entry.set('accuracyPercent', hundredthsOf(percent) / 100)
    entry.set(
      'accuracySource',
      `measured ${date}: ${metric} on ${evaluation.pictures} pictures of ${source}`,
    )
    entry.set('precision', precision)
    if (megaMacs !== undefined) entry.set('megaMacs', megaMacs)
  }
  await writeFileAtomically(catalogueFile, document.toString({ lineWidth: 0 }))
}

async function labelledPictures(catalogue: Catalogue, folder: string): Promise<LabelledPicture[]> {
  const pictures: LabelledPicture[] = []
  for (const directory of await sortedEntries(folder)) {
    if (!directory.isDirectory()) continue
    const label = classIndex(directory.name, catalogue, folder)
    const path = join(folder, directory.name)
    for (const entry of await sortedEntries(path)) {
      if (entry.isFile()) pictures.push({ file: join(path, entry.name), label })
    }
  }
  return pictures
}

async function sortedEntries(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries
      .filter((entry) => !entry.name.startsWith('.'))
      .sort((one, other) => (one.name < other.name ? -1 : 1))
  } catch (error) {
    throw new ConfigError(`cannot read ${folder}: ${messageOf(error)}`, { cause: error })
  }
}

/** The class a sub-folder stands for: a label of the catalogue, or an index. */
function classIndex(name: string, { labels, output }: Catalogue, folder: string): number {
  const labelled = labels.indexOf(name)
  if (labelled >= 0) return labelled
  const classes = output.shape.at(-1) ?? 0
  const index = /^\d+$/.test(name) ? Number(name) : classes
  if (index < classes) return index
  const allowed = `name it 0 to ${classes - 1}${labels.length > 0 ? ', or by a label of the catalogue' : ''}`
  throw new ConfigError(`${join(folder, name)} is no class of the model: ${allowed}`)
}

async function readablePicture(
  file: string,
  { input }: Catalogue,
): Promise<PictureValues | undefined> {
  try {
    return await decodePicture(file, input)
  } catch (error) {
    if (error instanceof InvalidInputError || error instanceof TooLargeError) return undefined
    throw error
  }
}

/** How many classes score at least as high as the right one: 0 means it is first, alone. */
export function rankOf(label: number, scores: ArrayLike<number>): number {
  const right = scores[label] ?? -Infinity
  let rank = 0
  for (let index = 0; index < scores.length; index++) {
    if (index !== label && !((scores[index] ?? Number.NaN) < right)) rank += 1
  }
  return rank
}

/** Pictures whose classes are known: a folder with one sub-folder for each class, or a pair of IDX files. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { ConfigError, messageOf } from '../../errors.ts'
import { readRegularFile } from '../../files.ts'
import { classesNamed, classesOf } from '../../protocol/classification.ts'
import { Random } from '../../random.ts'
import type { Catalogue } from './catalogue-schema.ts'
import { readIdxLabels, readIdxPictures } from './idx.ts'
import {
  decodePicture,
  MAX_PICTURE_BYTES,
  type PictureValues,
  pngOf,
  preparePicture,
} from './picture.ts'

/** One picture, and what is right about it. */
export interface LabelledPicture {
  /** Its file, or its place in one. */
  readonly name: string
  /** Index of the right class. */
  readonly label: number
  /** Prepared for the catalogue's input. @throws InvalidInputError for a file that is no picture */
  values(): Promise<PictureValues>
}

/** One that can be sent, too. */
export interface FiledPicture extends LabelledPicture {
  /** As a file: what an application sends. */
  encoded(): Promise<Uint8Array>
}

const ORDER_SEED = 1

/** Whole name: `t10k-images-idx3-ubyte.gz`; what stands before tells the splits of a set apart. */
const IDX_PICTURES = /^(.*?)-?images[-.]idx3-ubyte(?:\.gz)?$/

/**
 * Finds the pictures, and prepares none yet. Those of sub-folders come in an order by lot, always the same: who takes some, or one
 * after another, meets all classes.
 * @param folder of sub-folders named by label or index (links are followed), or of `*-images-idx3-ubyte` and `*-labels-idx1-ubyte`, `.gz` or not
 * @param split what the names of the IDX files begin with, where the folder holds several pairs
 * @throws ConfigError for a folder that cannot be read, that names an unknown class, or without pictures
 */
export async function labelledPictures(
  catalogue: Catalogue,
  folder: string,
  split?: string,
): Promise<FiledPicture[]> {
  const names = await namesIn(folder)
  const pairs = names.filter((name) => IDX_PICTURES.test(name))
  const pictures =
    pairs.length > 0
      ? await fromIdx(catalogue, join(folder, chosenPair(pairs, folder, split)))
      : await fromFolders(catalogue, folder)
  if (pictures.length > 0) return pictures
  throw new ConfigError(
    `${folder} holds no picture: it needs one sub-folder of pictures for each class, or a pair of IDX files`,
  )
}

/** What a folder of pictures is called: `t10k` of `fashion-mnist`, or just its name. */
export function sourceOf(folder: string, split?: string): string {
  return `${split === undefined ? '' : `${split} of `}${basename(resolve(folder))}`
}

function chosenPair(pairs: readonly string[], folder: string, split: string | undefined): string {
  const splitOf = (name: string) => IDX_PICTURES.exec(name)?.[1] ?? ''
  const fitting = pairs.filter((name) => split === undefined || splitOf(name) === split)
  // A file that was unpacked beside its archive is the same pictures.
  const splits = [...new Set(fitting.map(splitOf))]
  const [first] = fitting
  if (first !== undefined && splits.length === 1) return first
  const known = [...new Set(pairs.map(splitOf))].join(' or ')
  throw new ConfigError(
    split === undefined
      ? `${folder} holds several sets of pictures: choose with --split ${known}`
      : `${folder} holds no pictures of the split "${split}": choose ${known}`,
  )
}

async function fromIdx(catalogue: Catalogue, file: string): Promise<FiledPicture[]> {
  const name = basename(file).replace(/images([-.])idx3/, 'labels$1idx1')
  const labelsFile = join(dirname(file), await existing(dirname(file), name))
  const pictures = await readIdxPictures(file)
  const labels = await readIdxLabels(labelsFile)
  const classes = classesOf(catalogue.output.shape)
  if (labels.length !== pictures.length) {
    throw new ConfigError(
      `${labelsFile} has ${labels.length} labels for ${pictures.length} pictures`,
    )
  }
  const wrong = labels.find((label) => label >= classes)
  if (wrong !== undefined) {
    throw new ConfigError(
      `${labelsFile}: class ${wrong} is none of the model's: it has 0 to ${classes - 1}`,
    )
  }
  return pictures.map((picture, index) => ({
    name: `${file}[${index}]`,
    label: labels[index] ?? 0,
    values: () => preparePicture(picture, catalogue.input),
    encoded: () => pngOf(picture),
  }))
}

/** The labels' file, compressed or not. */
async function existing(folder: string, name: string): Promise<string> {
  const other = name.endsWith('.gz') ? name.slice(0, -'.gz'.length) : `${name}.gz`
  for (const candidate of [name, other]) {
    const found = await stat(join(folder, candidate)).catch(() => undefined)
    if (found) return candidate
  }
  throw new ConfigError(`${folder} has pictures but no labels: ${name} is missing`)
}

async function fromFolders(catalogue: Catalogue, folder: string): Promise<FiledPicture[]> {
  const pictures: FiledPicture[] = []
  for (const name of await namesIn(folder)) {
    const path = join(folder, name)
    if (!(await isFolder(path))) continue
    const label = classIndex(name, catalogue, folder)
    // What is no picture, such as a folder, counts as one that cannot be read: it is named then.
    for (const entry of await namesIn(path)) {
      const file = join(path, entry)
      const values = () => decodePicture(file, catalogue.input)
      const encoded = () => readRegularFile(file, MAX_PICTURE_BYTES)
      pictures.push({ name: file, label, values, encoded })
    }
  }
  const random = new Random(ORDER_SEED)
  const order = random.shuffle(Uint32Array.from(pictures.keys()))
  return [...order].flatMap((index) => pictures.slice(index, index + 1))
}

/** Where links lead counts. */
async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/** But hidden ones. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder)
    return names.filter((name) => !name.startsWith('.')).sort()
  } catch (error) {
    throw new ConfigError(`cannot read ${folder}: ${messageOf(error)}`, { cause: error })
  }
}

/** The class a sub-folder stands for: a label of the catalogue, or an index. */
function classIndex(name: string, catalogue: Catalogue, folder: string): number {
  const { labels } = catalogue
  const [labelled, ...others] = classesNamed(labels, name)
  if (others.length > 0) {
    const indices = [labelled, ...others].join(' and ')
    throw new ConfigError(
      `${join(folder, name)}: the classes ${indices} are all called ${name}: name the folder by its index`,
    )
  }
  if (labelled !== undefined) return labelled
  const classes = classesOf(catalogue.output.shape)
  const index = /^\d+$/.test(name) ? Number(name) : classes
  if (index < classes) return index
  const allowed = `name it 0 to ${classes - 1}${labels.length > 0 ? ', or by a label of the catalogue' : ''}`
  throw new ConfigError(`${join(folder, name)} is no class of the model: ${allowed}`)
}

/** Reads and writes catalogue files; `catalogue-schema.ts` says what one holds. */
import { stat } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { Document, isScalar, visit } from 'yaml'
import { ConfigError, messageOf } from '../../errors.ts'
import { isMissing } from '../../files.ts'
import { packageFile } from '../../package-files.ts'
import { check, readText, type Written, written } from '../../yaml.ts'
import { writeFileAtomically } from './atomic-file.ts'
import { type Catalogue, catalogueSchema, type Variant } from './catalogue-schema.ts'
import { checkModels, type Findings, refuse } from './check-models.ts'

export type { Catalogue, Variant } from './catalogue-schema.ts'

/** Of the models that come with Tierwise, trained on Fashion-MNIST. */
export const FASHION_CATALOGUE = packageFile('models/fashion/catalogue.yaml')
/** Of a catalogue that is read. */
export interface ReadOptions {
  /** URL of a server that has every variant, whatever the catalogue says: by the model that it names, else by the variant's name. */
  readonly serveFrom?: string | undefined
  /** See `ModelOnServer`; of that server, in place of what the catalogue says of others. */
  readonly serverTokenFrom?: string | undefined
  readonly serverCa?: string | undefined
}

/** Shapes are written on one line, labels one a line. */
const LONGEST_INLINE = 4

/**
 * Reads a catalogue file and holds it against its model files.
 * @throws ConfigError with a line for each fault: file, line, key, variant, what is said and what the model's file says
 */
export async function loadCatalogue(file: string, options: ReadOptions = {}): Promise<Catalogue> {
  const { catalogue, faults } = await examineCatalogue(file, options)
  refuse(faults)
  return catalogue
}

/**
 * Reads a catalogue file and tells all that is wrong with it.
 * @throws ConfigError with a line for each fault when it cannot be read as a catalogue at all
 */
export async function examineCatalogue(
  file: string,
  options: ReadOptions = {},
): Promise<{ readonly catalogue: Catalogue } & Findings> {
  const { value, place } = written(await readText(file), file)
  const { labels, variants, pictures, ...rest } = check(value, catalogueSchema, place)
  const directory = dirname(file)
  const found = variants.map(async (variant): Promise<Variant> => {
    const place = placeIn(directory, variant.file)
    const bytes = typeof place === 'string' ? await sizeOf(place) : undefined
    const served = placeAt(options, variant.name, place)
    return { ...variant, file: served, ...(bytes !== undefined && { bytes }) }
  })
  const catalogue: Catalogue = {
    ...rest,
    ...(pictures !== undefined && { pictures: resolve(directory, pictures) }),
    variants: await Promise.all(found),
    labels: typeof labels === 'string' ? await readLabels(resolve(directory, labels)) : labels,
  }
  const { faults, warnings } = await checkModels(catalogue, place)
  return { catalogue, faults: [...nameFaults(catalogue, place), ...faults], warnings }
}

/**
 * The part of a catalogue that a node holds.
 * @param names of variants; undefined: all
 * @throws ConfigError for a variant that the catalogue lacks
 */
export function heldPart(catalogue: Catalogue, names: readonly string[] | undefined): Catalogue {
  if (names === undefined) return catalogue
  const all = catalogue.variants.map(({ name }) => name)
  const unknown = names.filter((name) => !all.includes(name))
  if (unknown.length > 0) {
    throw new ConfigError(
      `variants: the catalogue has no ${unknown.join(', ')}: give some of ${all.join(', ')}, or none`,
    )
  }
  return { ...catalogue, variants: catalogue.variants.filter(({ name }) => names.includes(name)) }
}

/** Writes a catalogue file, replacing any other; paths are written relative to it where they can be. */
export async function writeCatalogue(
  file: string,
  { model, input, output, labels, pictures, executionProviders, variants, cascades }: Catalogue,
  comment?: string,
): Promise<void> {
  const directory = dirname(resolve(file))
  const document = new Document({
    model,
    input,
    output,
    ...(labels.length > 0 && { labels }),
    ...(pictures !== undefined && { pictures: pathFrom(directory, pictures) }),
    ...(executionProviders && { executionProviders }),
    variants: variants.map(({ bytes: _, ...variant }) => {
      return { ...variant, file: writtenPlace(directory, variant.file) }
    }),
    ...(cascades.length > 0 && { cascades }),
  })
  visit(document, {
    Seq: (_, sequence) => {
      sequence.flow = sequence.items.length <= LONGEST_INLINE && sequence.items.every(isScalar)
    },
  })
  if (comment) document.commentBefore = comment.replace(/^/gm, ' ')
  await writeCatalogueText(file, document.toString({ lineWidth: 0 }))
}

/**
 * Writes nothing that could not be read again.
 * @throws ConfigError naming the value that cannot stand in a catalogue, or the file that cannot be written
 */
export async function writeCatalogueText(file: string, text: string): Promise<void> {
  const { value, place } = written(text, file)
  refuse(nameFaults(check(value, catalogueSchema, place), place))
  await writeFileAtomically(file, text).catch((cause: unknown) => {
    const problem = isMissing(cause) ? 'its folder is not there' : messageOf(cause)
    throw new ConfigError(`cannot write ${file}: ${problem}`, { cause })
  })
}

/** The model file of a variant. @throws ConfigError where another server has it */
export function fileOf({ name, file }: Pick<Variant, 'name' | 'file'>): string {
  if (typeof file === 'string') return file
  throw new ConfigError(
    `variant ${name} is served by ${file.url}: this needs its model file; name one in the catalogue`,
  )
}

function placeIn(directory: string, place: Variant['file']): Variant['file'] {
  if (typeof place === 'string') return resolve(directory, place)
  return place.ca === undefined ? place : { ...place, ca: resolve(directory, place.ca) }
}

function placeAt(
  { serveFrom: url, serverTokenFrom: tokenFrom, serverCa: ca }: ReadOptions,
  name: string,
  place: Variant['file'],
): Variant['file'] {
  if (url === undefined) return place
  const { model, version } = typeof place === 'string' ? { model: name } : place
  return {
    ...{ url, model },
    ...(version !== undefined && { version }),
    ...(tokenFrom !== undefined && { tokenFrom }),
    ...(ca !== undefined && { ca }),
  }
}

function writtenPlace(directory: string, place: Variant['file']): Variant['file'] {
  if (typeof place === 'string') return pathFrom(directory, place)
  return place.ca === undefined ? place : { ...place, ca: pathFrom(directory, place.ca) }
}

/** One class a line; lines that are empty at the end are none. @throws ConfigError for a file without any, or that cannot be read */
export async function readLabels(file: string): Promise<string[]> {
  const text = await readText(file).catch((error: unknown) => {
    throw new ConfigError(`labels: ${messageOf(error)}; list the labels or leave the key out`, {
      cause: error,
    })
  })
  const lines = text.trimEnd().split(/\r?\n/)
  if (lines.some((line) => line !== '')) return lines
  throw new ConfigError(`labels: ${file} is empty: write one class a line, or leave it out`)
}

interface Named {
  readonly model: string
  readonly variants: readonly { readonly name: string }[]
}

function nameFaults({ model, variants }: Named, place: Written['place']): string[] {
  if (variants.every((variant) => variant.name !== model)) return []
  return [`${place(['model'])}: the model and a variant are both called "${model}": rename one`]
}

/** Undefined where there is no file. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch {
    return undefined
  }
}

/** A path as a catalogue in a directory says it: relative where it can be. */
export function pathFrom(directory: string, file: string): string {
  const path = relative(directory, file)
  return path.startsWith('..') || isAbsolute(path) ? file : path
}

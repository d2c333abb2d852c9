/** Writes what was measured into a catalogue file; everything else in it, comments too, stays. */
import { type Document, isMap, isSeq, parseDocument, visit, type YAMLMap } from 'yaml'
import { ConfigError } from '../../errors.ts'
import type { Cascade } from '../../fleet/choice.ts'
import { hundredthsOf } from '../../fleet/goal.ts'
import { readText } from '../../yaml.ts'
import { writeCatalogueText } from './catalogue.ts'
import type { EvaluatedVariant, Evaluation } from './evaluate.ts'

/** What is said of an evaluation. */
export interface Measurement {
  /** Where the pictures are from: the folder's name, for instance. */
  readonly source: string
  /** Day of the measurement, `2026-01-31`. */
  readonly date: string
}

/**
 * Records accuracies in hundredths of a percent, rounded down, with interval and source; what was counted of the variants' files;
 * and temperatures and cascades where they were measured. Cascades of before go: they were measured on other pictures.
 * @throws ConfigError when the file cannot be read or lacks a measured variant
 */
export async function recordEvaluation(
  catalogueFile: string,
  evaluation: Evaluation,
  { source, date }: Measurement,
): Promise<void> {
  const document = parseDocument(await readText(catalogueFile))
  const fault = document.errors[0]
  if (fault) throw new ConfigError(`${catalogueFile} is not valid YAML: ${fault.message}`)
  const { metric, pictures } = evaluation
  const text = `measured ${date}: ${metric} on ${pictures} pictures of ${source}`
  for (const measured of evaluation.variants) {
    record(document, entryOf(document, measured.variant, catalogueFile), {
      ...measured,
      percent: metric === 'top-1' ? measured.top1Percent : measured.top5Percent,
      source: text,
    })
  }
  const { cascades = [] } = evaluation
  if (cascades.length > 0) document.set('cascades', cascadesNode(document, cascades))
  else document.delete('cascades')
  await writeCatalogueText(catalogueFile, document.toString({ lineWidth: 0 }))
}

function entryOf(document: Document, variant: string, catalogueFile: string): YAMLMap {
  const entries = document.get('variants')
  const entry = isSeq(entries)
    ? entries.items.find((item) => isMap(item) && item.get('name') === variant)
    : undefined
  if (isMap(entry)) return entry
  throw new ConfigError(`${catalogueFile} has no variant "${variant}" to record for`)
}

function record(
  document: Document,
  entry: YAMLMap,
  measured: EvaluatedVariant & { readonly percent: number; readonly source: string },
): void {
  const { percent, source, interval, precision, megaMacs, temperature } = measured
  const [low, high] = interval
  const bounds = [hundredthsOf(low) / 100, Math.ceil(high * 100) / 100]
  entry.set('precision', precision)
  entry.set('accuracyPercent', hundredthsOf(percent) / 100)
  entry.set('accuracyInterval', document.createNode(bounds, { flow: true }))
  entry.set('accuracySource', source)
  if (megaMacs !== undefined) entry.set('megaMacs', megaMacs)
  if (temperature !== undefined) entry.set('temperature', temperature)
}

/** Points one a line. */
function cascadesNode(document: Document, cascades: readonly Cascade[]) {
  const node = document.createNode(cascades)
  visit(node, {
    Map: (_, map) => {
      map.flow = map.has('margin')
    },
  })
  return node
}

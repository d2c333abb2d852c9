/** `tierwise models list` */
import type { Variant } from '../../serving/models/catalogue.ts'
import { builtCatalogue } from '../models-on-disk.ts'
import { textTable } from '../table.ts'

/** Of `listModels`. */
export interface ListFlags {
  readonly catalogue?: string
  readonly json?: boolean
}

/** The variants of a catalogue, as a table or as JSON. */
export async function listModels({ catalogue, json }: ListFlags): Promise<void> {
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
    intervalText(variant.accuracyInterval),
    variant.accuracySource,
    placeText(variant.file),
  ])
  const head = [
    'variant',
    'precision',
    'MACs',
    'size',
    'accuracy',
    '95 % interval',
    'accuracy from',
    'file',
  ]
  process.stdout.write(`${model} (${found.file})\n${textTable(head, rows)}\n`)
}

/** A path, or `mobilenet_large at http://triton:8000`. */
function placeText(place: Variant['file']): string {
  return typeof place === 'string' ? place : `${place.model} at ${place.url}`
}

/** `569 M`; nothing where they have not been counted. */
export function macsText({ megaMacs }: { readonly megaMacs?: number }): string {
  return megaMacs === undefined ? '' : `${Number(megaMacs.toPrecision(3))} M`
}

/** `92.1 to 93.2 %`; nothing where there is none. */
export function intervalText(interval: readonly [number, number] | undefined): string {
  return interval ? `${interval.map((bound) => bound.toFixed(1)).join(' to ')} %` : ''
}

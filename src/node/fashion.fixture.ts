/**
 * For tests: two trained classifiers of Fashion-MNIST (MIT licence, Zalando Research) and 300 of its test pictures, so that an answer
 * can be right or wrong, sure or unsure. The files hold the two models, and 300 labels followed by 300 pictures of 28 × 28.
 */
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { InferRequest } from '../protocol/messages.ts'
import { writeCatalogue } from '../serving/models/catalogue.ts'

const SIDE = 28
const PIXELS = SIDE * SIDE
const PICTURES = 300

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))

export const LABELS = [
  'T-shirt',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Boot',
]

/** Of the pair, on the 10,000 test pictures. */
export const POINT = { margin: 0.5, escalatedPercent: 17.33, accuracyPercent: 89.96 }

/** @returns path of a catalogue of the two, `large` and `tiny` */
export async function fashionCatalogue(): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'tierwise-fashion-')), 'catalogue.yaml')
  const measured = { precision: 'FP32', accuracySource: '10,000 test pictures' } as const
  await writeCatalogue(file, {
    model: 'fashion',
    input: { name: 'input', datatype: 'UINT8', shape: [1, 3, SIDE, SIDE], mean: 0, scale: 1 },
    output: { name: 'probabilities', shape: [1, 10] },
    labels: LABELS,
    variants: [
      { ...measured, name: 'large', file: fixture('fashion-small.onnx'), accuracyPercent: 90.39 },
      { ...measured, name: 'tiny', file: fixture('fashion-tiny.onnx'), accuracyPercent: 88.18 },
    ],
    cascades: [{ small: 'tiny', large: 'large', points: [POINT] }],
  })
  return file
}

/** A picture and what it shows. */
export interface Labelled {
  readonly pixels: Uint8Array
  readonly label: number
}

export async function fashionPictures(): Promise<Labelled[]> {
  const bytes = gunzipSync(await readFile(fixture('fashion-300.gz')))
  return Array.from({ length: PICTURES }, (_, index) => ({
    pixels: bytes.subarray(PICTURES + index * PIXELS, PICTURES + (index + 1) * PIXELS),
    label: bytes[index] ?? 0,
  }))
}

/** The picture turned about its centre, nearest pixel. */
export function rotated({ pixels, label }: Labelled, degrees: number): Labelled {
  const [cos, sin] = [Math.cos, Math.sin].map((f) => f((degrees * Math.PI) / 180)) as [
    number,
    number,
  ]
  const centre = (SIDE - 1) / 2
  const turned = Uint8Array.from({ length: PIXELS }, (_, at) => {
    const [x, y] = [(at % SIDE) - centre, Math.floor(at / SIDE) - centre]
    const [fromX, fromY] = [cos * x + sin * y, cos * y - sin * x].map((d) => Math.round(d + centre))
    const isInside = [fromX, fromY].every((d = -1) => d >= 0 && d < SIDE)
    return isInside ? (pixels[(fromY ?? 0) * SIDE + (fromX ?? 0)] ?? 0) : 0
  })
  return { pixels: turned, label }
}

/** As the models take it: grey as three equal planes. */
export function requestOf({ pixels }: Labelled, id?: string): InferRequest {
  const data = new Uint8Array(3 * PIXELS)
  for (const plane of [0, 1, 2]) data.set(pixels, plane * PIXELS)
  const tensor = { name: 'input', datatype: 'UINT8', shape: [1, 3, SIDE, SIDE], data } as const
  return { ...(id !== undefined && { id }), inputs: [tensor] }
}

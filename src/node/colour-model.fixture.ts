/** For tests: a real model that tells the colour of a picture, so that the right label is known beforehand. */
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { ELEMENT_TYPES, GraphBuilder } from '../onnx/graph-builder.ts'
import { writeCatalogue } from '../serving/models/catalogue.ts'

export const COLOURS = ['red', 'grün', 'blue'] as const

/** What the model takes: FP32 as p / 51 (0 to 5), UINT8 as they are. */
interface Input {
  readonly side: number
  readonly datatype: 'FP32' | 'UINT8'
  /** Whether it takes any number of pictures at once; else one. */
  readonly takesMany?: boolean
}

/** Probabilities: softmax of the mean of each channel. */
function colourModel({ side, datatype, takesMany }: Input): Uint8Array {
  const graph = new GraphBuilder('colours')
  const batch = takesMany ? 'batch' : 1
  const isBytes = datatype === 'UINT8'
  const pixels = graph.input('pixels', isBytes ? 'uint8' : 'float32', [batch, 3, side, side])
  const values = isBytes ? graph.node('Cast', [pixels], { to: ELEMENT_TYPES.float32 }) : pixels
  const scaled = isBytes ? graph.node('Div', [values, graph.scalar(51)]) : values
  const means = graph.node('ReduceMean', [scaled], { axes: [2, 3], keepdims: 0 })
  graph.node('Softmax', [means], { axis: 1 }, { output: 'probabilities' })
  graph.output('probabilities', 'float32', [batch, 3])
  return graph.model()
}

/** Its catalogue, of two variants that answer alike. @returns the file's path */
export async function colourCatalogue(
  { side, datatype, takesMany = false }: Input = { side: 32, datatype: 'FP32' },
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tierwise-colours-'))
  const model = join(folder, 'colours.onnx')
  await writeFile(model, colourModel({ side, datatype, takesMany }))
  const rows = [
    { name: 'large', accuracyPercent: 90 },
    { name: 'small', accuracyPercent: 80 },
  ]
  const file = join(folder, 'catalogue.yaml')
  await writeCatalogue(file, {
    model: 'colours',
    input: {
      name: 'pixels',
      datatype,
      shape: [1, 3, side, side],
      mean: 0,
      scale: datatype === 'FP32' ? 51 : 1,
    },
    output: { name: 'probabilities', shape: [1, 3] },
    labels: COLOURS,
    cascades: [
      {
        small: 'small',
        large: 'large',
        points: [{ margin: 0.99, escalatedPercent: 100, accuracyPercent: 90 }],
      },
    ],
    variants: rows.map((row) => {
      return { ...row, file: model, precision: 'FP32', accuracySource: 'made up' }
    }),
  })
  return file
}

/** A picture of one colour. */
export function picture(
  colour: (typeof COLOURS)[number],
  format: 'jpeg' | 'png' | 'webp' | 'gif' = 'png',
  { width = 64, height = 48 } = {},
): Promise<Buffer> {
  const [r, g, b] = COLOURS.map((each) => (each === colour ? 255 : 0))
  const background = { r: r ?? 0, g: g ?? 0, b: b ?? 0 }
  return sharp({ create: { width, height, channels: 3, background } })
    .toFormat(format)
    .toBuffer()
}

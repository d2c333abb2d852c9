import { ConfigError } from '../../errors.ts'
import type { Catalogue } from './catalogue-schema.ts'

/** How a model takes a picture. */
export interface PictureForm {
  /** NCHW: plane after plane; NHWC: pixel after pixel. */
  readonly layout: NonNullable<Catalogue['input']['layout']>
  /** Grey, or red, green and blue. */
  readonly channels: 1 | 3
  readonly height: number
  readonly width: number
}

/**
 * The picture that an input [1, channels, height, width] or [1, height, width, channels] stands for, with or without the 1. Without `layout` the channels
 * come first where that can be.
 * @throws ConfigError for a model that takes no pictures, or whose `layout`, `mean` or `scale` do not go with its shape
 */
export function pictureForm({
  datatype,
  shape,
  layout: said,
  mean,
  scale,
}: Catalogue['input']): PictureForm {
  // Models without a batch have one picture's sizes alone.
  const [batch, ...sizes] = shape.length === 3 ? [1, ...shape] : shape
  const [first, , last] = sizes
  const isPicture =
    ['FP32', 'FP16', 'UINT8'].includes(datatype) && batch === 1 && sizes.length === 3
  const layout = said ?? (channelsOf(first) ? 'NCHW' : 'NHWC')
  const channels = channelsOf(layout === 'NCHW' ? first : last)
  const [height = 0, width = 0] = layout === 'NCHW' ? sizes.slice(1) : sizes
  if (!isPicture || channels === undefined) {
    throw new ConfigError(
      `the model's input is ${datatype} [${shape.join(', ')}]${said ? ` ${said}` : ''}: pictures need FP32, FP16 or UINT8, ` +
        '[1, channels, height, width] or [1, height, width, channels], with 1 or 3 channels (or the same without the 1)',
    )
  }
  for (const [key, value] of Object.entries({ mean, scale })) {
    if (typeof value === 'number' || value.length === channels) continue
    throw new ConfigError(`input.${key} has ${value.length} values for ${channels} channels`)
  }
  return { layout, channels, height, width }
}

function channelsOf(size: number | undefined): 1 | 3 | undefined {
  return size === 1 || size === 3 ? size : undefined
}

/** Whether a picture can be made into the model's input. */
export function takesPictures(input: Catalogue['input']): boolean {
  try {
    pictureForm(input)
    return true
  } catch {
    return false
  }
}

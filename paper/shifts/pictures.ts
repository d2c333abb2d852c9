/** Pictures as a camera may come to see them. What lies beyond their edges is black, as their background is. */
import type { Random } from '../../src/random.ts'
import type { GreyPicture } from '../../src/serving/models/picture.ts'
import type { Shift } from './settings.ts'

const WHITE = 255

/**
 * noise: normal, of each pixel, the strength its standard deviation in percent of the range. blur: Gaussian, of so many pixels.
 * rotation: about the centre, by so many degrees. occlusion: a black square somewhere, its side so many pixels. darkness: so many percent
 * less bright.
 */
export function shifted(
  picture: GreyPicture,
  { shift, strength }: { readonly shift: Shift; readonly strength: number },
  random: Random,
): GreyPicture {
  switch (shift) {
    case 'noise':
      return noisy(picture, (strength / 100) * WHITE, random)
    case 'blur':
      return blurred(picture, strength)
    case 'rotation':
      return rotated(picture, (strength * Math.PI) / 180)
    case 'occlusion':
      return occluded(picture, strength, random)
    case 'darkness':
      return mapped(picture, (_row, _column, value) => (1 - strength / 100) * value)
    default:
      return picture
  }
}

function noisy(picture: GreyPicture, deviation: number, random: Random): GreyPicture {
  return mapped(picture, (_row, _column, value) => value + deviation * random.normal())
}

/** First along the rows, then along the columns. */
function blurred(picture: GreyPicture, deviation: number): GreyPicture {
  const reach = Math.ceil(3 * deviation)
  const offsets = Array.from({ length: 2 * reach + 1 }, (_, index) => index - reach)
  const weights = offsets.map((offset) => Math.exp(-(offset ** 2) / (2 * deviation ** 2)))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const along = (source: Source, down: number, right: number): Source => {
    return (row, column) =>
      offsets.reduce((total, offset, index) => {
        const weight = (weights[index] ?? 0) / sum
        return total + weight * source(row + down * offset, column + right * offset)
      }, 0)
  }
  const { height, width } = picture
  const inRows = along(sourceOf(picture), 0, 1)
  const kept = Float64Array.from({ length: height * width }, (_, at) =>
    inRows(Math.floor(at / width), at % width),
  )
  return mapped(picture, along(sourceOf({ height, width, pixels: kept }), 1, 0))
}

/** Between four pixels, in proportion to how near they are. */
function rotated(picture: GreyPicture, angle: number): GreyPicture {
  const { height, width } = picture
  const source = sourceOf(picture)
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)]
  const [middleRow, middleColumn] = [(height - 1) / 2, (width - 1) / 2]
  return mapped(picture, (row, column) => {
    const [down, right] = [row - middleRow, column - middleColumn]
    const fromRow = middleRow + cosine * down - sine * right
    const fromColumn = middleColumn + sine * down + cosine * right
    const [top, left] = [Math.floor(fromRow), Math.floor(fromColumn)]
    const [below, beside] = [fromRow - top, fromColumn - left]
    const between = (at: number) => (1 - beside) * source(at, left) + beside * source(at, left + 1)
    return (1 - below) * between(top) + below * between(top + 1)
  })
}

function occluded(picture: GreyPicture, side: number, random: Random): GreyPicture {
  const { height, width } = picture
  const top = random.integer(height - side + 1)
  const left = random.integer(width - side + 1)
  return mapped(picture, (row, column, value) => {
    const isCovered = row >= top && row < top + side && column >= left && column < left + side
    return isCovered ? 0 : value
  })
}

type Source = (row: number, column: number) => number

/** 0 beyond the edges. */
function sourceOf({
  height,
  width,
  pixels,
}: Omit<GreyPicture, 'pixels'> & { readonly pixels: ArrayLike<number> }): Source {
  return (row, column) => {
    const isInside = row >= 0 && row < height && column >= 0 && column < width
    return isInside ? (pixels[row * width + column] ?? 0) : 0
  }
}

/** Rounded, and held within the range of pixels. */
function mapped(
  { height, width, pixels }: GreyPicture,
  pixelOf: (row: number, column: number, value: number) => number,
): GreyPicture {
  const values = Uint8ClampedArray.from(pixels, (value, at) =>
    pixelOf(Math.floor(at / width), at % width, value),
  )
  return { height, width, pixels: new Uint8Array(values.buffer) }
}

/**
 * Extension `image`: an encoded picture in place of a model's input tensor. It is either the whole body of a request,
 * told by its first bytes whatever its content type, or the one element of a BYTES tensor `image` of shape [1] or [1, 1]:
 * as it is in binary data, as base64 in JSON. Parameters of a picture that is the whole body are in the address:
 * `…/infer?deadline_ms=80&classification=3`.
 */
import { InvalidInputError, UnsupportedMediaError } from '../errors.ts'
import { joinByteStrings, splitByteStrings } from './byte-strings.ts'
import { hasClasses } from './classification.ts'
import type { InferRequest, ModelMetadata, Parameters, PictureFrame, WireBody } from './messages.ts'

/** In `extensions` of a server that takes pictures. */
export const IMAGE_EXTENSION = 'image'

const INPUT = 'image'
const ACCEPTED = 'JPEG, PNG or WebP'

/** What an encoded picture is, by its first bytes; undefined for anything but JPEG, PNG and WebP. */
export function pictureType(bytes: Uint8Array): PictureFrame['mediaType'] | undefined {
  const text = latin1(bytes.subarray(0, 12))
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (text.startsWith('RIFF') && text.endsWith('WEBP')) return 'image/webp'
  return undefined
}

/**
 * Tells a body that is an encoded picture from one of the protocol's own.
 * @param address path and query that it was posted to
 * @throws UnsupportedMediaError for a picture of another format, and for what is no message at all
 */
export function framePicture(
  wire: WireBody,
  contentType: string | undefined,
  address: string,
): WireBody {
  if (wire.jsonLength !== undefined) return wire
  const mediaType = pictureType(wire.body)
  if (mediaType !== undefined) {
    const query = new URL(address, 'http://node').search.slice(1)
    return { ...wire, picture: { mediaType, query } }
  }
  if (isForeign(wire.body, contentType)) {
    throw new UnsupportedMediaError(
      `the body (content type ${contentType ?? 'not given'}) is no ${ACCEPTED}, nor a message of the protocol: post the picture as the whole body, as in curl --data-binary @picture.png`,
    )
  }
  return wire
}

/** Declared a picture or a form, or not beginning as any JSON does (0xEF: a byte order mark), and not declared as JSON either. */
function isForeign(body: Uint8Array, contentType = ''): boolean {
  if (/^(image|multipart)\//i.test(contentType)) return true
  if (/^application\/json/i.test(contentType) || body.byteLength === 0) return false
  const [first = 0] = body
  return !/[\s{["\d\-tfnN\xef]/.test(String.fromCharCode(first))
}

/** A picture that is the whole body, as the request that it stands for. */
export function pictureRequest(
  body: Uint8Array,
  { query }: PictureFrame,
  { outputs }: ModelMetadata,
): InferRequest {
  const { id, classification, ...texts } = Object.fromEntries(new URLSearchParams(query))
  const values = Object.entries(texts).map(([name, text]) => [name, typed(text)] as const)
  const classes = classification !== undefined && {
    classification: typed(classification),
  }
  return {
    ...(id !== undefined && { id }),
    parameters: Object.fromEntries(values),
    inputs: [{ name: INPUT, datatype: 'BYTES', shape: [1], data: joinByteStrings([body]) }],
    ...(classes && {
      outputs: outputs.map(({ name, datatype }) => ({
        name,
        ...(hasClasses(datatype) && { parameters: classes }),
      })),
    }),
  }
}

/** As JSON would have it: a number, true, false, or else a text. */
function typed(text: string): Parameters[string] {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

/** Whether the request is a BYTES tensor `image` and nothing else; a model's own input of that name is not of type BYTES. */
export function isPicture({ inputs }: InferRequest): boolean {
  const [input, ...others] = inputs
  return input?.name === INPUT && input.datatype === 'BYTES' && others.length === 0
}

/**
 * The encoded picture of a request that `isPicture`.
 * @throws InvalidInputError for several pictures or none; UnsupportedMediaError for what is none
 */
export function pictureOf({ inputs: [image] }: InferRequest): Uint8Array {
  const elements = image ? splitByteStrings(image.name, image.data) : []
  const [element] = elements
  if (element === undefined || elements.length > 1 || (image?.shape.length ?? 0) > 2) {
    throw new InvalidInputError(
      `input "${INPUT}" has shape [${image?.shape}]: send one picture at a time, shape [1] or [1, 1]`,
    )
  }
  const bytes = pictureType(element) ? element : Buffer.from(latin1(element), 'base64')
  if (pictureType(bytes)) return bytes
  throw new UnsupportedMediaError(
    `input "${INPUT}" holds no ${ACCEPTED}: send the file's bytes as binary data, or as base64 in JSON`,
  )
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** `tierwise infer`: one picture through a node, and how it was served. */
import { Command } from 'commander'
import { ConfigError, InvalidInputError, messageOf, printable } from '../errors.ts'
import { readRegularFile } from '../files.ts'
import { splitByteStrings } from '../protocol/byte-strings.ts'
import { InferenceClient } from '../protocol/client.ts'
import { encodeInferRequest } from '../protocol/codec.ts'
import { viewFloat32 } from '../protocol/datatypes.ts'
import type { InferResponse, Parameters, PictureFrame, WireBody } from '../protocol/messages.ts'
import { IMAGE_EXTENSION, pictureType } from '../protocol/picture-body.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { MAX_PICTURE_BYTES } from '../serving/models/picture.ts'
import { pictureTensor } from '../serving/shipped-pictures.ts'
import { clientAccess } from './credentials.ts'
import { builtCatalogue } from './models-on-disk.ts'
import { withSettings } from './settings/command.ts'
import { type InferSettings, inferSettings } from './settings/commands.ts'

const TOP = 5

/** `tierwise infer` */
export function inferCommand(): Command {
  const command = new Command('infer')
    .argument('[picture]', 'JPEG, PNG or WebP')
    .option('--image <file>', 'the same')
    .option('--json', 'as JSON')
  return withSettings(command, inferSettings, (settings) => infer(settings, flagsOf(command)))
}

interface Flags {
  readonly image: string
  readonly json?: boolean
}

function flagsOf(command: Command): Flags {
  const { image = command.args[0], json } = command.opts<Partial<Flags>>()
  if (image !== undefined) return { image, ...(json !== undefined && { json }) }
  throw new ConfigError('which picture? write tierwise infer FILE, or --image <file>')
}

async function infer(settings: InferSettings, flags: Flags): Promise<void> {
  const encoded = await readPicture(flags.image)
  const { catalogue } = await builtCatalogue(settings.catalogue)
  const mediaType = pictureType(encoded)
  const { url, tls, token } = await clientAccess(settings.credentials)
  const client = new InferenceClient(url(settings.url), {
    timeoutMs: settings.timeoutMs,
    connections: 1,
    ...{ tls, token },
  })
  try {
    const model = settings.model ?? catalogue.model
    const parameters = parametersOf(settings)
    const isTaken = mediaType && (await client.extensions()).includes(IMAGE_EXTENSION)
    const request = isTaken
      ? pictureWire(encoded, mediaType, parameters)
      : await tensorWire(flags.image, catalogue, parameters)
    const answer = await client.forward(model, request, {})
    const classes = classesOf(client.decoded(answer), catalogue)
    const isServing = ([name]: readonly [string, unknown]) => name.startsWith('x-tierwise-')
    const served = Object.fromEntries(Object.entries(answer.headers).filter(isServing))
    process.stdout.write(
      flags.json
        ? `${JSON.stringify({ model, classes, served }, null, 2)}\n`
        : printable(describe(classes, served)),
    )
  } finally {
    await client.close()
  }
}

async function readPicture(file: string): Promise<Uint8Array> {
  try {
    return await readRegularFile(file, MAX_PICTURE_BYTES)
  } catch (error) {
    throw new InvalidInputError(`${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

/** The file as it is; the answer is to name its classes. */
function pictureWire(
  body: Uint8Array,
  mediaType: PictureFrame['mediaType'],
  parameters: Parameters,
): WireBody {
  const texts = Object.entries({ ...parameters, classification: TOP })
  const query = new URLSearchParams(
    texts.map(([name, value]): [string, string] => [name, String(value)]),
  )
  return { body, picture: { mediaType, query: query.toString() } }
}

async function tensorWire(
  file: string,
  { input }: Catalogue,
  parameters: Parameters,
): Promise<WireBody> {
  const inputs = [await pictureTensor(file, input)]
  return encodeInferRequest({ parameters, inputs }, { binary: true })
}

/** The best classes of an answer, as it names them, or of its scores. */
export function classesOf(
  { outputs }: InferResponse,
  { output: { name }, labels }: Pick<Catalogue, 'output' | 'labels'>,
): Class[] {
  const output = outputs.find((each) => each.name === name) ?? outputs[0]
  if (output?.datatype !== 'BYTES') {
    return topClasses(output ? [...viewFloat32(output)] : [], labels)
  }
  return splitByteStrings(output.name, output.data).map((element) => {
    const [score = '', index = '', ...label] = Buffer.from(element).toString().split(':')
    const named = label.length > 0 ? label.join(':') : `class ${index}`
    return { index: Number(index), label: named, score: Number(score) }
  })
}

function parametersOf({ deadlineMs, minAccuracy }: InferSettings): Parameters {
  return {
    ...(deadlineMs !== undefined && { deadline_ms: deadlineMs }),
    ...(minAccuracy !== undefined && { min_accuracy: minAccuracy }),
  }
}

interface Class {
  readonly index: number
  readonly label: string
  readonly score: number
}

/** The best classes first. @param scores shape [classes] */
export function topClasses(scores: readonly number[], labels: readonly string[]): Class[] {
  return scores
    .map((score, index) => ({ index, label: labels[index] ?? `class ${index}`, score }))
    .sort((a, b) => b.score - a.score)
    .slice(0, TOP)
}

function describe(classes: readonly Class[], served: Readonly<Record<string, string>>): string {
  const lines = classes.map(({ label, score }) => `${score.toFixed(4)}  ${label}`)
  const how = Object.entries(served).map(
    ([name, value]) => `  ${name.replace('x-tierwise-', '').padEnd(14)} ${value}`,
  )
  return [...lines, '', 'How it was served:', ...how, ''].join('\n')
}

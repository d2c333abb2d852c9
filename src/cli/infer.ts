/** `tierwise infer`: one picture through a node, and how it was served. */
import { Command } from 'commander'
import { InferenceClient } from '../protocol/client.ts'
import { decodeInferResponse, encodeInferRequest } from '../protocol/codec.ts'
import { viewFloat32 } from '../protocol/datatypes.ts'
import type { Parameters } from '../protocol/messages.ts'
import { pictureTensor } from '../serving/shipped-pictures.ts'
import { clientAccess } from './credentials.ts'
import { builtCatalogue } from './models-on-disk.ts'
import { withSettings } from './settings/command.ts'
import { type InferSettings, inferSettings } from './settings/commands.ts'

const TOP = 5

/** `tierwise infer` */
export function inferCommand(): Command {
  const command = new Command('infer')
    .description(
      'Send one picture through a device (or any Open Inference Protocol server) and print the answer.',
    )
    .requiredOption('--image <file>', 'JPEG, PNG or WebP')
    .option('--json', 'as JSON')
  return withSettings(command, inferSettings, (settings) => infer(settings, command.opts()))
}

interface Flags {
  readonly image: string
  readonly json?: boolean
}

async function infer(settings: InferSettings, flags: Flags): Promise<void> {
  const { catalogue } = await builtCatalogue(settings.catalogue)
  const picture = await pictureTensor(flags.image, catalogue.input)
  const { url, tls, token } = await clientAccess(settings.credentials)
  const client = new InferenceClient(url(settings.url), {
    timeoutMs: settings.timeoutMs,
    connections: 1,
    ...{ tls, token },
  })
  try {
    const model = settings.model ?? catalogue.model
    const parameters = parametersOf(settings)
    const request = encodeInferRequest({ parameters, inputs: [picture] }, { binary: true })
    const { wire, headers } = await client.forward(model, request, {})
    const { outputs } = decodeInferResponse(wire)
    const output = outputs.find(({ name }) => name === catalogue.output.name) ?? outputs[0]
    const scores = output ? [...viewFloat32(output)] : []
    const classes = topClasses(scores, catalogue.labels)
    const isServing = ([name]: readonly [string, unknown]) => name.startsWith('x-tierwise-')
    const served = Object.fromEntries(Object.entries(headers).filter(isServing))
    process.stdout.write(
      flags.json
        ? `${JSON.stringify({ model, classes, served }, null, 2)}\n`
        : describe(classes, served),
    )
  } finally {
    await client.close()
  }
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

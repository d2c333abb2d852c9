/** `tierwise infer`: one picture through a node, and how it was served. */
import { Command } from 'commander'
import { ConfigError } from '../errors.ts'
import { InferenceClient } from '../protocol/client.ts'
import { decodeInferResponse, encodeInferRequest } from '../protocol/codec.ts'
import { viewFloat32 } from '../protocol/datatypes.ts'
import type { Parameters } from '../protocol/messages.ts'
import { builtCatalogue } from './models-on-disk.ts'
import { parseGoal, parseInteger } from './options.ts'
import { pictureTensor } from './pictures.ts'

interface Flags {
  readonly image: string
  readonly url: string
  readonly model?: string
  readonly catalogue?: string
  readonly timeout: number
  readonly deadlineMs?: number
  readonly minAccuracy?: number
  readonly json?: boolean
}

const TOP = 5

export function inferCommand(): Command {
  return new Command('infer')
    .description(
      'Send one picture through a device (or any Open Inference Protocol server) and print the answer.',
    )
    .requiredOption('--image <file>', 'JPEG, PNG or WebP')
    .option(
      '--url <url>',
      'the node to ask; `tierwise up` prints its devices',
      'http://127.0.0.1:8000',
    )
    .option('--model <name>', 'a variant such as d4 (default: the node decides)')
    .option('--catalogue <file>', 'catalogue that says how pictures enter the model')
    .option('--timeout <ms>', 'how long to wait', parseInteger(1), 10_000)
    .option(
      '--deadline-ms <ms>',
      'a smaller variant may serve to answer in time; refused when none can',
      parseInteger(1),
    )
    .option('--min-accuracy <percent>', 'with a deadline: no variant below it', parseGoal)
    .option('--json', 'as JSON')
    .action(infer)
}

async function infer(flags: Flags): Promise<void> {
  if (!URL.canParse(flags.url)) {
    throw new ConfigError(
      `--url "${flags.url}" is not a URL: write one such as http://127.0.0.1:8000`,
    )
  }
  const { catalogue } = await builtCatalogue(flags.catalogue, (text) =>
    process.stderr.write(`${text}\n`),
  )
  const picture = await pictureTensor(flags.image, catalogue.input)
  const client = new InferenceClient(flags.url, { timeoutMs: flags.timeout, connections: 1 })
  try {
    const model = flags.model ?? catalogue.model
    const parameters = parametersOf(flags)
    const request = encodeInferRequest({ parameters, inputs: [picture] }, { binary: true })
    const { wire, headers } = await client.forward(model, request, {})
    const { outputs } = decodeInferResponse(wire)
    const output = outputs.find(({ name }) => name === catalogue.output.name) ?? outputs[0]
    const scores = output ? [...viewFloat32(output)] : []
    const classes = topClasses(scores, catalogue.labels)
    const served = Object.fromEntries(
      Object.entries(headers).filter(([name]) => name.startsWith('x-tierwise-')),
    )
    process.stdout.write(
      flags.json
        ? `${JSON.stringify({ model, classes, served }, null, 2)}\n`
        : describe(classes, served),
    )
  } finally {
    await client.close()
  }
}

function parametersOf({ deadlineMs, minAccuracy }: Flags): Parameters {
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

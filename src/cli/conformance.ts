/** `tierwise conformance`: what of the Open Inference Protocol v2 a server keeps, point by point. */
import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { stringify } from 'yaml'
import type { z } from 'zod'
import { GrpcSurface } from '../conformance/grpc-surface.ts'
import { type ConformanceReport, type Judged, judge } from '../conformance/report.ts'
import { RestSurface } from '../conformance/rest-surface.ts'
import { ConfigError, printable } from '../errors.ts'
import { readText } from '../yaml.ts'
import { clientAccess } from './credentials.ts'
import { parseOutput } from './options.ts'
import { withSettings } from './settings/command.ts'
import { conformanceSettings } from './settings/commands.ts'
import { httpUrl } from './settings/kinds.ts'

const MARKS = { pass: '✓', fail: '✗', skipped: '–' }

/** The command. */
export function conformanceCommand(): Command {
  const command = new Command('conformance')
    .argument(
      '[url]',
      'base URL of its REST server, such as http://127.0.0.1:8000; without it, --grpc and --model',
    )
    .option('--out <file>', 'the report as YAML', parseOutput)
    .option('--json', 'the report as JSON, on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  tierwise conformance http://127.0.0.1:8000 --grpc 127.0.0.1:8001 --out conformance.yaml\n  tierwise conformance --grpc 127.0.0.1:9000 --model large',
    )
  return withSettings(command, conformanceSettings, (settings) => run(settings, command))
}

async function run(settings: z.infer<typeof conformanceSettings>, command: Command): Promise<void> {
  const { out, json } = command.opts<{ out?: string; json?: true }>()
  const report = await reportOn(command.args[0], settings, (judged) => {
    if (!json) process.stdout.write(`${lineOf(judged)}\n`)
  })
  const { passed, failed, skipped } = report
  if (json) process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`)
  else process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`)
  if (out !== undefined) await writeFile(out, stringify(report, { lineWidth: 0 }))
  if (failed > 0) process.exitCode = 1
}

async function reportOn(
  url: string | undefined,
  settings: z.infer<typeof conformanceSettings>,
  onPoint: (judged: Judged) => void,
): Promise<ConformanceReport> {
  if (url !== undefined && !httpUrl.safeParse(url).success) {
    throw new ConfigError(`${url} is no URL of a server: write http://host:port`)
  }
  const { timeoutMs, grpc: address } = settings
  const access = await clientAccess(settings.credentials)
  const token = settings.token ?? access.token
  const authority = settings.authority && (await readText(settings.authority))
  const tls = authority === undefined ? access.tls : { ca: authority }
  const reach = { token, timeoutMs }
  const openGrpc = (model: string) => {
    if (address === undefined) return undefined
    const [server = '', scheme] = address.split('://').reverse()
    const isTls = scheme === 'grpcs' || (scheme === undefined && tls !== undefined)
    return GrpcSurface.open({
      ...reach,
      address: server,
      model,
      tls: isTls ? { ca: tls?.ca } : undefined,
    })
  }
  if (url === undefined) {
    const grpc = settings.model === undefined ? undefined : await openGrpc(settings.model)
    if (grpc) return judge({ grpc }, onPoint).finally(() => grpc.close())
    throw new ConfigError('no server is named: give its URL, or --grpc host:port and --model name')
  }
  const rest = await RestSurface.open({
    ...reach,
    url: access.url(url),
    model: settings.model,
    tls,
  })
  try {
    const grpc = await openGrpc(rest.model)
    return await judge({ rest, grpc }, onPoint).finally(() => grpc?.close())
  } finally {
    await rest.close()
  }
}

function lineOf({ point, surface, what, verdict, evidence }: Judged): string {
  const line = `${MARKS[verdict]} ${String(point).padStart(2)} ${surface}: ${what}`
  return verdict === 'pass' ? line : `${line}\n     ${printable(evidence)}`
}

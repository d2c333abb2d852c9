/** `tierwise profile`: measure every variant on this machine. */
import { Command } from 'commander'
import { operatorsText } from '../serving/backends/operators.ts'
import { IntelligentService } from '../serving/intelligent-service.ts'
import { measureMachine } from '../serving/models/machine-profile.ts'
import { loadPictures } from '../serving/shipped-pictures.ts'
import { builtCatalogue } from './models-on-disk.ts'
import { parseInteger } from './options.ts'
import { formatBar, Progress } from './progress.ts'
import { textTable } from './table.ts'

interface Flags {
  readonly catalogue?: string
  readonly runs: number
  readonly executionProviders?: string
  readonly json?: boolean
}

/** `tierwise profile` */
export function profileCommand(): Command {
  return new Command('profile')
    .option('--catalogue <file>', 'your own models (a file), or fashion (default) or paper')
    .option('--runs <number>', 'inferences of each variant', parseInteger(1, 100_000), 100)
    .option(
      '--execution-providers <names>',
      'what ONNX Runtime may run on, the preferred one first, such as cuda,cpu; by default what the catalogue says, else cpu',
    )
    .option('--json', 'as JSON')
    .action(profile)
}

async function profile({ catalogue: file, runs, json, ...flags }: Flags): Promise<void> {
  const { catalogue } = await builtCatalogue(file)
  const [input] = await loadPictures(catalogue)
  if (!input) throw new Error('the shipped pictures are missing')
  const executionProviders = flags.executionProviders?.split(',').map((name) => name.trim())
  const service = new IntelligentService({
    ...{ catalogue, workers: 1, queueLimit: 1 },
    ...(executionProviders && { executionProviders }),
  })
  const progress = new Progress()
  await service.start()
  try {
    const marked = await measureMachine(service, {
      runs,
      input,
      onProgress: (done, total) => progress.update(() => formatBar(done / total)),
    })
    progress.end()
    if (json) {
      process.stdout.write(`${JSON.stringify(marked, null, 2)}\n`)
      return
    }
    const rows = marked.map((row) => [
      row.variant,
      row.precision,
      `${row.accuracyPercent} %`,
      `${row.p50Ms.toFixed(2)} ms`,
      `${row.p95Ms.toFixed(2)} ms`,
      `${row.memoryMb.toFixed(0)} MiB`,
      row.operators ? operatorsText(row.operators) : 'cpu',
      row.dominatedBy ?? '',
    ])
    const head = ['variant', 'precision', 'accuracy', 'p50', 'p95', 'memory', 'ran on', 'beaten by']
    process.stdout.write(`${textTable(head, rows)}\n`)
  } finally {
    await service.close()
  }
}

/** `tierwise models check` */
import { resolve } from 'node:path'
import { ConfigError, messageOf } from '../../errors.ts'
import { examineCatalogue } from '../../serving/models/catalogue.ts'
import type { Findings } from '../../serving/models/check-models.ts'

/** Prints all that is wrong with a catalogue and its models; with any fault the exit code is 1. */
export async function checkCatalogue(
  file: string,
  { json }: { readonly json?: boolean },
): Promise<void> {
  const { faults, warnings } = await findingsOf(resolve(file))
  if (faults.length > 0) process.exitCode = 1
  if (json) {
    process.stdout.write(`${JSON.stringify({ file: resolve(file), faults, warnings }, null, 2)}\n`)
    return
  }
  const lines = [...faults, ...warnings.map((warning) => `${warning} (warning)`)]
  const verdict =
    faults.length === 0
      ? `${file} can be served`
      : `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}: it cannot be served`
  process.stdout.write([...lines, verdict, ''].join('\n'))
}

/** What is no catalogue at all has its faults in one message, one a line. */
async function findingsOf(file: string): Promise<Findings> {
  try {
    return await examineCatalogue(file)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { faults: messageOf(error).split('\n'), warnings: [] }
  }
}

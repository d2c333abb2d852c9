/** What ONNX Runtime may run operators on: processors, and accelerators where it knows them. */
import { listSupportedBackends } from 'onnxruntime-node'
import { ConfigError } from '../../errors.ts'
import { operatorRuns } from './operator-runs.ts'
import type { OperatorsByProvider } from './operators.ts'

/**
 * ONNX Runtime leaves out what it does not know, and runs on the processor: better to be told.
 * @throws ConfigError naming what this runtime has
 */
export function checkProviders(wanted: readonly string[]): void {
  const has = listSupportedBackends().map(({ name }) => name)
  const lacking = wanted.filter((name) => !has.includes(name))
  if (lacking.length === 0) return
  throw new ConfigError(
    `executionProviders: ONNX Runtime has no ${lacking.join(', ')} on this machine: name some of ${has.join(', ')}`,
  )
}

/**
 * Which providers a model runs on: what the preferred one cannot run, the next one does, without a word. Blocks this thread for an
 * inference on zeros.
 * @param inputShape sizes for the dimensions that the model leaves open
 * @throws ConfigError for a file that cannot be loaded on them
 */
export async function ranOn(
  file: string,
  executionProviders: readonly string[],
  inputShape: readonly number[],
): Promise<OperatorsByProvider> {
  const operators: Record<string, number> = {}
  for (const { provider } of await operatorRuns(file, inputShape, { executionProviders })) {
    const name = provider.replace(/ExecutionProvider$/, '').toLowerCase()
    operators[name] = (operators[name] ?? 0) + 1
  }
  return operators
}

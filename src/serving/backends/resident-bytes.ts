import { fork } from 'node:child_process'
import { UnavailableError } from '../../errors.ts'
import { workerUrl } from '../../package-files.ts'
import type { ProbeAnswer } from './memory-probe.ts'

/**
 * Growth of a fresh process's resident memory when it loads and runs a model.
 * @param warmUpShape sizes for the dimensions that the model leaves open
 * @throws UnavailableError when the process fails
 */
export function residentBytes(file: string, warmUpShape: readonly number[]): Promise<number> {
  const script = workerUrl('memory-probe', import.meta.url)
  const probe = fork(script, [file, JSON.stringify(warmUpShape)], { execArgv: ['--expose-gc'] })
  return new Promise((resolve, reject) => {
    probe.once('message', (answer: ProbeAnswer) => {
      if ('bytes' in answer) resolve(answer.bytes)
      else reject(new UnavailableError(`the memory of ${file} cannot be measured: ${answer.error}`))
    })
    probe.once('error', reject)
    probe.once('exit', (code) => {
      reject(new UnavailableError(`the process measuring ${file} ended with code ${code}`))
    })
  })
}

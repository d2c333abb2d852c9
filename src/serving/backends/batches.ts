/** Requests that are run as one inference: joined along the first dimension, and its answer taken apart again. */
import { BadGatewayError, TierwiseError } from '../../errors.ts'
import type { ModelMetadata, Tensor } from '../../protocol/messages.ts'
import type { Backend, Inference, RunRequest } from './backend.ts'

/** Whether a model takes any number of rows, and gives as many. */
export function takesBatches({ inputs, outputs }: ModelMetadata): boolean {
  const isOpen = [...inputs, ...outputs].every(({ shape }) => shape[0] === -1)
  // The elements of BYTES have no fixed size: their rows could not be told apart.
  return isOpen && outputs.every(({ datatype }) => datatype !== 'BYTES')
}

/** Requests of the same kind can be run together: they have one row each, and are alike in all but its elements. */
export function kindOf({ inputs, outputs = [] }: RunRequest): string | symbol {
  if (inputs.some(({ shape }) => shape[0] !== 1)) return Symbol('alone')
  const tensors = inputs.map(({ name, datatype, shape }) => [name, datatype, shape])
  return JSON.stringify([tensors, outputs.map(({ name }) => name)])
}

/**
 * One inference for requests of one kind. Where it fails, each is run alone, so that none suffers for another; not where nothing
 * can be run at all, or not in time.
 * @returns what became of each, in their order
 */
export async function inferTogether(
  backend: Pick<Backend, 'infer'>,
  requests: readonly RunRequest[],
): Promise<readonly PromiseSettledResult<Inference>[]> {
  if (requests.length === 1) return inferEach(backend, requests)
  try {
    const { outputs, computeMs } = await backend.infer(joined(requests))
    const rows = rowsOf(outputs, requests.length)
    return rows.map((row) => ({ status: 'fulfilled', value: { outputs: row, computeMs } }))
  } catch (error) {
    if (!isForAll(error)) return inferEach(backend, requests)
    return requests.map(() => ({ status: 'rejected', reason: error }))
  }
}

/** One after the other: they have one worker. */
async function inferEach(
  backend: Pick<Backend, 'infer'>,
  requests: readonly RunRequest[],
): Promise<PromiseSettledResult<Inference>[]> {
  const results: PromiseSettledResult<Inference>[] = []
  for (const request of requests) {
    results.push(...(await Promise.allSettled([backend.infer(request)])))
  }
  return results
}

/** Whoever asked would have got it: not now, not in time. */
function isForAll(error: unknown): boolean {
  return error instanceof TierwiseError && [503, 504].includes(error.status)
}

/** @param requests of one kind. @returns a request with a row for each, in the trace of the first */
export function joined(requests: readonly RunRequest[]): RunRequest {
  const [first = { inputs: [] }]: readonly RunRequest[] = requests
  const inputs = first.inputs.map((input, index) => {
    const rows = requests.flatMap((request) => request.inputs[index]?.data ?? [])
    return {
      ...input,
      shape: [requests.length, ...input.shape.slice(1)],
      data: Buffer.concat(rows),
    }
  })
  const { outputs, call } = first
  return { inputs, ...(outputs && { outputs }), ...(call && { call }) }
}

/**
 * @returns the outputs of each row; views, no copies
 * @throws BadGatewayError when an output has another number of rows
 */
export function rowsOf(outputs: readonly Tensor[], rows: number): Tensor[][] {
  for (const { name, shape } of outputs) {
    if (shape[0] === rows) continue
    throw new BadGatewayError(`output "${name}" is [${shape}] for ${rows} rows`)
  }
  return Array.from({ length: rows }, (_, row) =>
    outputs.map((output) => {
      const bytes = output.data.byteLength / rows
      const data = output.data.subarray(row * bytes, (row + 1) * bytes)
      return { ...output, shape: [1, ...output.shape.slice(1)], data }
    }),
  )
}

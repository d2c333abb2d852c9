/** Whether a node gains from running several requests at once, measured at its start. */
import { quantile } from 'simple-statistics'
import { messageOf } from '../../errors.ts'
import { allocateElements, elementCount, viewElements } from '../../protocol/datatypes.ts'
import type { InferRequest, Tensor, TensorMetadata } from '../../protocol/messages.ts'
import { Random } from '../../random.ts'
import type { Backend, Inference } from './backend.ts'
import { joined, rowsOf, takesBatches } from './batches.ts'

/** By how much more requests a second must be answered by twice as many at once. */
const LEAST_GAIN = 0.1
const MEASURING_RUNS = 15
/** Of slow models fewer: enough that one held-up run does not decide. */
const LEAST_RUNS = 3
const BUDGET_MS = 300
/** Of the times measured, those which these shares stay within: what nothing else disturbed. Both must gain. */
const UNDISTURBED_SHARES = [0, 0.25]
/** Of the largest number in an answer: so far it may be from what its row alone is answered. */
const TOLERANCE = 0.01
const ROW_SEED = 1

/** How many requests a node runs at once, and what they take. */
export interface BatchProfile {
  /** 1, 2, 4, …; [1] where no variant gains. */
  readonly sizes: readonly number[]
  /** Variant → time of 2, 4, … at once ÷ that of one, as far as it gains. */
  readonly ratios: Readonly<Record<string, readonly number[]>>
}

/** Every request by itself. */
export const NO_BATCHES: BatchProfile = { sizes: [1], ratios: {} }

/** What is measured, and up to which size. */
export interface BatchProfileOptions {
  readonly backends: ReadonlyMap<string, Backend>
  /** Sizes for the dimensions that a model leaves open, but the first. */
  readonly openShape: readonly number[]
  readonly maxBatch: number
}

/**
 * Runs rows of random numbers through every variant, alone and together: sizes double as long as each doubling gains a tenth. A
 * variant whose answers to a row depend on the others in its batch is left out.
 * @returns the profile, and a sentence for the log
 */
export async function profileBatches(
  options: BatchProfileOptions,
): Promise<{ readonly profile: BatchProfile; readonly said: string }> {
  const ratios: Record<string, readonly number[]> = {}
  let reason = ''
  for (const [variant, backend] of options.backends) {
    const { gained, end } = await profileOne(backend, options)
    ratios[variant] = gained
    if (gained.length === 0) reason ||= `${variant}: ${end}`
  }
  const gaining = Object.entries(ratios).filter(([, gained]) => gained.length > 0)
  if (gaining.length === 0) {
    return { profile: NO_BATCHES, said: `every request is run by itself: ${reason}` }
  }
  const sizes: number[] = []
  for (let size = 1; size <= options.maxBatch; size *= 2) sizes.push(size)
  const said = gaining.map(([variant, gained]) => {
    const size = 2 ** gained.length
    return `up to ${size} by ${variant}, in ${(gained.at(-1) ?? 1).toFixed(2)} times the time of one`
  })
  return {
    profile: { sizes, ratios },
    said: `requests that wait are run together: ${said.join('; ')}`,
  }
}

async function profileOne(backend: Backend, { openShape, maxBatch }: BatchProfileOptions) {
  const gained: number[] = []
  if (!takesBatches(backend.metadata)) return { gained, end: 'it takes one row at a time' }
  const random = new Random(ROW_SEED)
  const rows = [0, 1].map(() => rowFor(backend, openShape, random))
  try {
    if (!(await areIndependent(backend, rows))) {
      return { gained, end: 'its answer to a row depends on the rows beside it' }
    }
    for (let size = 2; size <= maxBatch; size *= 2) {
      while (rows.length < size) rows.push(rowFor(backend, openShape, random))
      const ratio = await ratioOf(backend, [rows.slice(0, size / 2), rows])
      if (2 / ratio < 1 + LEAST_GAIN) {
        return {
          gained,
          end: `${size} at once take ${ratio.toFixed(2)} times as long as ${size / 2}`,
        }
      }
      gained.push((gained.at(-1) ?? 1) * ratio)
    }
    return { gained, end: '' }
  } catch (error) {
    return { gained, end: messageOf(error) }
  }
}

/**
 * Time of the whole batch ÷ that of half of it, the way to the worker and back included: undisturbed, and in turn, so that a busy
 * moment meets both alike. At least 1: less is noise.
 */
async function ratioOf(
  backend: Backend,
  [half, whole]: readonly [InferRequest[], InferRequest[]],
): Promise<number> {
  const batches = [half, whole].map((rows) => ({ request: joined(rows), tookMs: [] as number[] }))
  const startMs = performance.now()
  for (let run = -1; run < MEASURING_RUNS; run++) {
    if (run >= LEAST_RUNS && performance.now() - startMs > BUDGET_MS) break
    for (const { request, tookMs } of batches) {
      const begunMs = performance.now()
      await backend.infer(request)
      // The first allocates memory and is slow.
      if (run >= 0) tookMs.push(performance.now() - begunMs)
    }
  }
  const ratios = UNDISTURBED_SHARES.map((share) => {
    const [halfMs = 1, wholeMs = 1] = batches.map(({ tookMs }) => quantile(tookMs, share))
    return wholeMs / halfMs
  })
  return Math.max(1, ...ratios)
}

async function areIndependent(backend: Backend, rows: readonly InferRequest[]): Promise<boolean> {
  const alone: Inference[] = []
  for (const row of rows) alone.push(await backend.infer(row))
  const { outputs } = await backend.infer(joined(rows))
  const together = rowsOf(outputs, rows.length)
  return alone.every(({ outputs }, row) =>
    outputs.every((output, index) => areAlike(output, together[row]?.[index])),
  )
}

function areAlike(one: Tensor, other: Tensor | undefined): boolean {
  if (other === undefined || one.datatype !== other.datatype) return false
  // Half precision is kept as bit patterns, which are no measure.
  if (['FP16', 'BF16', 'BYTES'].includes(one.datatype)) return true
  const [own, others] = [numbersOf(one), numbersOf(other)]
  const largest = own.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0)
  return own.every((value, index) => {
    const far = Math.abs(value - (others[index] ?? Number.NaN))
    return Object.is(value, others[index]) || far <= TOLERANCE * largest
  })
}

function numbersOf(tensor: Tensor): number[] {
  return Array.from(viewElements(tensor) as ArrayLike<number | bigint>, Number)
}

function rowFor({ metadata }: Backend, openShape: readonly number[], random: Random): InferRequest {
  const inputs = metadata.inputs.map(({ name, datatype, shape }) => {
    const sizes = shape.map((size, axis) => (size >= 0 ? size : (openShape[axis] ?? 1)))
    sizes[0] = 1
    return { name, datatype, shape: sizes, data: dataFor(datatype, elementCount(sizes), random) }
  })
  return { inputs }
}

/** Numbers that hardly any model refuses: pixels, shares, and of other datatypes 0. */
function dataFor(datatype: TensorMetadata['datatype'], count: number, random: Random): Uint8Array {
  // Of an empty element, the length that stands before it is all there is.
  if (datatype === 'BYTES') return new Uint8Array(4 * count)
  const elements = allocateElements(datatype, count)
  if (elements instanceof Float32Array || elements instanceof Float64Array) {
    for (let i = 0; i < count; i++) elements[i] = random.uniform()
  } else if (datatype === 'UINT8') {
    for (let i = 0; i < count; i++) elements[i] = random.integer(256)
  }
  return new Uint8Array(elements.buffer)
}

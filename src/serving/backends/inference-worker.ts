/**
 * Worker thread = one (emulated) core: holds every variant resident and answers one inference at a time. ONNX Runtime
 * blocks its thread, so the main thread never runs a model, and ends a worker only by asking it to stop.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { median, quantile } from 'simple-statistics'
import { messageOf } from '../../errors.ts'
import { checkProviders, ranOn } from './execution-providers.ts'
import { OnnxModel } from './onnx-model.ts'
import type { OperatorsByProvider } from './operators.ts'
import {
  type DilationTargets,
  dilationErrorPercent,
  dilationTargets,
  slowed,
} from './speed-dilation.ts'
import { hold, ThreadTime } from './thread-time.ts'
import type {
  FromWorker,
  ModelSignature,
  ServiceTimesMs,
  ToWorker,
  WorkerSetup,
} from './worker-messages.ts'

/** Batches of each variant; between two of one the others run, so that it finds the caches as cold as a sparse request does. */
const MEASURING_BATCHES = 11
/** A batch is so many inferences that it takes about this long: of a shorter time the clocks tell too little, see `ThreadTime`. */
const BATCH_MS = 5
const LARGEST_BATCH = 250
/** Of the elapsed times, that which this share stays within: what nothing else on the machine disturbed. */
const UNDISTURBED_SHARE = 0.25

const port = parentPort
if (port === null) throw new Error('inference-worker runs as a worker thread only')
const setup = workerData as WorkerSetup
const models = new Map<string, OnnxModel>()
const time = new ThreadTime()
let targetsMs: DilationTargets | undefined

function send(message: FromWorker): void {
  port?.postMessage(message, message.kind === 'inferred' ? [message.memory] : [])
}

async function load(): Promise<void> {
  const { executionProviders } = setup
  if (executionProviders) checkProviders(executionProviders)
  const signatures: Record<string, ModelSignature> = {}
  for (const file of setup.models) {
    const model = await OnnxModel.load(file, executionProviders && { executionProviders })
    models.set(file.variant, model)
    await model.warmUp(setup.warmUpRuns, setup.warmUpShape)
    signatures[file.variant] = model.signature
  }
  const { targetsMs: targets, serviceTimesMs } = await serviceTimes()
  targetsMs = targets
  const operators = executionProviders && (await operatorsOf(executionProviders))
  send({
    ...{ kind: 'ready', signatures, serviceTimesMs },
    ...(operators && { operators }),
    ...(targetsMs && { targetsMs }),
  })
}

/** What ran each variant; nothing where another worker has found out. */
async function operatorsOf(executionProviders: readonly string[]) {
  if (setup.serviceTimesMs) return undefined
  const operators: Record<string, OperatorsByProvider> = {}
  for (const { variant, file } of setup.models) {
    operators[variant] = await ranOn(file, executionProviders, setup.warmUpShape)
  }
  return operators
}

/** How long each variant takes, emulated speed included: as another worker found, or measured. */
async function serviceTimes(): Promise<
  Pick<WorkerSetup, 'targetsMs'> & { serviceTimesMs: ServiceTimesMs }
> {
  const { targetsMs, serviceTimesMs, dilation } = setup
  if (serviceTimesMs) return { serviceTimesMs, ...(targetsMs && { targetsMs }) }
  const { processorMs, undisturbedMs } = await measureSpeed()
  if (dilation === undefined) return { serviceTimesMs: undisturbedMs }
  if ('slowdown' in dilation) {
    const targets = slowed(undisturbedMs, dilation.slowdown)
    return { serviceTimesMs: undisturbedMs, targetsMs: targets }
  }
  const targets = dilationTargets(dilation, processorMs)
  return { serviceTimesMs: targets, targetsMs: targets }
}

/**
 * Processor time of each variant's inference, as a median of batches, and elapsed time, undisturbed: the times of a busy moment
 * would be far too long, and services that take longer than these are noticed much sooner than shorter ones. Processor time does
 * not serve: of a single millisecond some systems tell nothing, and of the next twice as much.
 */
async function measureSpeed() {
  const runs = [...models].map(([variant, model]) => {
    return { variant, model, batch: 1, processorMs: [] as number[], elapsedMs: [] as number[] }
  })
  for (const run of runs) {
    const { elapsedMs } = await timed(run.model, 1)
    run.batch = Math.min(LARGEST_BATCH, Math.max(1, Math.round(BATCH_MS / elapsedMs)))
  }
  // All variants in turn, so that a busy moment of the machine meets them all alike.
  for (let turn = 0; turn < MEASURING_BATCHES; turn++) {
    for (const run of runs) {
      const { processorMs, elapsedMs } = await timed(run.model, run.batch)
      run.elapsedMs.push(elapsedMs / run.batch)
      run.processorMs.push(processorMs / run.batch)
    }
  }
  const byVariant = (of: (measured: (typeof runs)[number]) => number) =>
    Object.fromEntries(runs.map((measured) => [measured.variant, of(measured)]))
  return {
    processorMs: byVariant(({ processorMs }) => median(processorMs)),
    undisturbedMs: byVariant(({ elapsedMs }) => quantile(elapsedMs, UNDISTURBED_SHARE)),
  }
}

/** What so many inferences take together. */
async function timed(model: OnnxModel, inferences: number) {
  const before = time.processorMs()
  const startMs = performance.now()
  await model.warmUp(inferences, setup.warmUpShape)
  const elapsedMs = performance.now() - startMs
  return { elapsedMs, processorMs: time.processorMs() - before }
}

async function infer(request: Extract<ToWorker, { kind: 'infer' }>): Promise<FromWorker> {
  const model = models.get(request.variant)
  if (model === undefined) throw new Error(`no variant is named "${request.variant}"`)
  const { variant, memory, inputs } = request
  const startMs = performance.now()
  const outputs = await model.run(memory, inputs, request.outputs)
  const targetMs = targetsMs?.[variant]
  if (targetMs === undefined) {
    return { kind: 'inferred', memory, outputs, computeMs: performance.now() - startMs }
  }
  hold(startMs + targetMs - performance.now())
  const computeMs = performance.now() - startMs
  const errorPercent = dilationErrorPercent(computeMs, targetMs)
  return { kind: 'inferred', memory, outputs, computeMs, dilationErrorPercent: errorPercent }
}

async function stop(): Promise<void> {
  for (const model of models.values()) await model.release()
  time.close()
  port?.close()
}

port.on('message', async (message: ToWorker) => {
  if (message.kind === 'stop') return stop()
  send(await infer(message).catch((error) => ({ kind: 'failed', message: messageOf(error) })))
})

load().catch((error) => send({ kind: 'unusable', message: messageOf(error) }))

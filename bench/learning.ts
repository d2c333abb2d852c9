/**
 * Training and scoring by the ONNX engine, TensorFlow.js and the plain reference: first that all three compute the same,
 * then how fast, in turn within one run, on one thread each.
 */
import { mean } from 'simple-statistics'
import { createOnnxEngine } from '../src/learning/nn/onnx-engine.ts'
import { loadOnnxRuntime } from '../src/learning/nn/onnx-runtime.ts'
import { referenceEngine } from '../src/learning/nn/reference-engine.ts'
import { Random } from '../src/random.ts'
import {
  DECISIONS,
  FEATURES,
  learnerOn,
  OPTIONS,
  PARAMETERS,
  randomBatches,
  SESSION,
  SHAPE,
  slice,
  type TrainingStack,
} from './learning-task.ts'
import { ratesByRound, ratioOf, type Spread, spreadOf, type Work } from './sampling.ts'
import { createTensorFlowNetwork } from './tensorflow-network.ts'
import { denseFlop, denseScoring, LARGE_PRODUCT_FLOP, largeProduct } from './yardsticks.ts'

const ROUNDS = 60
/** Updates after which the engines must agree. Rounding differs, and far later a unit near zero opens in one and not in another. */
const COMPARED_UPDATES = 25
/** Largest difference between engines, of the loss and of a score. Costs are near 8. */
const TOLERANCE = 1e-3

/**
 * What factorised scoring does for one row: per hidden unit add, rectify, multiply, add; and the linear path's two additions.
 * The partial sums add less than one in a hundred.
 */
const FACTORISED_FLOP = 4 * SHAPE.hidden + 2

/** @throws Error when an engine is missing, or computes something else than the reference */
export async function measureLearning() {
  const engine = createOnnxEngine()
  const runtime = loadOnnxRuntime()
  if (!engine || !runtime) throw new Error('ONNX Runtime could not be loaded: npm install')
  const learners = {
    onnx: learnerOn(engine),
    tensorFlow: await createTensorFlowNetwork(SHAPE, OPTIONS, PARAMETERS),
    reference: learnerOn(referenceEngine),
  }
  const agreement = agree(learners)
  const dense = denseScoring(runtime, SHAPE, learners.onnx.average(), FEATURES)
  checkScores('dense', largestDifference(dense(), learners.onnx.scoreAll(FEATURES)))

  const rates = ratesByRound(
    {
      ...training(learners),
      ...scoring(learners, dense),
      peak: { units: LARGE_PRODUCT_FLOP, run: largeProduct(runtime) },
    },
    ROUNDS,
  )
  const times = (values: readonly number[], factor: number) => values.map((value) => value * factor)
  return {
    ...agreement,
    updatesPerSecond: {
      'ONNX, sessions of 100': spreadOf(rates.sessions),
      'ONNX, one per call': spreadOf(rates.single),
      'TensorFlow.js': spreadOf(rates.tensorFlowUpdates),
      reference: spreadOf(rates.referenceUpdates),
    },
    rowsPerSecond: {
      ONNX: spreadOf(rates.factorised),
      'ONNX, dense': spreadOf(rates.dense),
      'TensorFlow.js': spreadOf(rates.tensorFlowRows),
      reference: spreadOf(rates.referenceRows),
    },
    matmulPeakGflops: spreadOf(times(rates.peak, 1e-9)),
    ratio: {
      updatesToTensorFlow: ratioOf(rates.sessions, rates.tensorFlowUpdates),
      singleUpdatesToTensorFlow: ratioOf(rates.single, rates.tensorFlowUpdates),
      updatesToReference: ratioOf(rates.sessions, rates.referenceUpdates),
      rowsToTensorFlow: ratioOf(rates.factorised, rates.tensorFlowRows),
      rowsToReference: ratioOf(rates.factorised, rates.referenceRows),
      /** Arithmetic per second of dense products, done in full, to the peak. */
      densePeakShare: ratioOf(times(rates.dense, denseFlop(SHAPE)), rates.peak),
      /** What dense products would have to do in the time of factorised scoring, to the peak. */
      factorisedEquivalentPeakShare: ratioOf(times(rates.factorised, denseFlop(SHAPE)), rates.peak),
      /** What factorised scoring does do, to the peak. */
      factorisedPeakShare: ratioOf(times(rates.factorised, FACTORISED_FLOP), rates.peak),
    },
  }
}

type Learners = Readonly<Record<'onnx' | 'tensorFlow' | 'reference', TrainingStack>>

function training({ onnx, tensorFlow, reference }: Learners) {
  const batches = randomBatches(SESSION, new Random(3))
  const trained = (learner: TrainingStack, updates: number, perCall: number): Work => ({
    units: updates,
    run: () => {
      for (let first = 0; first < updates; first += perCall) {
        learner.train(slice(batches, first, perCall))
      }
    },
  })
  return {
    sessions: trained(onnx, SESSION, SESSION),
    single: trained(onnx, 20, 1),
    tensorFlowUpdates: trained(tensorFlow, 50, 50),
    referenceUpdates: trained(reference, 10, 10),
  }
}

function scoring({ onnx, tensorFlow, reference }: Learners, dense: () => void) {
  const scored = (learner: TrainingStack, times: number): Work => ({
    units: times * DECISIONS,
    run: () => {
      for (let time = 0; time < times; time++) learner.scoreAll(FEATURES)
    },
  })
  return {
    factorised: scored(onnx, 5),
    dense: { units: DECISIONS, run: dense },
    tensorFlowRows: scored(tensorFlow, 1),
    referenceRows: scored(reference, 1),
  }
}

/** Trains all of them on the same minibatches. @throws when their losses or scores differ */
function agree(learners: Learners) {
  const batches = randomBatches(COMPARED_UPDATES, new Random(2))
  const results = Object.entries(learners).map(([name, learner]) => ({
    name,
    loss: meanHuber(learner.train(batches).subarray(-OPTIONS.batchSize)),
    scores: learner.scoreAll(FEATURES).slice(),
  }))
  const expected = results.find(({ name }) => name === 'reference')
  if (!expected) throw new Error('no reference to compare with')
  const compared = results.map(({ name, loss, scores }) => {
    const difference = largestDifference(scores, expected.scores)
    checkScores(name, difference)
    if (!(Math.abs(loss - expected.loss) < TOLERANCE)) {
      throw new Error(`${name} learns something else: loss ${loss} for ${expected.loss}`)
    }
    return { name, loss, difference }
  })
  return {
    /** Of the last minibatch compared. */
    loss: Object.fromEntries(compared.map(({ name, loss }) => [name, loss])),
    /** From the reference's, over all joint decisions. */
    largestScoreDifference: Object.fromEntries(
      compared.map(({ name, difference }) => [name, difference]),
    ),
  }
}

/** @throws when it is more than the tolerance */
function checkScores(name: string, difference: number): void {
  if (difference < TOLERANCE) return
  throw new Error(`${name} computes something else: scores off by ${difference}`)
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0)
}

function meanHuber(errors: Float32Array): number {
  const losses = Array.from(errors, (error) => {
    const quadratic = Math.min(Math.abs(error), OPTIONS.huberDelta)
    return quadratic * (Math.abs(error) - quadratic / 2)
  })
  return mean(losses)
}

/** The result as lines for people. */
export function describeLearning(result: Awaited<ReturnType<typeof measureLearning>>): string[] {
  const { ratio } = result
  const rate = (what: string, unit: string, { median, p5, p95 }: Spread, factor = 1) =>
    `${what.padEnd(32)} ${[median, p5, p95].map((value) => (value * factor).toPrecision(3)).join(' | ')} ${unit}`
  const range = ({ median, p5, p95 }: Spread, digits: number) =>
    `${median.toFixed(digits)} (${p5.toFixed(digits)} to ${p95.toFixed(digits)})`
  const percent = ({ median, p5, p95 }: Spread) =>
    `${range({ median: median * 100, p5: p5 * 100, p95: p95 * 100 }, 0)} %`
  return [
    'median | 5th | 95th percentile of rounds',
    ...Object.entries(result.updatesPerSecond).map(([name, spread]) =>
      rate(`training, ${name}`, 'thousand updates/s', spread, 1e-3),
    ),
    ...Object.entries(result.rowsPerSecond).map(([name, spread]) =>
      rate(`scoring, ${name}`, 'million rows/s', spread, 1e-6),
    ),
    rate('matrix product, one thread', 'GFLOP/s', result.matmulPeakGflops),
    `loss after ${COMPARED_UPDATES} updates: ${Object.entries(result.loss)
      .map(([name, loss]) => `${name} ${loss.toFixed(5)}`)
      .join(', ')}`,
    `updates: ${range(ratio.updatesToTensorFlow, 1)} times TensorFlow.js (bound 10), one per call ${range(ratio.singleUpdatesToTensorFlow, 1)} times`,
    `updates: ${range(ratio.updatesToReference, 1)} times the reference`,
    `scoring: ${range(ratio.rowsToTensorFlow, 1)} times TensorFlow.js, ${range(ratio.rowsToReference, 1)} times the reference`,
    `scoring by dense products: ${percent(ratio.densePeakShare)} of the matrix product's peak (bound 60)`,
    `factorised scoring, in dense products of equal worth: ${percent(ratio.factorisedEquivalentPeakShare)} of the peak`,
    `factorised scoring, in arithmetic done: ${percent(ratio.factorisedPeakShare)} of the peak`,
  ]
}

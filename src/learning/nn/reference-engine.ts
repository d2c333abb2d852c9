/** The engine in plain TypeScript: the oracle of the ONNX engine in tests, and the fallback where ONNX Runtime is absent. */

import { ADAM } from './adam.ts'
import type { Engine, ScoreAll } from './engine.ts'
import { Evaluator } from './evaluator.ts'
import type { NetworkShape } from './network.ts'
import { namesOf, sizeOf } from './parameter-layout.ts'
import { partialSums } from './partial-sums.ts'
import {
  type Feeds,
  type Loss,
  newVectors,
  type Optimiser,
  type Training,
  type Vectors,
} from './training.ts'

/** Needs nothing but TypeScript. It knows the operators of `operators.ts` alone: enough for wide-and-deep networks. */
export const referenceEngine: Engine = {
  name: 'reference',
  training: (loss, optimiser, parameters) => new ReferenceTraining(loss, optimiser, parameters),
  scoring,
}

/** The gradient by the same tape as on ONNX Runtime, and Adam once more, written out. */
class ReferenceTraining<Name extends string> implements Training<Name> {
  readonly vectors: Vectors
  private readonly loss: Loss<Name>
  private readonly optimiser: Optimiser
  private readonly graph = new Evaluator()
  private readonly built: ReturnType<Loss['build']>

  /** @param parameters initial ones; copied [parameters] */
  constructor(loss: Loss<Name>, optimiser: Optimiser, parameters: Float32Array) {
    this.loss = loss
    this.optimiser = optimiser
    this.vectors = newVectors(parameters)
    for (const name of namesOf(loss.inputs)) this.graph.input(name, loss.inputs[name])
    this.built = loss.build(this.graph, this.graph.input('parameters', [parameters.length]))
  }

  run(rates: Float32Array, feeds: Feeds<Name>): Float32Array {
    const { loss, graph, built, vectors } = this
    const updates = rates.length / 3
    const reports = new Float32Array(updates * sizeOf(loss.report))
    for (let update = 0; update < updates; update++) {
      for (const name of namesOf(loss.inputs)) {
        graph.data(name).set(part(feeds[name], update, updates))
      }
      graph.data('parameters').set(vectors.parameters)
      graph.run()
      reports.set(graph.data(built.report), update * sizeOf(loss.report))
      this.applyAdam(graph.data(built.gradient), part(rates, update, updates))
    }
    return reports
  }

  private applyAdam(gradient: Float64Array, [stepSize, epsilon, decay]: Float32Array): void {
    const { averageDecay, decayMask, gradientNorm = Infinity } = this.optimiser
    const { parameters, firstMoment, secondMoment, average } = this.vectors
    const { beta1, beta2 } = ADAM
    const norm = Math.sqrt(gradient.reduce((sum, slope) => sum + slope * slope, 0))
    const share = norm > gradientNorm ? gradientNorm / norm : 1
    for (let i = 0; i < gradient.length; i++) {
      const g = share * gradient[i]
      const m = beta1 * firstMoment[i] + (1 - beta1) * g
      const v = beta2 * secondMoment[i] + (1 - beta2) * g * g
      const old = parameters[i]
      const decayed = decayMask ? decay * decayMask[i] * old : 0
      const fresh = old - (stepSize * m) / (Math.sqrt(v) + epsilon) - decayed
      firstMoment[i] = m
      secondMoment[i] = v
      parameters[i] = fresh
      average[i] = averageDecay * average[i] + (1 - averageDecay) * fresh
    }
  }
}

function scoring(shape: NetworkShape): ScoreAll {
  const { hidden } = shape
  return (views, features, scores) => {
    const sums = partialSums(shape, views, features)
    const suffixes = sums.suffixSkip.length
    for (let prefix = 0; prefix < sums.prefixSkip.length; prefix++) {
      for (let suffix = 0; suffix < suffixes; suffix++) {
        let score = sums.prefixSkip[prefix] + sums.suffixSkip[suffix]
        for (let h = 0; h < hidden; h++) {
          const unit =
            sums.prefixHidden[prefix * hidden + h] + sums.suffixHidden[suffix * hidden + h]
          if (unit > 0) score += unit * views.outputWeights[h]
        }
        scores[prefix * suffixes + suffix] = score
      }
    }
  }
}

/** Row `index` of `count` equal rows. */
function part(array: Float32Array, index: number, count: number): Float32Array {
  const width = array.length / count
  return array.subarray(index * width, (index + 1) * width)
}

/** The engine on ONNX Runtime. */
import type { Engine, ScoreAll } from './engine.ts'
import { inputSize, type NetworkShape } from './network.ts'
import { loadOnnxRuntime, type OnnxRuntime } from './onnx-runtime.ts'
import { scoringGraph } from './onnx-scoring-graph.ts'
import { OnnxTraining } from './onnx-training.ts'
import { prefixDevices, stateSums } from './partial-sums.ts'

/** @returns undefined where ONNX Runtime cannot be loaded; `referenceEngine` then does the same work, slower */
export function createOnnxEngine(): Engine | undefined {
  const runtime = loadOnnxRuntime()
  if (!runtime) return undefined
  return {
    name: 'onnx',
    training: (loss, optimiser, parameters) =>
      new OnnxTraining(runtime, loss, optimiser, parameters),
    scoring: (shape) => scoring(runtime, shape),
  }
}

function scoring(runtime: OnnxRuntime, shape: NetworkShape): ScoreAll {
  const { choices, devices, hidden } = shape
  const prefixes = choices ** prefixDevices(shape)
  const session = runtime.load(scoringGraph(shape))
  const tensor = (data: Float32Array, dimensions: readonly number[]) =>
    new runtime.Tensor('float32', data, dimensions)
  return (views, features, scores) => {
    const state = stateSums(shape, views, features)
    session.run(
      {
        stateHidden: tensor(state.hidden, [1, hidden]),
        stateSkip: tensor(state.skip, [1, 1]),
        hiddenWeights: tensor(views.hiddenWeights, [inputSize(shape), hidden]),
        skipWeights: tensor(views.skipWeights, [inputSize(shape), 1]),
        outputWeights: tensor(views.outputWeights, [hidden, 1]),
      },
      { scores: tensor(scores, [prefixes, 1, choices ** devices / prefixes]) },
    )
  }
}

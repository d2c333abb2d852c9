/**
 * Process that measures the memory one model takes: it loads and runs the file named on its command line and sends
 * the growth of its resident memory, in bytes, to its parent. Fresh, because memory that a process once had is reused.
 */
import { InferenceSession } from 'onnxruntime-node'
import { messageOf } from '../../errors.ts'
import { GraphBuilder } from '../../onnx/graph-builder.ts'
import { OnnxModel } from './onnx-model.ts'

/** Growth of the resident memory, or why it could not be measured. */
export type ProbeAnswer = { readonly bytes: number } | { readonly error: string }

/** A model of next to nothing, so that ONNX Runtime itself is loaded and not counted. */
function smallestModel(): Uint8Array {
  const graph = new GraphBuilder('nothing')
  graph.node('Relu', [graph.input('x', 'float32', [1])], {}, { output: 'y' })
  graph.output('y', 'float32', [1])
  return graph.model()
}

async function measure(file: string, warmUpShape: readonly number[]): Promise<ProbeAnswer> {
  await InferenceSession.create(smallestModel())
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  const model = await OnnxModel.load({ variant: 'probed', file })
  await model.warmUp(2, warmUpShape)
  globalThis.gc?.()
  const bytes = process.memoryUsage.rss() - before
  await model.release()
  return { bytes }
}

const [, , file = '', shape = '[]'] = process.argv
const answer = await measure(file, JSON.parse(shape)).catch((error) => ({
  error: messageOf(error),
}))
process.send?.(answer, () => process.disconnect())

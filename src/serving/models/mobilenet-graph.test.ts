import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, it } from 'vitest'
import { GraphBuilder } from '../../onnx/graph-builder.ts'
import { CLASSES, type Layer, mobileNetLayers } from './mobilenet.ts'
import { convolutionAttributes, floatModel, kernelShape } from './mobilenet-graph.ts'

async function convolveOnes(layer: Layer, size: number): Promise<number[]> {
  const graph = new GraphBuilder('ones')
  const x = graph.input('x', 'float32', [1, layer.inputChannels, size, size])
  const shape = kernelShape(layer)
  const ones = (count: number) => new Float32Array(count).fill(1)
  const kernel = graph.constant(shape, ones(shape.reduce((product, side) => product * side)))
  graph.node('Conv', [x, kernel], convolutionAttributes(layer), { output: 'y' })
  graph.output('y', 'float32', [1, layer.outputChannels, 'height', 'width'])
  const session = await InferenceSession.create(graph.model())
  const input = new Tensor('float32', ones(layer.inputChannels * size * size), [
    1,
    layer.inputChannels,
    size,
    size,
  ])
  const { y } = await session.run({ x: input })
  await session.release()
  return Array.from(y?.data as Float32Array)
}

// A 3 × 3 kernel of ones over ones counts the pixels it covers.
it('pads all sides at stride 1', async () => {
  const layer = {
    inputChannels: 1,
    outputChannels: 1,
    kernel: 3,
    stride: 1,
    groups: 1,
  }
  expect(await convolveOnes(layer, 3)).toEqual([4, 6, 4, 6, 9, 6, 4, 6, 4])
})

it('pads the far sides only at stride 2, as TensorFlow does', async () => {
  const layer = {
    inputChannels: 1,
    outputChannels: 1,
    kernel: 3,
    stride: 2,
    groups: 1,
  }
  expect(await convolveOnes(layer, 4)).toEqual([9, 6, 6, 4])
})

it('pads all sides at stride 2, too, where the layer says so', async () => {
  const layer = {
    inputChannels: 1,
    outputChannels: 1,
    kernel: 3,
    stride: 2,
    groups: 1,
    padsAllSides: true,
  } as const
  expect(await convolveOnes(layer, 4)).toEqual([4, 6, 6, 9])
})

it('keeps channels apart in a depthwise convolution and sums them in a pointwise one', async () => {
  const depthwise = {
    inputChannels: 2,
    outputChannels: 2,
    kernel: 3,
    stride: 1,
    groups: 2,
  }
  expect(await convolveOnes(depthwise, 1)).toEqual([1, 1])
  const pointwise = {
    inputChannels: 2,
    outputChannels: 3,
    kernel: 1,
    stride: 1,
    groups: 1,
  }
  expect(await convolveOnes(pointwise, 1)).toEqual([2, 2, 2])
})

it('refuses a network with fewer weights than layers', () => {
  const classifier = new Float32Array(256 * CLASSES)
  const network = { size: 224, layers: mobileNetLayers(0.25), weights: [], classifier }
  expect(() => floatModel(network)).toThrow('layer 0 has no weights')
})

import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { Random } from '../random.ts'
import { GraphBuilder } from './graph-builder.ts'
import { signatureOf } from './signature.ts'

function model(): Uint8Array {
  const graph = new GraphBuilder('two')
  const pixels = graph.input('pixels', 'uint8', ['batch', 3, 8, 8])
  graph.input('flag', 'bool', [])
  graph.node('Identity', [pixels], {}, { output: 'copy' })
  graph.output('copy', 'uint8', ['batch', 3, 8, 8])
  graph.constant([100], new Float32Array(100))
  return graph.model()
}

it('reads names, types and shapes, -1 where a size varies', () => {
  expect(signatureOf(model())).toEqual({
    inputs: [
      { name: 'pixels', elementType: 2, shape: [-1, 3, 8, 8] },
      { name: 'flag', elementType: 9, shape: [] },
    ],
    outputs: [{ name: 'copy', elementType: 2, shape: [-1, 3, 8, 8] }],
  })
})

it('leaves out weights that an old file lists among its inputs', async () => {
  const file = new URL('../serving/backends/fixtures/initin.onnx', import.meta.url)
  expect(signatureOf(await readFile(file)).inputs.map(({ name }) => name)).toEqual(['x'])
})

it.each([
  ['nothing', new Uint8Array(0)],
  ['a text', new TextEncoder().encode('import numpy as np, onnx\n'.repeat(40))],
  ['a model cut off', model().subarray(0, 30)],
])('refuses %s', (_, bytes) => {
  expect(() => signatureOf(bytes)).toThrow(/no ONNX model/)
})

it('ends on any damage, with a signature or a RangeError', () => {
  const random = new Random(7)
  const whole = model()
  for (let trial = 0; trial < 2000; trial++) {
    const damaged = Uint8Array.from(whole)
    for (let flip = 0; flip < 3; flip++) {
      damaged[Math.floor(random.uniform() * damaged.length)] = Math.floor(random.uniform() * 256)
    }
    try {
      signatureOf(damaged.subarray(0, Math.ceil(random.uniform() * damaged.length)))
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError)
    }
  }
})

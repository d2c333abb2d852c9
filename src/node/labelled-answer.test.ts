import { expect, it } from 'vitest'
import { bytesOf } from '../protocol/datatypes.ts'
import type { InferRequest, InferResponse, Parameters } from '../protocol/messages.ts'
import type { Catalogue } from '../serving/models/catalogue-schema.ts'
import { labelledAnswer } from './labelled-answer.ts'

const catalogue = {
  output: { name: 'y', shape: [1, 3] },
  labels: ['cat', 'boat', 'cup'],
  variants: [{ name: 'cool', temperature: 0.5 }, { name: 'plain' }],
} as unknown as Catalogue

const picture: InferRequest = {
  inputs: [{ name: 'image', datatype: 'BYTES', shape: [1], data: new Uint8Array() }],
}

function answer(model_name: string, ...scores: number[]): InferResponse {
  const data = bytesOf(Float32Array.from(scores))
  return { model_name, outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 3], data }] }
}

const probabilityOf = ({ probability }: Parameters) => probability

it('says the likeliest class of a picture, and leaves the scores as they are', () => {
  const plain = answer('plain', 0.25, 0.5, 0.25)
  const labelled = labelledAnswer(plain, picture, catalogue)
  expect(labelled).toEqual({
    ...plain,
    parameters: { label: 'boat', class: 1, probability: 0.5 },
  })
  expect(labelledAnswer(plain, { inputs: [] }, catalogue)).toEqual(plain)
})

it('counts the temperature in: squares, made to add up to 1, at a half', () => {
  const { parameters = {} } = labelledAnswer(answer('cool', 0.25, 0.5, 0.25), picture, catalogue)
  // 0.25 / (0.0625 + 0.25 + 0.0625)
  expect(probabilityOf(parameters)).toBeCloseTo(2 / 3, 12)
})

it('makes probabilities of logits', () => {
  const logits = { ...catalogue, output: { ...catalogue.output, kind: 'logits' as const } }
  const { parameters = {} } = labelledAnswer(answer('plain', 0, Math.LN2, 0), picture, logits)
  expect(parameters).toMatchObject({ label: 'boat', class: 1 })
  expect(probabilityOf(parameters)).toBeCloseTo(0.5, 6)
})

it('calls a score what is no probability', () => {
  for (const scores of [
    [0, 3, -2],
    [0.5, 0.9, 0.5],
  ]) {
    const { parameters } = labelledAnswer(answer('plain', ...scores), picture, catalogue)
    expect(parameters).toEqual({ label: 'boat', class: 1, score: Math.fround(scores[1] ?? 0) })
  }
})

it('gives the index alone where there is no label, and nothing for scores that are no numbers', () => {
  const nameless = { ...catalogue, labels: [] }
  const { parameters } = labelledAnswer(answer('plain', 0, 0, 1), picture, nameless)
  expect(parameters).toEqual({ class: 2, probability: 1 })
  const odd = answer('plain', Number.NaN, Number.NaN, Number.NaN)
  expect(labelledAnswer(odd, picture, catalogue)).toEqual(odd)
})

it('answers halves as FP32, for a picture', () => {
  // 0, 1, 0.5
  const data = bytesOf(Uint16Array.of(0, 0x3c00, 0x3800))
  const halves: InferResponse = {
    model_name: 'plain',
    outputs: [{ name: 'y', datatype: 'FP16', shape: [1, 3], data }],
  }
  const { outputs, parameters } = labelledAnswer(halves, picture, catalogue)
  expect(outputs).toEqual(answer('plain', 0, 1, 0.5).outputs)
  expect(parameters).toMatchObject({ label: 'boat', class: 1 })
  expect(labelledAnswer(halves, { inputs: [] }, catalogue)).toEqual(halves)
})

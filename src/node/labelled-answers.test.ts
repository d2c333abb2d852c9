import { beforeEach, expect, it } from 'vitest'
import type { DeviceDecision } from '../control/messages.ts'
import { InvalidInputError, NotFoundError } from '../errors.ts'
import { encodeInferResponse } from '../protocol/codec.ts'
import { bytesOf } from '../protocol/datatypes.ts'
import type { InferResponse } from '../protocol/messages.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { LabelledAnswers, measuredAccuracy } from './labelled-answers.ts'

const catalogue = {
  output: { name: 'y', shape: [1, 3] },
  labels: ['cat', 'boat', 'cup'],
} as unknown as Catalogue
const decision: DeviceDecision = {
  session: 's',
  epoch: 1,
  round: 7,
  device: 'one',
  placement: { tier: 'edge', variant: 'd0' },
  fallbackAccuracyPercent: 0,
}
let answers: LabelledAnswers

beforeEach(() => {
  answers = new LabelledAnswers(catalogue)
})

/** An answer that says the class. */
function says(answeredClass: number, id?: string): InferResponse {
  const scores = Float32Array.from([0, 1, 2], (each) => Number(each === answeredClass))
  const y = { name: 'y', datatype: 'FP32', shape: [1, 3], data: bytesOf(scores) } as const
  return { model_name: 'd0', ...(id !== undefined && { id }), outputs: [y] }
}

it('compares the answer with the label, by name or index, once', () => {
  answers.answered(says(1, 'a'), decision)
  answers.answered(says(2, 'b'), decision)
  expect(answers.tell({ id: 'a', label: 'boat' })).toEqual({ decision, isRight: true })
  expect(answers.tell({ id: 'b', label: 0 })).toEqual({ decision, isRight: false })
  expect(() => answers.tell({ id: 'a', label: 'boat' })).toThrow(NotFoundError)
  expect(answers.total).toMatchObject({ labelled: 2, right: 1, accuracyPercent: 50 })
  expect(answers.byChoice['edge/d0']).toMatchObject({ labelled: 2, right: 1 })
})

it('takes a name that two classes share for either', () => {
  answers = new LabelledAnswers({ ...catalogue, labels: ['crane', 'boat', 'crane'] })
  for (const [index, isRight] of [true, false, true].entries()) {
    answers.answered(says(index, 'a'), decision)
    expect(answers.tell({ id: 'a', label: 'crane' })).toEqual({ decision, isRight })
  }
  answers.answered(says(2, 'a'), decision)
  expect(answers.tell({ id: 'a', label: 0 }).isRight).toBe(false)
})

it('reads answers of other nodes, and takes the newest of an id', () => {
  for (const binary of [true, false]) {
    const request = {
      id: 'x',
      inputs: [],
      ...(binary && { parameters: { binary_data_output: true } }),
    }
    answers.answered(says(0, 'x'), decision)
    answers.answered(encodeInferResponse(says(2, 'x'), request), decision)
    expect(answers.tell({ id: 'x', label: 'cup' }).isRight).toBe(true)
  }
  answers.answered(encodeInferResponse(says(2), { inputs: [] }), decision)
  answers.answered({ body: Buffer.from('"id" and no answer') }, decision)
  const told = { model_name: 'd0', id: 'p', parameters: { class: 1 }, outputs: [] }
  answers.answered(told, decision)
  expect(answers.tell({ id: 'p', label: 'boat' }).isRight).toBe(true)
})

it('reads scores of other precisions', () => {
  // Halves: 0x3c00 is 1, 0x3800 a half.
  const halves = Uint16Array.of(0x3800, 0, 0x3c00)
  const y = { name: 'y', datatype: 'FP16', shape: [1, 3], data: bytesOf(halves) } as const
  answers.answered({ model_name: 'd0', id: 'h', outputs: [y] }, decision)
  expect(answers.tell({ id: 'h', label: 'cup' }).isRight).toBe(true)
  const odd = bytesOf(Float64Array.of(1, Number.NaN, 2))
  answers.answered(
    { model_name: 'd0', id: 'n', outputs: [{ ...y, datatype: 'FP64', data: odd }] },
    decision,
  )
  expect(() => answers.tell({ id: 'n', label: 'cup' })).toThrow(NotFoundError)
})

it('keeps the newest 4,096, and none that has no class', () => {
  for (let index = 0; index <= 4096; index++) answers.answered(says(0, `${index}`), decision)
  expect(() => answers.tell({ id: '0', label: 0 })).toThrow('within the next 4096 answers')
  expect(answers.tell({ id: '1', label: 0 }).isRight).toBe(true)
  answers.answered({ ...says(0, 'none'), outputs: [] }, decision)
  const [y] = says(0).outputs
  answers.answered({ ...says(0, 'two'), outputs: [{ ...y, shape: [2, 3] } as never] }, decision)
  answers.answered(says(0, 'x'.repeat(257)), decision)
  for (const id of ['none', 'two']) {
    expect(() => answers.tell({ id, label: 0 })).toThrow(NotFoundError)
  }
})

it('refuses what is no label', () => {
  answers.answered(says(1, 'a'), decision)
  for (const body of [undefined, {}, { id: 'a' }, { id: 'a', label: -1 }, { id: 'a', label: '' }]) {
    expect(() => answers.tell(body)).toThrow(InvalidInputError)
  }
  expect(() => answers.tell({ id: 'a', label: 3 })).toThrow(
    'label 3 is no class: give one of cat, boat, cup, or an index from 0 to 2',
  )
  expect(() => answers.tell({ id: 'a', label: 'Boat' })).toThrow('"Boat" is no class')
  expect(answers.tell({ id: 'a', label: 1 }).isRight).toBe(true)
})

it('gives an interval as soon as there is a label', () => {
  expect(measuredAccuracy(0, 0)).toEqual({ labelled: 0, right: 0 })
  const { accuracyPercent, intervalPercent } = measuredAccuracy(100, 50)
  expect(accuracyPercent).toBe(50)
  expect(intervalPercent?.[0]).toBeCloseTo(40.38, 2)
  expect(intervalPercent?.[1]).toBeCloseTo(59.62, 2)
})

import { expect, test } from 'vitest'
import { checkOfficially } from './official-answers.conformance.ts'

const output = { name: 'y', datatype: 'FP32', shape: [1], data: [1] }
const inferred = {
  ...{ method: 'POST', path: '/v2/models/m/versions/1/infer?deadline_ms=9', status: 200 },
  ...{ json: { model_name: 'm', outputs: [output] }, isBinary: false },
}
const asked = { method: 'GET', path: '/v2/models/m', status: 200, isBinary: false }

test('answers of the protocol pass, and what it does not describe', () => {
  const { data: _, ...bare } = output
  checkOfficially(inferred)
  checkOfficially({ ...inferred, json: { model_name: 'm', outputs: [bare] }, isBinary: true })
  checkOfficially({ ...asked, json: { name: 'm', platform: '', inputs: [bare] } })
  checkOfficially({ ...asked, path: '/v2', json: { name: 's', version: '1', extensions: [] } })
  checkOfficially({ ...asked, path: '/v2/models/stats', json: { model_stats: [] } })
  checkOfficially({ ...asked, status: 404, json: { error: 'no such model' } })
})

test.each([
  ['a tensor without data', { ...inferred, json: { model_name: 'm', outputs: [{ name: 'y' }] } }],
  [
    'an element that is null',
    { ...inferred, json: { model_name: 'm', outputs: [{ ...output, data: [[null]] }] } },
  ],
  ['an answer without outputs', { ...inferred, json: { model_name: 'm' } }],
  ['a model without platform', { ...asked, json: { name: 'm' } }],
  ['a server without extensions', { ...asked, path: '/v2/', json: { name: 's', version: '1' } }],
  ['an error without words', { ...inferred, status: 400, json: {} }],
])('%s is found', (_what, answered) => {
  expect(() => checkOfficially(answered)).toThrow('errors')
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DocumentedAnswers } from './openapi.conformance.ts'
import { openApiDocument } from './openapi.ts'
import { OPERATIONS } from './operations.ts'

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly summary: string }>>>>
}
const document = openApiDocument(OPERATIONS, [
  { method: 'DELETE', path: '/v2/tierwise/doubt', about: 'Says that all is well.' },
  { method: 'GET', path: '/v2/tierwise/doubt', about: 'Whether there is any.' },
]) as Document

test('docs/http.md shows the routes of the protocol', () => {
  const page = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8')
  const shown = page.split(/<!-- routes: .*-->\n/)[1]
  const { paths } = openApiDocument(OPERATIONS, []) as Document
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { summary }]) => `| \`${method.toUpperCase()} ${path}\` | ${summary} |`,
    ),
  )
  expect(shown?.trim()).toBe(['| route | what |', '|---|---|', ...rows].join('\n'))
})

test('other routes of a server stand beside them, several methods of a path too', () => {
  expect(Object.keys(document.paths['/v2/tierwise/doubt'] ?? {})).toEqual(['delete', 'get'])
})

test('answers of another form are found', () => {
  const answers = new DocumentedAnswers(document)
  const infer = { method: 'POST', path: '/v2/models/m/versions/1/infer', status: 200 }
  const outputs = [{ name: 'y', datatype: 'FP32', shape: [1], data: [1] }]
  answers.check({ ...infer, json: { model_name: 'm', outputs } })
  answers.check({ ...infer, status: 404, json: { error: 'none' } })
  answers.check({ ...infer, method: 'GET', status: 405, json: { error: 'use POST' } })
  for (const wrong of [
    { ...infer, json: { outputs } },
    { ...infer, json: { model_name: 'm', outputs: [{ ...outputs[0], datatype: 'FP31' }] } },
    { ...infer, json: { error: 'none' } },
    { ...infer, status: 400, json: { detail: 'none' } },
    { method: 'GET', path: '/v2/health/ready', status: 503, json: { error: 'none' } },
  ]) {
    expect(() => answers.check(wrong)).toThrow()
  }
})

import { expect, it, vi } from 'vitest'
import { DoublingHandler } from './doubling-handler.fixture.ts'
import { createInferenceServer } from './server.ts'

it('writes the document once, however often it is asked for', async () => {
  const server = createInferenceServer(new DoublingHandler(), { bodyLimitBytes: 1024, port: 0 })
  const written = vi.spyOn(JSON, 'stringify')
  const answers = [
    await server.app.inject('/v2/openapi.json'),
    await server.app.inject('/v2/openapi.json'),
  ]
  const documents = written.mock.calls.filter(([value]) => Object(value).openapi !== undefined)
  written.mockRestore()
  expect(answers.map((answer) => answer.json().openapi)).toEqual(['3.1.0', '3.1.0'])
  expect(answers[1]?.headers['content-type']).toMatch(/^application\/json/)
  expect(documents).toHaveLength(1)
  await server.close()
})

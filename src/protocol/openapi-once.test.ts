import { expect, it, vi } from 'vitest'
import { DoublingHandler } from './doubling-handler.fixture.ts'
import { openApiDocument } from './openapi.ts'
import { createInferenceServer } from './server.ts'

vi.mock(import('./openapi.ts'), async (original) => {
  const all = await original()
  return { ...all, openApiDocument: vi.fn(all.openApiDocument) }
})

it('writes the document once, however often it is asked for', async () => {
  const server = createInferenceServer(new DoublingHandler(), { bodyLimitBytes: 1024, port: 0 })
  const answers = [
    await server.app.inject('/v2/openapi.json'),
    await server.app.inject('/v2/openapi.json'),
  ]
  expect(answers.map((answer) => answer.json().openapi)).toEqual(['3.1.0', '3.1.0'])
  expect(answers[1]?.headers['content-type']).toMatch(/^application\/json/)
  expect(vi.mocked(openApiDocument)).toHaveBeenCalledTimes(1)
  await server.close()
})

/** Ten thousand seeded bodies, good ones with something broken in them: each is answered, none by the server's own fault. */
import { expect, it } from 'vitest'
import { brokenText } from '../broken-text.fixture.ts'
import { Random } from '../random.ts'
import { DoublingHandler } from './doubling-handler.fixture.ts'
import { createInferenceServer } from './server.ts'

const BODIES = 10_000
const good = JSON.stringify({
  id: '7',
  parameters: { deadline_ms: 5, binary_data_output: false },
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }],
  outputs: [{ name: 'sum', parameters: { classification: 1 } }],
})
/** Where a value begins. */
const values = [...good.matchAll(/(?<=[:[,])[^:,\]}]+/g)]

it(`answers ${BODIES} broken bodies (fuzz)`, async () => {
  const random = new Random(14)
  const { app, close } = createInferenceServer(new DoublingHandler(), {
    bodyLimitBytes: 4096,
    port: 0,
  })
  const statuses = new Set<number>()
  for (let count = 0; count < BODIES; count++) {
    const payload = brokenText(good, random, values)
    const length = random.uniform() < 0.1 && {
      'inference-header-content-length': `${random.integer(300)}`,
    }
    const headers = { 'content-type': 'application/json', ...length }
    const answer = await app.inject({
      method: 'POST',
      url: '/v2/models/double/infer',
      payload,
      headers,
    })
    statuses.add(answer.statusCode)
    if (answer.statusCode >= 500)
      throw new Error(`${answer.statusCode} for ${payload}: ${answer.body}`)
    if (answer.statusCode >= 400) expect(typeof answer.json().error).toBe('string')
  }
  expect([...statuses].sort()).toEqual([200, 400])
  await close()
}, 60_000)

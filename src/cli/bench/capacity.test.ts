import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { encodeInferRequest } from '../../protocol/codec.ts'
import { measureCapacity } from './capacity.ts'

test('is what a server that serves one request after another gets done', async () => {
  let busy = Promise.resolve()
  let most = 0
  let waiting = 0
  const server = createServer((request, response) => {
    most = Math.max(most, ++waiting)
    request.resume().on('end', () => {
      busy = busy.then(async () => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        waiting--
        response.end('{"model_name": "d0", "outputs": []}')
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const wires = [encodeInferRequest({ inputs: [] }, { binary: true })]
  const capacityPerS = await measureCapacity(url, 'd0', wires, 1)
  server.close()
  expect(most).toBe(2)
  // Timers may come a little early.
  expect(capacityPerS).toBeLessThan(55)
  expect(capacityPerS).toBeGreaterThan(5)
})

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { encodeInferRequest } from '../../protocol/codec.ts'
import { measureTransit } from './transit.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

const wires = [encodeInferRequest({ inputs: [] }, { binary: true })]

/** Answers after `delayMs`, having waited and computed as long as the headers say. */
async function serve(delayMs: number, headers: Readonly<Record<string, string>>): Promise<string> {
  const listening = createServer((request, response) => {
    const body = '{"model_name": "d0", "outputs": []}'
    request
      .resume()
      .on('end', () => setTimeout(() => response.writeHead(200, headers).end(body), delayMs))
  })
  server = listening
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
}

test('is what is left when waiting and computing are taken off, and half as much again', async () => {
  const url = await serve(10, { 'x-tierwise-queue-ms': '2', 'x-tierwise-compute-ms': '3' })
  expect(await measureTransit(url, 'd0', wires)).toBeGreaterThan(1.5 * 4.5)
})

test('cannot be told of a server that does not say how long it computed', async () => {
  const url = await serve(0, {})
  await expect(measureTransit(url, 'd0', wires)).rejects.toThrow('does not tell')
})

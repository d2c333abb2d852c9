import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { startEmulatedLinks } from './emulated-links.ts'

const weak = { upDelayMs: 20, downDelayMs: 5 }

it('stands between the device and what it calls, by path and scheme unchanged', async () => {
  const server = createServer((request, response) => response.end(request.url))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const upstream = await startEmulatedLinks({
    edgeUrl: `http://127.0.0.1:${port}/base`,
    cloudUrl: 'http://10.0.0.1:9',
    broker: `mqtt://127.0.0.1:${port}`,
    links: { edge: weak, broker: weak },
  })
  expect(upstream.cloudUrl).toBe('http://10.0.0.1:9')
  expect(upstream.broker).toMatch(/^mqtt:\/\/127\.0\.0\.1:\d+$/)
  expect(upstream.broker).not.toContain(`:${port}`)
  const startMs = performance.now()
  expect(await (await fetch(`${upstream.edgeUrl}/v2`)).text()).toBe('/base/v2')
  expect(performance.now() - startMs).toBeGreaterThan(24)
  await upstream.close()
  await expect(fetch(`${upstream.edgeUrl}/v2`)).rejects.toThrow()
  server.closeAllConnections()
  server.close()
})

it('changes nothing where no link is emulated', async () => {
  const upstream = await startEmulatedLinks({ edgeUrl: 'http://edge:8000', links: { cloud: weak } })
  expect(upstream).toEqual({ edgeUrl: 'http://edge:8000', close: expect.any(Function) })
  await upstream.close()
})

it('refuses an address that a plain proxy cannot stand in for, without its password', async () => {
  const broker = 'mqtts://me:p@ss@broker'
  const start = startEmulatedLinks({ broker, links: { broker: weak } })
  await expect(start).rejects.toThrow('the link to mqtts://***@broker cannot be emulated')
})

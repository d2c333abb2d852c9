import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { ConfigError } from '../errors.ts'
import { NODE_HEADER, startLinkProbe } from './link-probe.ts'
import { systemMemoryProbe } from './memory-probe.ts'
import { fixedProcessorProbe, systemProcessorProbe } from './processor-probe.ts'

describe('processor probe', () => {
  it('takes this process’s own work out of the load', () => {
    // Two cores for 1 s: 2000 ms. Busy 1200 of them, 700 by this process: 500 / 2000.
    const readings = [
      { busyMs: 100, totalMs: 5000, ownMs: 50 },
      { busyMs: 1300, totalMs: 7000, ownMs: 750 },
      { busyMs: 1300, totalMs: 7000, ownMs: 750 },
      { busyMs: 1400, totalMs: 8000, ownMs: 900 },
    ]
    const probe = systemProcessorProbe(
      () => readings.shift() ?? { busyMs: 0, totalMs: 0, ownMs: 0 },
    )
    expect(probe()).toBe(25)
    expect(probe()).toBe(0) // no time has passed
    expect(probe()).toBe(0) // rounding of the two clocks: never negative
  })

  it('reads this machine', async () => {
    const probe = systemProcessorProbe()
    await new Promise((resolve) => setTimeout(resolve, 50))
    const percent = probe()
    expect(percent).toBeGreaterThanOrEqual(0)
    expect(percent).toBeLessThanOrEqual(100)
  })

  it('emulates a fixed load', () => {
    expect(fixedProcessorProbe(37.5)()).toBe(37.5)
    for (const wrong of [-1, 101, Number.NaN]) {
      expect(() => fixedProcessorProbe(wrong)).toThrow(ConfigError)
    }
  })
})

describe('memory probe', () => {
  it('is what is not available', () => {
    expect(systemMemoryProbe(() => ({ availableBytes: 3e9, totalBytes: 8e9 }))()).toBe(62.5)
    expect(systemMemoryProbe(() => ({ availableBytes: 9e9, totalBytes: 8e9 }))()).toBe(0)
  })

  it('reads this machine', () => {
    const percent = systemMemoryProbe()()
    expect(percent).toBeGreaterThan(0)
    expect(percent).toBeLessThan(100)
  })
})

describe('link probe', () => {
  let server: Server | undefined
  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
  })
  const listen = async (handler: Parameters<typeof createServer>[1]): Promise<string> => {
    server = createServer(handler ?? (() => {}))
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it('is the median of a few health requests on one connection, its opening not counted', async () => {
    const paths = new Set<string | undefined>()
    const sockets = new Set<unknown>()
    const url = await listen((request, response) => {
      paths.add(request.url)
      sockets.add(request.socket)
      response.setHeader(NODE_HEADER, 'edge-2').end()
    })
    // Before and after each of four requests: 1000 ms to open, then 5, 90 and 7 ms.
    const times = [0, 1000, 1000, 1005, 1010, 1100, 1100, 1107]
    const probe = startLinkProbe({ url: `${url}/base/`, nowMs: () => times.shift() ?? Number.NaN })
    expect(probe.node).toBeUndefined()
    expect(await probe.measure()).toBe(7)
    expect(probe.node).toBe('edge-2')
    expect([...paths]).toEqual(['/base/v2/health/live'])
    expect(sockets.size).toBe(1)
    await probe.close()
  })

  it('is undefined without an answer in time, and comes back', async () => {
    let silent = true
    const url = await listen((_request, response) => {
      if (!silent) response.end()
    })
    const probe = startLinkProbe({ url, timeoutMs: 50 })
    expect(await probe.measure()).toBeUndefined()
    silent = false
    expect(await probe.measure()).toBeGreaterThan(0)
    await probe.close()
    const nobody = startLinkProbe({ url: 'http://127.0.0.1:1', timeoutMs: 50 })
    expect(await nobody.measure()).toBeUndefined()
    await nobody.close()
  })
})

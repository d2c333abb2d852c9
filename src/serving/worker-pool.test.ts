import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import { ConfigError, InvalidInputError, OverloadedError, UnavailableError } from '../errors.ts'
import type { Tensor } from '../protocol/messages.ts'
import { Random } from '../random.ts'
import type { WorkerSetup } from './worker-messages.ts'
import { WorkerPool, type WorkerPoolOptions } from './worker-pool.ts'

/**
 * A worker with no models: `echo` answers with its inputs, `gated` does once the gate is open, `refuse` fails,
 * `crash` throws and `exit` ends the thread. Counts stops in the gate's second cell.
 */
const FAKE_WORKER = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { gate, unusable, ready } = workerData
  parentPort.on('message', (message) => {
    if (message.kind === 'stop') {
      Atomics.add(gate, 1, 1)
      return parentPort.close()
    }
    const { variant, memory, inputs } = message
    if (variant === 'crash') throw new Error('planted fault')
    if (variant === 'exit') process.exit(3)
    if (variant === 'refuse') return parentPort.postMessage({ kind: 'failed', message: 'bad axis' })
    if (variant === 'gated') Atomics.wait(gate, 0, 0)
    const outputs = inputs.map(({ name, shape, offset }) => ({
      name, datatype: 'UINT8', shape, data: new Uint8Array(memory.slice(offset, offset + shape[0])),
    }))
    const dilationErrorPercent = variant === 'dilated' ? inputs[0].shape[0] : undefined
    const answer = { kind: 'inferred', memory, outputs, computeMs: 7, dilationErrorPercent }
    parentPort.postMessage(answer, [memory])
  })
  parentPort.postMessage(unusable ? { kind: 'unusable', message: unusable } : ready)
`

interface Fake {
  readonly pool: WorkerPool
  readonly setups: WorkerSetup[]
  openGate(): void
  stops(): number
}

const open: Fake[] = []

afterEach(async () => {
  for (const fake of open.splice(0)) {
    fake.openGate()
    await fake.pool.close()
  }
})

/** @param unusable by number of the worker started: the reason for which it cannot serve */
function fakePool(
  options: Partial<WorkerPoolOptions>,
  unusable: readonly (string | undefined)[] = [],
): Fake {
  const gate = new Int32Array(new SharedArrayBuffer(8))
  const setups: WorkerSetup[] = []
  const startWorker = (setup: WorkerSetup) => {
    const ready = {
      kind: 'ready',
      signatures: { echo: { inputs: [], outputs: [] } },
      targetsMs: setup.dilation && { echo: 20 },
    }
    const workerData = { gate, ready, unusable: unusable[setups.length] }
    setups.push(setup)
    return new Worker(FAKE_WORKER, { eval: true, workerData })
  }
  const pool = new WorkerPool({
    models: [],
    workers: 1,
    queueLimit: 10,
    warmUpShape: [1],
    startWorker,
    ...options,
  })
  const openGate = () => {
    Atomics.store(gate, 0, 1)
    Atomics.notify(gate, 0)
  }
  const fake = { pool, setups, openGate, stops: () => Atomics.load(gate, 1) }
  open.push(fake)
  return fake
}

async function startedPool(options: Partial<WorkerPoolOptions> = {}): Promise<Fake> {
  const fake = fakePool(options)
  await fake.pool.start()
  return fake
}

function bytes(...values: number[]): Tensor[] {
  return [{ name: 'x', datatype: 'UINT8', shape: [values.length], data: Uint8Array.from(values) }]
}

const echoed = async (answer: Promise<{ outputs: readonly Tensor[] }>) => [
  ...((await answer).outputs[0]?.data ?? []),
]

describe('queue', () => {
  test('serves in order of arrival, one at a time for each worker', async () => {
    const { pool, openGate } = await startedPool()
    const order: number[] = []
    const answers = [1, 2, 3, 4].map((value) =>
      pool.run('gated', bytes(value), ['x']).then(() => order.push(value)),
    )
    expect(pool.busyWorkers).toBe(1)
    expect(pool.queueDepth).toBe(3)
    openGate()
    await Promise.all(answers)
    expect(order).toEqual([1, 2, 3, 4])
    expect(pool.busyWorkers).toBe(0)
    expect(pool.queueDepth).toBe(0)
  })

  test('keeps every worker busy before anything waits', async () => {
    const { pool, openGate } = await startedPool({ workers: 3 })
    const answers = [1, 2, 3, 4].map((value) => echoed(pool.run('gated', bytes(value), ['x'])))
    expect(pool.busyWorkers).toBe(3)
    expect(pool.queueDepth).toBe(1)
    openGate()
    expect(await Promise.all(answers)).toEqual([[1], [2], [3], [4]])
  })

  test('says how long a request waited and how long it was computed', async () => {
    const { pool, openGate } = await startedPool()
    const first = pool.run('gated', bytes(1), ['x'])
    const second = pool.run('echo', bytes(2), ['x'])
    await sleep(30)
    openGate()
    expect((await first).queueMs).toBeLessThan(20)
    expect((await second).queueMs).toBeGreaterThan(25)
    expect((await second).computeMs).toBe(7)
  })

  test('refuses what goes beyond the limit, and names it', async () => {
    const { pool, openGate } = await startedPool({ queueLimit: 2 })
    const answers = [1, 2, 3].map((value) => pool.run('gated', bytes(value), ['x']))
    const refused = pool.run('gated', bytes(4), ['x'])
    await expect(refused).rejects.toThrow(OverloadedError)
    await expect(refused).rejects.toThrow('limit 2')
    openGate()
    expect(await Promise.all(answers)).toHaveLength(3)
  })

  test('without a queue, a free worker still serves', async () => {
    const { pool, openGate } = await startedPool({ queueLimit: 0 })
    const running = pool.run('gated', bytes(1), ['x'])
    await expect(pool.run('echo', bytes(2), ['x'])).rejects.toThrow(OverloadedError)
    openGate()
    await running
    expect(await echoed(pool.run('echo', bytes(3), ['x']))).toEqual([3])
  })
})

describe('handing over', () => {
  test('gives every request its own bytes, whatever their sizes and order', async () => {
    const { pool } = await startedPool({ workers: 3, queueLimit: 200 })
    const random = new Random(7)
    const requests = Array.from({ length: 200 }, () =>
      Array.from({ length: 1 + random.integer(300) }, () => random.integer(256)),
    )
    const answers = requests.map((values) => echoed(pool.run('echo', bytes(...values), ['x'])))
    expect(await Promise.all(answers)).toEqual(requests)
  })

  test('copies inputs when they are dispatched, and leaves the caller its own', async () => {
    const { pool } = await startedPool()
    const inputs = bytes(5, 6)
    const answer = echoed(pool.run('echo', inputs, ['x']))
    inputs[0]?.data.fill(0)
    expect(await answer).toEqual([5, 6])
    expect(inputs[0]?.data.byteLength).toBe(2)
  })
})

describe('cancelling', () => {
  test('takes a waiting request out of the queue', async () => {
    const { pool, openGate } = await startedPool({ queueLimit: 1 })
    const abort = new AbortController()
    const running = pool.run('gated', bytes(1), ['x'])
    const waiting = pool.run('crash', bytes(2), ['x'], abort.signal)
    abort.abort(new Error('the caller left'))
    await expect(waiting).rejects.toThrow('the caller left')
    expect(pool.queueDepth).toBe(0)
    const next = echoed(pool.run('echo', bytes(3), ['x']))
    openGate()
    await running
    expect(await next).toEqual([3])
  })

  test('lets a running request finish', async () => {
    const { pool, openGate } = await startedPool()
    const abort = new AbortController()
    const running = echoed(pool.run('gated', bytes(1), ['x'], abort.signal))
    abort.abort()
    openGate()
    expect(await running).toEqual([1])
    expect(await echoed(pool.run('echo', bytes(2), ['x']))).toEqual([2])
  })

  test('refuses a request that is cancelled already', async () => {
    const { pool } = await startedPool()
    const signal = AbortSignal.abort(new Error('too late'))
    await expect(pool.run('echo', bytes(1), ['x'], signal)).rejects.toThrow('too late')
  })
})

describe('failures', () => {
  test.each(['crash', 'exit'])(
    '%s: fails the request in flight and replaces the worker',
    async (way) => {
      const { pool, setups } = await startedPool()
      const lost = pool.run(way, bytes(1), ['x'])
      const waiting = echoed(pool.run('echo', bytes(2), ['x']))
      await expect(lost).rejects.toThrow(UnavailableError)
      await expect(lost).rejects.toThrow(way === 'crash' ? 'planted fault' : 'ended with code 3')
      expect(await waiting).toEqual([2])
      expect(setups).toHaveLength(2)
      expect(pool.ready).toBe(true)
    },
  )

  test('other workers go on when one crashes', async () => {
    const { pool } = await startedPool({ workers: 2 })
    const lost = pool.run('crash', bytes(1), ['x'])
    const served = echoed(pool.run('echo', bytes(2), ['x']))
    await expect(lost).rejects.toThrow('planted fault')
    expect(await served).toEqual([2])
  })

  test('a refusal of the model is the request’s fault and costs no worker', async () => {
    const { pool, setups } = await startedPool()
    const refused = pool.run('refuse', bytes(1), ['x'])
    await expect(refused).rejects.toThrow(InvalidInputError)
    await expect(refused).rejects.toThrow('variant refuse could not run on these inputs: bad axis')
    expect(await echoed(pool.run('echo', bytes(9, 9, 9), ['x']))).toEqual([9, 9, 9])
    expect(setups).toHaveLength(1)
  })

  test('fails what waits when no worker can be started again, and recovers when one can', async () => {
    const { pool } = fakePool({}, [undefined, 'the disk is gone'])
    await pool.start()
    const lost = pool.run('crash', bytes(1), ['x'])
    const waiting = pool.run('echo', bytes(2), ['x'])
    await expect(lost).rejects.toThrow('planted fault')
    await expect(waiting).rejects.toThrow('no inference worker is left: the disk is gone')
    expect(pool.ready).toBe(false)
    await expect(pool.run('echo', bytes(3), ['x'])).rejects.toThrow(UnavailableError)
    await expect.poll(() => pool.ready, { timeout: 5000 }).toBe(true)
    expect(await echoed(pool.run('echo', bytes(4), ['x']))).toEqual([4])
  })

  test('a start that fails says why and leaves no worker behind', async () => {
    const fake = fakePool({ workers: 3 }, [undefined, 'd0.onnx is corrupt'])
    await expect(fake.pool.start()).rejects.toThrow(ConfigError)
    await expect(fake.pool.start()).rejects.toThrow('d0.onnx is corrupt')
    expect(fake.pool.ready).toBe(false)
    await fake.pool.close()
    expect(fake.stops()).toBe(3)
  })

  test('nothing is served before the start', async () => {
    const { pool } = fakePool({})
    await expect(pool.run('echo', bytes(1), ['x'])).rejects.toThrow(UnavailableError)
  })
})

describe('closing', () => {
  test('answers what runs and what waits, refuses the rest, and stops every worker', async () => {
    const { pool, openGate, stops } = await startedPool({ workers: 2 })
    const answers = [1, 2, 3].map((value) => echoed(pool.run('gated', bytes(value), ['x'])))
    const closed = pool.close()
    await sleep(0)
    await expect(pool.run('echo', bytes(4), ['x'])).rejects.toThrow(UnavailableError)
    expect(stops()).toBe(0)
    openGate()
    await closed
    expect(await Promise.all(answers)).toEqual([[1], [2], [3]])
    expect(stops()).toBe(2)
    expect(pool.busyWorkers).toBe(0)
    await pool.close()
    expect(stops()).toBe(2)
  })

  test('fails what waits when the last worker crashes meanwhile', async () => {
    const { pool, openGate } = await startedPool()
    const first = pool.run('gated', bytes(1), ['x'])
    const crashing = pool.run('crash', bytes(2), ['x'])
    const waiting = pool.run('echo', bytes(3), ['x'])
    const closed = pool.close()
    openGate()
    await first
    await expect(crashing).rejects.toThrow('planted fault')
    await expect(waiting).rejects.toThrow('no inference worker is left')
    await closed
  })

  test('waits for a replacement that is still loading', async () => {
    const { pool, stops } = await startedPool()
    await expect(pool.run('exit', bytes(1), ['x'])).rejects.toThrow(UnavailableError)
    await pool.close()
    expect(stops()).toBe(1)
    expect(pool.ready).toBe(false)
  })

  test('of a pool that never started does nothing', async () => {
    const { pool, setups } = fakePool({})
    await pool.close()
    expect(setups).toHaveLength(0)
  })
})

describe('emulated speed', () => {
  const dilation = { variant: 'echo', targetMs: 20 }

  test('is measured by the first worker and taken over by the others', async () => {
    const { setups } = await startedPool({ workers: 3, dilation })
    const targetsMs = { echo: 20 }
    expect(setups.map((setup) => setup.targetsMs)).toEqual([undefined, targetsMs, targetsMs])
    expect(setups.map((setup) => setup.dilation)).toEqual([dilation, dilation, dilation])
  })

  test('reports the mean error of the latest 200 inferences', async () => {
    const { pool } = await startedPool({ dilation })
    expect(pool.dilationErrorPercent).toBe(0)
    const run = (percent: number) => pool.run('dilated', bytes(...Array(percent).fill(0)), ['x'])
    await run(10)
    await run(40)
    expect(pool.dilationErrorPercent).toBe(25)
    for (let inference = 0; inference < 200; inference++) await run(3)
    expect(pool.dilationErrorPercent).toBe(3)
  })

  test('has no error where it is off', async () => {
    const { pool } = await startedPool()
    await pool.run('echo', bytes(1), ['x'])
    expect(pool.dilationErrorPercent).toBeUndefined()
  })
})

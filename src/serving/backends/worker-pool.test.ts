import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import { ConfigError, InvalidInputError, UnavailableError } from '../../errors.ts'
import type { Tensor } from '../../protocol/messages.ts'
import { Random } from '../../random.ts'
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

/** Settles when a worker has been started anew. */
const restarted = ({ pool }: Fake) =>
  new Promise<void>((resolve) => {
    pool.onStarted = resolve
  })

describe('free workers', () => {
  test('each run one inference; one more is refused, and none waits', async () => {
    const { pool, openGate } = await startedPool({ workers: 3 })
    const answers = [1, 2].map((value) => echoed(pool.run('gated', bytes(value), ['x'])))
    expect([pool.busyWorkers, pool.hasFreeWorker]).toEqual([2, true])
    answers.push(echoed(pool.run('gated', bytes(3), ['x'])))
    expect([pool.busyWorkers, pool.hasFreeWorker]).toEqual([3, false])
    await expect(pool.run('echo', bytes(4), ['x'])).rejects.toThrow('no inference worker is free')
    openGate()
    expect(await Promise.all(answers)).toEqual([[1], [2], [3]])
    expect([pool.busyWorkers, pool.hasFreeWorker]).toEqual([0, true])
  })

  test('are free again before the caller has the answer', async () => {
    const { pool } = await startedPool()
    const { computeMs } = await pool.run('echo', bytes(1), ['x'])
    expect(computeMs).toBe(7)
    expect(pool.hasFreeWorker).toBe(true)
    await expect(pool.run('refuse', bytes(1), ['x'])).rejects.toThrow()
    expect(pool.hasFreeWorker).toBe(true)
  })
})

describe('handing over', () => {
  test('gives every request its own bytes, whatever their sizes and order', async () => {
    const { pool } = await startedPool({ workers: 3 })
    const random = new Random(7)
    for (let round = 0; round < 60; round++) {
      const requests = [0, 1, 2].map(() =>
        Array.from({ length: 1 + random.integer(300) }, () => random.integer(256)),
      )
      const answers = requests.map((values) => echoed(pool.run('echo', bytes(...values), ['x'])))
      expect(await Promise.all(answers)).toEqual(requests)
    }
  })

  test('copies inputs at once, and leaves the caller its own', async () => {
    const { pool } = await startedPool()
    const inputs = bytes(5, 6)
    const answer = echoed(pool.run('echo', inputs, ['x']))
    inputs[0]?.data.fill(0)
    expect(await answer).toEqual([5, 6])
    expect(inputs[0]?.data.byteLength).toBe(2)
  })
})

describe('failures', () => {
  test.each(['crash', 'exit'])(
    '%s: fails the request in flight and replaces the worker',
    async (way) => {
      const fake = await startedPool()
      const { pool, setups } = fake
      const started = restarted(fake)
      const lost = pool.run(way, bytes(1), ['x'])
      await expect(lost).rejects.toThrow(UnavailableError)
      await expect(lost).rejects.toThrow(way === 'crash' ? 'planted fault' : 'ended with code 3')
      expect([pool.ready, pool.hasFreeWorker]).toEqual([false, false])
      await started
      expect(pool.ready).toBe(true)
      expect(await echoed(pool.run('echo', bytes(2), ['x']))).toEqual([2])
      expect(setups).toHaveLength(2)
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

  test('says so when no worker is left and none can be started, and recovers when one can', async () => {
    const fake = fakePool({}, [undefined, 'the disk is gone'])
    const { pool } = fake
    const noneLeft = new Promise<Error>((resolve) => {
      pool.onNoneLeft = resolve
    })
    await pool.start()
    await expect(pool.run('crash', bytes(1), ['x'])).rejects.toThrow('planted fault')
    expect(await noneLeft).toEqual(
      new UnavailableError('no inference worker is left: the disk is gone'),
    )
    expect(pool.ready).toBe(false)
    await expect(pool.run('echo', bytes(3), ['x'])).rejects.toThrow(UnavailableError)
    await restarted(fake)
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
  test('answers what runs, refuses the rest, and stops every worker', async () => {
    const { pool, openGate, stops } = await startedPool({ workers: 2 })
    const answers = [1, 2].map((value) => echoed(pool.run('gated', bytes(value), ['x'])))
    const closed = pool.close()
    await sleep(0)
    await expect(pool.run('echo', bytes(4), ['x'])).rejects.toThrow(UnavailableError)
    expect(stops()).toBe(0)
    openGate()
    await closed
    expect(await Promise.all(answers)).toEqual([[1], [2]])
    expect(stops()).toBe(2)
    expect(pool.busyWorkers).toBe(0)
    await pool.close()
    expect(stops()).toBe(2)
  })

  test('ends when a worker crashes meanwhile', async () => {
    const { pool, openGate, stops } = await startedPool({ workers: 2 })
    const running = pool.run('gated', bytes(1), ['x'])
    const crashing = pool.run('crash', bytes(2), ['x'])
    const closed = pool.close()
    await expect(crashing).rejects.toThrow('planted fault')
    openGate()
    await running
    await closed
    expect(stops()).toBe(1)
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

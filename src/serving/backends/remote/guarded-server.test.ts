import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ConfigError, InvalidInputError, UnavailableError } from '../../../errors.ts'
import type { ModelVersion } from '../../../protocol/client.ts'
import type { InferResponse } from '../../../protocol/messages.ts'
import { GuardedServer } from './guarded-server.ts'
import type { ModelServer } from './model-server.ts'

const ANSWER: InferResponse = { model_name: 'm', outputs: [] }
const models: readonly ModelVersion[] = [{ model: 'big' }, { model: 'tiny' }]

/** A server whose answers are told beforehand. */
class ToldServer implements ModelServer {
  readonly url = 'http://triton'
  inferences = 0
  readonly probed: string[] = []
  closed = false
  /** Of every inference. */
  fault: Error | undefined
  /** By model: why it is not ready. */
  readonly unready = new Map<string, Error>()
  hold: Promise<void> | undefined

  async modelReady({ model }: ModelVersion): Promise<void> {
    this.probed.push(model)
    const fault = this.unready.get(model)
    if (fault) throw fault
  }
  async modelMetadata({ model }: ModelVersion) {
    return { name: model, platform: '', inputs: [], outputs: [] }
  }
  async infer(): Promise<InferResponse> {
    this.inferences += 1
    await this.hold
    if (this.fault) throw this.fault
    return ANSWER
  }
  async close(): Promise<void> {
    this.closed = true
  }
}

let server: ToldServer
let guarded: GuardedServer
let said: string[]
let check: () => Promise<void>

beforeEach(() => {
  vi.useFakeTimers()
  server = new ToldServer()
  said = []
  check = async () => {}
  guarded = new GuardedServer(server, {
    models,
    onDown: ({ message }) => said.push(`down: ${message}`),
    check: () => check(),
    onUp: () => said.push('up'),
  })
})
afterEach(async () => {
  await guarded.close()
  vi.useRealTimers()
})

const big: ModelVersion = { model: 'big' }
const ask = () => guarded.infer(big, { inputs: [] })
const askInVain = async (times: number) => {
  for (let time = 0; time < times; time++) await expect(ask()).rejects.toThrow()
}
const unavailable = (message: string) => new UnavailableError(message)
/** Long enough for so many probes, one a second. */
const probes = (count: number) => vi.advanceTimersByTimeAsync(count * 1000 + 1)

describe('requests', () => {
  it('get the server’s own answers and errors', async () => {
    expect(await ask()).toBe(ANSWER)
    expect(guarded.url).toBe('http://triton')
    expect((await guarded.modelMetadata(big)).name).toBe('big')
    server.fault = unavailable('it is tired')
    await expect(ask()).rejects.toBe(server.fault)
    expect(guarded.up).toBe(true)
  })

  it('that fail open the circuit, and no more are sent', async () => {
    server.fault = unavailable('it is tired')
    await askInVain(3)
    expect(guarded.up).toBe(false)
    expect(said).toEqual(['down: http://triton is down: it is tired'])
    server.fault = undefined
    await expect(ask()).rejects.toThrow(new UnavailableError('http://triton is down: it is tired'))
    expect(server.inferences).toBe(3)
  })

  it('never find it half open, however long nobody probes', async () => {
    server.fault = unavailable('it is tired')
    await askInVain(3)
    await vi.advanceTimersByTimeAsync(600_000)
    await askInVain(5)
    expect(server.inferences).toBe(3)
  })

  it('that it refuses say that it is alive', async () => {
    server.fault = new InvalidInputError('no such shape')
    await askInVain(10)
    expect([guarded.up, server.inferences, said]).toEqual([true, 10, []])
  })

  it('that fail seldom, or long ago, open nothing', async () => {
    for (let round = 0; round < 5; round++) {
      server.fault = unavailable('a busy moment')
      await askInVain(1)
      server.fault = undefined
      await ask()
      await ask()
    }
    expect(guarded.up).toBe(true)
    await vi.advanceTimersByTimeAsync(6000)
    server.fault = unavailable('a busy moment')
    await askInVain(2)
    expect(guarded.up).toBe(true)
  })

  it('are counted while they run, and no longer', async () => {
    let release = () => {}
    server.hold = new Promise((resolve) => {
      release = resolve
    })
    const asked = [ask(), ask()]
    expect(guarded.running).toBe(2)
    release()
    await Promise.all(asked)
    server.fault = unavailable('it is tired')
    await askInVain(4)
    expect(guarded.running).toBe(0)
  })
})

describe('probes', () => {
  it('ask for every model, once a second, and only when told to', async () => {
    await probes(3)
    expect(server.probed).toEqual([])
    guarded.watch()
    await probes(2)
    expect(server.probed).toEqual(['big', 'tiny', 'big', 'tiny'])
    expect(said).toEqual([])
  })

  it('open the circuit when two of them fail one after another', async () => {
    server.unready.set('tiny', unavailable('tiny is gone'))
    guarded.watch()
    await probes(1)
    expect(guarded.up).toBe(true)
    server.unready.clear()
    await probes(1)
    server.unready.set('tiny', unavailable('tiny is gone'))
    await probes(1)
    expect(guarded.up).toBe(true)
    await probes(1)
    expect(said).toEqual(['down: http://triton is down: tiny is gone'])
    expect(guarded.up).toBe(false)
    await probes(3)
    expect(said).toHaveLength(1)
  })

  it('close it when all models are ready, once what it serves was checked', async () => {
    server.fault = unavailable('it is tired')
    server.unready.set('tiny', unavailable('tiny is loading'))
    await askInVain(3)
    server.fault = undefined
    guarded.watch()
    await probes(2)
    expect(guarded.up).toBe(false)
    await expect(ask()).rejects.toThrow('tiny is loading')
    server.unready.clear()
    check = async () => {
      throw new ConfigError('it serves another model')
    }
    await probes(2)
    expect(guarded.up).toBe(false)
    await expect(ask()).rejects.toThrow('it serves another model')
    check = async () => {}
    await probes(1)
    expect(said).toEqual([
      'down: http://triton is down: it is tired',
      'down: http://triton is down: tiny is loading',
      'down: http://triton is down: it serves another model',
      'up',
    ])
    expect(await ask()).toBe(ANSWER)
  })

  it('end with it', async () => {
    guarded.watch()
    await guarded.close()
    await probes(3)
    expect([server.closed, server.probed]).toEqual([true, []])
  })
})

it('tells each reason that keeps a server down once, and few of those that never repeat', async () => {
  guarded.watch()
  let probed = 0
  check = async () => {
    probed += 1
    throw new ConfigError(`attempt ${probed}`)
  }
  server.fault = unavailable('it is tired')
  await askInVain(3)
  await probes(9)
  expect(probed).toBeGreaterThan(4)
  expect(said).toHaveLength(4)
})

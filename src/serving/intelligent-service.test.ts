import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { InferenceSession, Tensor as OnnxValue } from 'onnxruntime-node'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  ConfigError,
  DeadlineError,
  InvalidInputError,
  NotFoundError,
  OverloadedError,
  UnavailableError,
} from '../errors.ts'
import { GraphBuilder } from '../onnx/graph-builder.ts'
import { bytesOf } from '../protocol/datatypes.ts'
import type { Tensor } from '../protocol/messages.ts'
import { affineCatalogue, affineInput, floats } from './backends/backend.conformance.ts'
import {
  type InferOptions,
  IntelligentService,
  type IntelligentServiceOptions,
} from './intelligent-service.ts'
import type { Catalogue } from './models/catalogue.ts'

let directory: string
let catalogue: Catalogue
const started: IntelligentService[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'intelligent-service-'))
  catalogue = await affineCatalogue(directory)
})

afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.close()))
})

afterAll(() => rm(directory, { recursive: true }))

function serviceOf(options: Partial<IntelligentServiceOptions> = {}): IntelligentService {
  const service = new IntelligentService({ catalogue, workers: 1, queueLimit: 8, ...options })
  started.push(service)
  return service
}

async function startedService(
  options: Partial<IntelligentServiceOptions> = {},
): Promise<IntelligentService> {
  const service = serviceOf(options)
  await service.start()
  return service
}

/** The catalogue with one variant, `d0`, of another file. */
function catalogueOf(file: string): Catalogue {
  const [first] = catalogue.variants
  if (first === undefined) throw new Error('the catalogue is empty')
  return { ...catalogue, variants: [{ ...first, file }] }
}

describe('serving', () => {
  test('holds every variant of the catalogue, each with its own weights', async () => {
    const service = await startedService({ workers: 2 })
    expect(service.ready).toBe(true)
    expect(service.variants).toEqual(['d0', 'd1'])
    const inputs = [affineInput(1, 2, 3)]
    // [1 + 6 + 15 + 0.5, 2 + 8 + 18 - 0.5]; d1 has twice the weights.
    expect(floats((await service.infer('d0', { inputs })).outputs[0])).toEqual([22.5, 27.5])
    expect(floats((await service.infer('d1', { inputs })).outputs[0])).toEqual([44.5, 55.5])
  })

  test('describes each variant as its file does', async () => {
    const service = await startedService()
    expect(service.metadata('d1')).toEqual({
      name: 'd1',
      versions: ['1'],
      platform: 'onnx_onnxv1',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
      outputs: [
        { name: 'y', datatype: 'FP32', shape: [-1, 2] },
        { name: 'z', datatype: 'FP32', shape: [-1, 2] },
      ],
    })
  })

  test('refuses an unknown variant and lists the known ones', async () => {
    const service = await startedService()
    const unknown = service.infer('d9', { inputs: [affineInput(1, 2, 3)] })
    await expect(unknown).rejects.toThrow(NotFoundError)
    await expect(unknown).rejects.toThrow('no variant "d9"; this node serves d0, d1')
    expect(() => service.metadata('d9')).toThrow(NotFoundError)
  })

  test('queues what the workers cannot run at once, up to its limit', async () => {
    const service = await startedService({ queueLimit: 1 })
    const inputs = [affineInput(1, 2, 3)]
    const wrong = service.infer('d0', { inputs: [] })
    const abort = new AbortController()
    const running = service.infer('d0', { inputs })
    const gone = service.infer('d0', { inputs }, { signal: abort.signal })
    const refused = service.infer('d0', { inputs })
    // Whoever is wrong is told before anybody waits.
    await expect(wrong).rejects.toThrow(InvalidInputError)
    expect(service.usage).toMatchObject({ queueDepth: 1, busyWorkers: 1 })
    abort.abort()
    await expect(gone).rejects.toThrow()
    await expect(refused).rejects.toThrow(OverloadedError)
    expect((await running).variant).toBe('d0')
    expect(service.usage).toMatchObject({ queueDepth: 0, busyWorkers: 0 })
  })
})

test('hands over tensors of several types and odd sizes, exactly', async () => {
  const graph = new GraphBuilder('mixed')
  const types = { u: 'uint8', l: 'int64', f: 'float32', s: 'int8', i: 'int32' } as const
  const datatypes = { u: 'UINT8', l: 'INT64', f: 'FP32', s: 'INT8', i: 'INT32' } as const
  const names = ['u', 'l', 'f', 's', 'i'] as const
  for (const name of names) {
    graph.node('Identity', [graph.input(name, types[name], ['n'])], {}, { output: `${name}Out` })
    graph.output(`${name}Out`, types[name], ['n'])
  }
  const file = join(directory, 'mixed.onnx')
  await writeFile(file, graph.model())
  const service = await startedService({ catalogue: catalogueOf(file) })
  const values = [
    Uint8Array.of(1, 2, 255),
    BigInt64Array.of(-(2n ** 63n), 5n, 2n ** 62n),
    Float32Array.of(Number.NaN, -0, Number.POSITIVE_INFINITY),
    Int8Array.of(-128, 0, 127),
    Int32Array.of(-(2 ** 31), 1, 2),
  ]
  const inputs = names.map((name, index): Tensor => {
    const data = bytesOf(values[index] ?? new Uint8Array(3))
    return { name, datatype: datatypes[name], shape: [3], data }
  })
  const { outputs } = await service.infer('d0', { inputs })
  for (const [index, output] of outputs.entries()) {
    expect(output.datatype).toBe(inputs[index]?.datatype)
    expect([...output.data]).toEqual([...(inputs[index]?.data ?? [])])
  }
})

test('a large tensor comes out equal to a direct run, bit for bit', async () => {
  const file = join(directory, 'wide.onnx')
  const graph = new GraphBuilder('wide')
  graph.node('Softmax', [graph.input('x', 'float32', [1, 150_528])], {}, { output: 'p' })
  graph.output('p', 'float32', [1, 150_528])
  await writeFile(file, graph.model())
  const service = await startedService({ catalogue: catalogueOf(file) })
  const x = Float32Array.from({ length: 150_528 }, (_, index) => Math.sin(index))
  const direct = await InferenceSession.create(file)
  const expected = await direct.run({ x: new OnnxValue('float32', x, [1, x.length]) })
  await direct.release()
  const input = { name: 'x', datatype: 'FP32', shape: [1, x.length], data: bytesOf(x) } as const
  const [output] = (await service.infer('d0', { inputs: [input] })).outputs
  const bytes = bytesOf(expected['p']?.data as Float32Array)
  expect(Buffer.compare(output?.data ?? new Uint8Array(), bytes)).toBe(0)
})

describe('starting', () => {
  test('is not ready before, and serves nothing', async () => {
    const service = serviceOf()
    expect(service.ready).toBe(false)
    const early = service.infer('d0', { inputs: [affineInput(1, 2, 3)] })
    await expect(early).rejects.toThrow(UnavailableError)
  })

  test('names variant and path of a missing model file', async () => {
    const service = serviceOf({ catalogue: catalogueOf(join(directory, 'gone.onnx')) })
    await expect(service.start()).rejects.toThrow(ConfigError)
    await expect(service.start()).rejects.toThrow(
      `variant d0: there is no model file ${join(directory, 'gone.onnx')}`,
    )
    expect(service.ready).toBe(false)
  })

  test.each([
    ['text', Buffer.from('this is no model')],
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(1000)],
  ])('names variant and path of a corrupt model file: %s', async (kind, content) => {
    const file = join(directory, `${kind}.onnx`)
    await writeFile(file, content)
    const service = serviceOf({ catalogue: catalogueOf(file), workers: 2 })
    await expect(service.start()).rejects.toThrow(ConfigError)
    await expect(service.start()).rejects.toThrow(`variant d0: ${file} is not a usable ONNX model`)
  })

  test('names a truncated model file', async () => {
    const whole = new GraphBuilder('cut')
    const x = whole.input('x', 'float32', [1, 4])
    whole.node('Add', [x, whole.constant([1, 4], new Float32Array(4))], {}, { output: 'y' })
    whole.output('y', 'float32', [1, 4])
    const file = join(directory, 'cut.onnx')
    await writeFile(file, whole.model().subarray(0, 60))
    const service = serviceOf({ catalogue: catalogueOf(file) })
    await expect(service.start()).rejects.toThrow(file)
  })
})

describe('requests with a deadline', () => {
  const terms = { deadlineMs: 5000, priority: 5, minAccuracyPercent: 0, goalAccuracyPercent: 0 }
  const inputs = [affineInput(1, 2, 3)]

  test('are answered exactly as others, and counted', async () => {
    const service = await startedService()
    const { variant, outputs } = await service.infer('d0', { inputs }, { terms })
    const factor = variant === 'd0' ? 1 : 2
    expect(floats(outputs[0])).toEqual([22 * factor + 0.5, 28 * factor - 0.5])
    await expect(
      service.infer('d0', { inputs }, { terms: { ...terms, deadlineMs: 1e-6 } }),
    ).rejects.toThrow(DeadlineError)
    expect(service.schedulingReport()).toMatchObject({ requests: 2, dropped: { refused: 1 } })
  })

  test('share the workers with those that have none; each gets its answer', async () => {
    const service = await startedService({ workers: 2, queueLimit: 40 })
    const answers = Array.from({ length: 40 }, (_, value) => {
      const request = { inputs: [affineInput(value, 0, 0)], outputs: [{ name: 'y' }] }
      const wanted = { ...terms, minAccuracyPercent: 89 }
      return service.infer('d0', request, value % 2 === 0 ? {} : { terms: wanted })
    })
    const ys = (await Promise.all(answers)).map(({ outputs }) => floats(outputs[0])[0])
    expect(ys).toEqual(Array.from({ length: 40 }, (_, value) => value + 0.5))
    expect(service.usage).toMatchObject({ queueDepth: 0, busyWorkers: 0 })
  })

  test('and those without are answered in order of their deadlines, soft ones included', async () => {
    // The smallest variant takes 20 ms or so: all have come before the first is answered.
    const service = await startedService({
      dilation: { variant: 'd0', targetMs: 40 },
      scheduling: { policy: 'largest', softDeadlineMs: 8000 },
    })
    const order: string[] = []
    const send = (name: string, options: InferOptions = {}) =>
      service.infer('d0', { inputs }, options).then(() => order.push(name))
    const sent = ['a', 'b', 'c'].map((name) => send(name))
    sent.push(send('later', { terms: { ...terms, deadlineMs: 9000 } }), send('sooner', { terms }))
    await Promise.all(sent)
    expect(order).toEqual(['a', 'sooner', 'b', 'c', 'later'])
  })

  test('are answered before the service closes', async () => {
    const service = await startedService()
    const answers = [1, 2, 3].map(() => service.infer('d0', { inputs }, { terms }))
    await service.close()
    for (const answer of answers) expect((await answer).outputs).toHaveLength(2)
    await expect(service.infer('d0', { inputs }, { terms })).rejects.toThrow(UnavailableError)
  })

  test('need a variant whose accuracy is known', async () => {
    const unknown = catalogue.variants.map((variant) => ({ ...variant, accuracyPercent: 0 }))
    const service = await startedService({ catalogue: { ...catalogue, variants: unknown } })
    expect(service.schedulingReport()).toBeUndefined()
    await expect(service.infer('d0', { inputs }, { terms })).rejects.toThrow('models evaluate')
    expect(floats((await service.infer('d0', { inputs })).outputs[0])).toEqual([22.5, 27.5])
  })

  test('need a policy that exists', async () => {
    const service = serviceOf({ scheduling: { policy: 'best' } })
    await expect(service.start()).rejects.toThrow('no scheduling policy is named "best"')
  })
})

describe('emulated speed', () => {
  test('makes inferences take the target time, and reports how well', async () => {
    const service = await startedService({ dilation: { variant: 'd0', targetMs: 60 } })
    const times: number[] = []
    for (let request = 0; request < 7; request++) {
      times.push((await service.infer('d0', { inputs: [affineInput(1, 2, 3)] })).computeMs)
      await sleep(5)
    }
    // Far above the undilated 0.1 ms, and never above the limit of 1.5 plus what a busy machine adds.
    expect(Math.min(...times)).toBeGreaterThan(10)
    expect(service.dilationErrorPercent).toBeGreaterThan(0)
    const error = times.reduce((sum, ms) => sum + Math.abs(ms / 60 - 1) * 100, 0) / times.length
    expect(service.dilationErrorPercent).toBeCloseTo(error, 6)
  })

  test('does not change the answer', async () => {
    const service = await startedService({ dilation: { variant: 'd0', targetMs: 20 } })
    const { outputs } = await service.infer('d1', { inputs: [affineInput(1, 2, 3)] })
    expect(floats(outputs[0])).toEqual([44.5, 55.5])
  })

  test('refuses a target that this machine cannot reach, and says which it can', async () => {
    const service = serviceOf({ dilation: { variant: 'd0', targetMs: 1e-6 } })
    await expect(service.start()).rejects.toThrow(ConfigError)
    await expect(service.start()).rejects.toThrow(/set a target of at least \d+ ms/)
  })

  test('reports nothing when it is off', async () => {
    const service = await startedService()
    expect(service.dilationErrorPercent).toBeUndefined()
  })
})

test('closing answers what it has taken, then refuses', async () => {
  const service = await startedService()
  const inputs = [affineInput(1, 0, 0)]
  const answers = [1, 2, 3].map(() => service.infer('d0', { inputs, outputs: [{ name: 'y' }] }))
  await service.close()
  for (const answer of answers) expect(floats((await answer).outputs[0])).toEqual([1.5, 1.5])
  expect(service.ready).toBe(false)
  await expect(service.infer('d0', { inputs })).rejects.toThrow(UnavailableError)
  expect(() => service.metadata('d0')).toThrow(UnavailableError)
})

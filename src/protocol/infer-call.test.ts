import { beforeEach, describe, expect, it } from 'vitest'
import { InvalidInputError, NotFoundError, OverloadedError, UnavailableError } from '../errors.ts'
import { DoublingHandler } from './doubling-handler.fixture.ts'
import { admit, type Incoming, inferCall, takesPictures, within } from './infer-call.ts'
import type { InferenceHandler } from './inference-handler.ts'
import type { InferRequest } from './messages.ts'

const { signal } = new AbortController()
const headers = { 'x-a': 'b' }
const double: InferRequest = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: new Uint8Array(12) }],
}

let handler: InferenceHandler
let asked: string[]
beforeEach(() => {
  handler = new DoublingHandler()
  asked = []
})

function incoming(
  request: InferRequest | Error = double,
  change: Partial<Incoming> = {},
): Incoming {
  return {
    ...{ model: 'double', headers, signal },
    wire() {
      asked.push('wire')
      return { body: Uint8Array.of(1) }
    },
    read(metadata) {
      asked.push(`read for ${metadata().name}`)
      if (request instanceof Error) throw request
      return request
    },
    ...change,
  }
}

describe('a call', () => {
  it('is neither read nor encoded before somebody needs that, and then once', () => {
    const call = inferCall(handler, incoming())
    expect(asked).toEqual([])
    expect(call.decode()).toBe(double)
    expect(call.decode()).toBe(double)
    expect(asked).toEqual(['read for double'])
    expect(call.wire).toBe(call.wire)
    expect(asked).toEqual(['read for double', 'wire'])
  })

  it('has what its surface knows, and no more', () => {
    expect(Object.keys(inferCall(handler, incoming()))).toEqual(
      expect.not.arrayContaining(['version', 'receivingMs', 'trace']),
    )
    const call = inferCall(handler, incoming(double, { version: 'v10', receivingMs: 0 }))
    expect(call).toMatchObject({ model: 'double', version: 'v10', receivingMs: 0, headers, signal })
  })

  it('is checked against the model whenever it is asked for', () => {
    const call = inferCall(handler, incoming({ inputs: [] }))
    expect(() => call.decode()).toThrow('the request lacks input "x"')
    expect(() => call.decode()).toThrow(InvalidInputError)
    const malformed = inferCall(handler, incoming(new InvalidInputError('no JSON')))
    expect(() => malformed.decode()).toThrow('no JSON')
  })

  it('that another thread reads is checked and read once, too', async () => {
    const call = inferCall(handler, incoming(double, { read: async () => double }))
    expect(call.decode()).toBe(call.decode())
    expect(await call.decode()).toBe(double)
    const lacking = inferCall(handler, incoming(double, { read: async () => ({ inputs: [] }) }))
    await expect(lacking.decode()).rejects.toThrow('the request lacks input "x"')
  })

  it('of a version that is not there is refused', () => {
    const call = inferCall(handler, incoming(double, { version: 'v9' }))
    expect(() => call.decode()).toThrow(NotFoundError)
  })

  it('within another span is the same one, read once for both', () => {
    const call = inferCall(handler, incoming(double, { version: 'v10', receivingMs: 3 }))
    const trace = { traceparent: 't' } as never
    const inner = within(call, trace)
    expect(inner.decode()).toBe(call.decode())
    expect(inner.wire).toBe(call.wire)
    expect(asked).toEqual(['read for double', 'wire'])
    expect(inner).toMatchObject({ model: 'double', version: 'v10', receivingMs: 3, headers, trace })
    expect(inner.signal).toBe(signal)
  })
})

describe('a call is admitted', () => {
  const call = (model: string, version?: string) => ({
    model,
    headers,
    ...(version && { version }),
  })

  it('by model and version first', () => {
    expect(() => admit(handler, call('double', 'v10'), handler.refusal())).not.toThrow()
    Object.assign(handler, { isReady: false })
    expect(() => admit(handler, call('none'), handler.refusal())).toThrow(NotFoundError)
    expect(() => admit(handler, call('double', 'v9'), handler.refusal())).toThrow(NotFoundError)
  })

  it('where requests are taken at all', () => {
    Object.assign(handler, { isReady: false })
    expect(() => admit(handler, call('double'), handler.refusal())).toThrow(
      new UnavailableError('model "double" is not ready yet: try again'),
    )
  })

  it('by the handler’s own word last, which sees model and headers', () => {
    handler.admit = (model, seen) => {
      asked.push(`${model} ${seen['x-a']}`)
      throw new OverloadedError('full')
    }
    expect(() => admit(handler, call('double'), handler.refusal())).toThrow(OverloadedError)
    expect(asked).toEqual(['double b'])
  })
})

it('pictures are taken where the extension is told', () => {
  const told = (extensions: string[]) =>
    takesPictures(
      Object.assign(new DoublingHandler(), {
        serverMetadata: () => ({ name: 'n', version: '1', extensions }),
      }),
    )
  expect(told(['binary_tensor_data', 'image'])).toBe(true)
  expect(told(['images'])).toBe(false)
  expect(told([])).toBe(false)
})

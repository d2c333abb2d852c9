import { describe, expect, it } from 'vitest'
import { InvalidInputError } from '../errors.ts'
import { Random } from '../random.ts'
import { joinByteStrings } from './byte-strings.ts'
import {
  decodeInferRequest,
  decodeInferResponse,
  encodeInferRequest,
  encodeInferResponse,
} from './codec.ts'
import { bytesOf, elementBytes, viewElements, viewFloat32 } from './datatypes.ts'
import { DATATYPES, type InferRequest, type ModelMetadata, type Tensor } from './messages.ts'

const noMetadata = (): ModelMetadata => {
  throw new Error('only a raw request needs metadata')
}
const x: Tensor = {
  name: 'x',
  datatype: 'FP32',
  shape: [2],
  data: bytesOf(Float32Array.of(1, -2)),
}

/** Random finite elements of a random shape; only BYTES elements that are UTF-8. */
function randomTensor(random: Random, name: string): Tensor {
  const datatype = DATATYPES[random.integer(DATATYPES.length)] ?? 'FP32'
  const shape = Array.from({ length: random.integer(4) }, () => random.integer(4))
  const count = shape.reduce((product, size) => product * size, 1)
  if (datatype === 'BYTES') {
    const text = () => Buffer.from('aé\u{1f600}\0"'.repeat(random.integer(3)))
    return { name, datatype, shape, data: joinByteStrings(Array.from({ length: count }, text)) }
  }
  if (datatype === 'FP32') {
    const data = bytesOf(Float32Array.from({ length: count }, () => random.normal()))
    return { name, datatype, shape, data }
  }
  if (datatype === 'FP64') {
    const data = bytesOf(Float64Array.from({ length: count }, () => random.normal() * 1e200))
    return { name, datatype, shape, data }
  }
  const highest = datatype === 'BOOL' ? 2 : 256
  const length = count * elementBytes(datatype)
  return { name, datatype, shape, data: Uint8Array.from({ length }, () => random.integer(highest)) }
}

function randomRequest(random: Random): InferRequest {
  const inputs = Array.from({ length: 1 + random.integer(4) }, (_, index) =>
    randomTensor(random, `tensor ${index} é`),
  )
  return random.uniform() < 0.5 ? { inputs } : { id: 'é"', inputs, outputs: [{ name: 'y' }] }
}

/** Tensors with plain arrays, so that a view and a copy compare equal. */
function plain(tensors: readonly Tensor[]) {
  return tensors.map((tensor) => ({ ...tensor, data: [...tensor.data] }))
}

/** Random bits may be NaN. */
const hasNoJson = ['FP16', 'BF16']

describe('round trips', () => {
  it('returns random requests and responses bit for bit, as binary and as JSON', () => {
    const random = new Random(1)
    for (let round = 0; round < 300; round++) {
      const request = randomRequest(random)
      const binary = round % 2 === 0
      const inputs = binary
        ? request.inputs
        : request.inputs.filter((t) => !hasNoJson.includes(t.datatype))
      const wire = encodeInferRequest({ ...request, inputs }, { binary })
      const decoded = decodeInferRequest(wire, noMetadata)
      expect(plain(decoded.inputs)).toEqual(plain(inputs))
      expect(decoded.id).toBe(request.id)
      expect(decoded.outputs).toEqual(request.outputs)
      const all = { parameters: { binary_data_output: binary }, inputs }
      const response = { model_name: 'm', model_version: '3', outputs: inputs }
      const answered = decodeInferResponse(encodeInferResponse(response, all))
      expect(answered).toMatchObject({ model_name: 'm', model_version: '3' })
      expect(plain(answered.outputs)).toEqual(plain(inputs))
    }
  })

  it('writes the wire form of the specification', () => {
    const wire = encodeInferRequest({ id: '1', inputs: [x] }, { binary: true })
    const { body, jsonLength = 0 } = wire
    expect(JSON.parse(Buffer.from(body.subarray(0, jsonLength)).toString())).toEqual({
      id: '1',
      parameters: { binary_data_output: true },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [2], parameters: { binary_data_size: 8 } }],
    })
    // 1 and -2 as little-endian IEEE 754
    expect([...body.subarray(jsonLength)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0])
    expect(jsonLength % 8).toBe(0)
    const json = encodeInferRequest({ inputs: [x] }, { binary: false })
    expect(json.jsonLength).toBeUndefined()
    expect(JSON.parse(Buffer.from(json.body).toString()).inputs[0].data).toEqual([1, -2])
  })

  it('hands an aligned binary tensor on in place, and copies only an unaligned one', () => {
    const wire = encodeInferRequest({ inputs: [x] }, { binary: true })
    const [input] = decodeInferRequest(wire, noMetadata).inputs
    expect(input?.data.buffer).toBe(wire.body.buffer)
    expect(input && viewFloat32(input).buffer).toBe(wire.body.buffer)
    const shifted = Buffer.alloc(9)
    shifted.set(x.data, 1)
    const unaligned = { ...x, data: new Uint8Array(shifted.buffer, shifted.byteOffset + 1, 8) }
    expect(viewFloat32(unaligned)).toEqual(Float32Array.of(1, -2))
    expect(viewFloat32(unaligned).buffer).not.toBe(shifted.buffer)
  })
})

describe('64-bit integers', () => {
  it('are exact as numbers, beside what looks like them', () => {
    const json = `{"id":"9007199254740993","parameters":{"a":9007199254740993},"inputs":[
      {"name":"\\"9007199254740995","datatype":"INT64","shape":[2,2],"data":[[9007199254740993, -9223372036854775808],[0,"9223372036854775807"]]},
      {"name":"y","datatype":"UINT64","shape":[1],"data":[18446744073709551615]},
      {"name":"z","datatype":"FP64","shape":[2],"data":[9007199254740993,0.123456789012345678901]},
      {"name":"t","datatype":"BYTES","shape":[1],"data":["9007199254740993"]}]}`
    const { id, inputs } = decodeInferRequest({ body: Buffer.from(json) }, noMetadata)
    expect(id).toBe('9007199254740993')
    const [x, y, z, t] = inputs.map((tensor) => tensor)
    expect(x).toMatchObject({ name: '"9007199254740995' })
    expect(x && viewElements(x)).toEqual(
      BigInt64Array.of(9007199254740993n, -(2n ** 63n), 0n, 2n ** 63n - 1n),
    )
    expect(y && viewElements(y)).toEqual(BigUint64Array.of(2n ** 64n - 1n))
    expect(z && viewElements(z)).toEqual(Float64Array.of(2 ** 53, 0.12345678901234568))
    expect(t?.data).toHaveLength(20)
    const request = { inputs: inputs.slice(0, 2) }
    const answer = encodeInferResponse({ model_name: 'm', outputs: request.inputs }, request)
    expect(Buffer.from(answer.body).toString()).toContain('"data":[9007199254740993,-922')
    expect(plain(decodeInferResponse(answer).outputs)).toEqual(plain(request.inputs))
  })
})

describe('malformed bodies', () => {
  it('refuses every truncation and extension, and survives every corruption', () => {
    const random = new Random(2)
    const refused = (body: Uint8Array, jsonLength?: number) =>
      attempt(() => decodeInferRequest(jsonLength ? { body, jsonLength } : { body }, noMetadata))
    for (let round = 0; round < 300; round++) {
      const request = randomRequest(random)
      const { body, jsonLength = 0 } = encodeInferRequest(request, { binary: true })
      if (body.length > jsonLength) {
        const length = random.integer(body.length)
        expect(refused(body.subarray(0, length), jsonLength)).toBeInstanceOf(InvalidInputError)
      }
      const longer = Buffer.concat([body, Buffer.of(0)])
      expect(refused(longer, jsonLength)).toBeInstanceOf(InvalidInputError)
      const corrupt = Uint8Array.from(body)
      corrupt[random.integer(corrupt.length)] = random.integer(256)
      const error = refused(corrupt, jsonLength + random.integer(3))
      if (error !== undefined) expect(error).toBeInstanceOf(InvalidInputError)
    }
  })

  it('refuses every truncated JSON body and garbage', () => {
    const random = new Random(3)
    const { body } = encodeInferRequest({ id: 'a', inputs: [x] }, { binary: false })
    for (let length = 0; length < body.length; length++) {
      const wire = { body: body.subarray(0, length) }
      expect(attempt(() => decodeInferRequest(wire, noMetadata))).toBeInstanceOf(InvalidInputError)
      const garbage = { body: Uint8Array.from({ length }, () => random.integer(256)) }
      expect(attempt(() => decodeInferResponse(garbage))).toBeInstanceOf(InvalidInputError)
    }
  })

  it.each([
    ['INT64', '9223372036854775808', 'not a INT64'],
    ['UINT64', '1e19', 'write all digits'],
    ['FP64', '"9007199254740993"', 'not a FP64'],
    ['INT64', '"9223372036854775808"', 'not a INT64'],
    ['UINT64', '"-1"', 'not a UINT64'],
    ['INT64', '"0x10"', 'not a INT64'],
    ['UINT8', '256', 'not a UINT8'],
    ['INT8', '1.5', 'not a INT8'],
    ['BOOL', '1', 'not a BOOL'],
    ['FP32', '1e39', 'not a FP32'],
    ['FP64', '1e999', 'not a FP64'],
    ['FP16', '65520', 'not a FP16'],
    ['BF16', '1e39', 'not a BF16'],
    ['BYTES', '"\\ud800"', 'not a BYTES'],
    ['BYTES', '7', 'not a BYTES'],
  ])('refuses the %s element %s', (datatype, element, message) => {
    const json = `{"inputs":[{"name":"x","datatype":"${datatype}","shape":[1],"data":[${element}]}]}`
    const wire = { body: Buffer.from(json) }
    expect(() => decodeInferRequest(wire, noMetadata)).toThrow(message)
  })

  it('refuses BYTES lengths that run past the end or leave elements over', () => {
    for (const data of [[9, 0, 0, 0, 1], [1, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], []]) {
      const text: Tensor = { name: 't', datatype: 'BYTES', shape: [1], data: Uint8Array.from(data) }
      const wire = encodeInferRequest({ inputs: [text] }, { binary: true })
      expect(attempt(() => decodeInferRequest(wire, noMetadata))).toBeInstanceOf(InvalidInputError)
    }
  })

  it('refuses to write what JSON cannot hold', () => {
    const respond = (datatype: Tensor['datatype'], data: Uint8Array) => () =>
      encodeInferResponse(
        { model_name: 'm', outputs: [{ name: 'y', datatype, shape: [1], data }] },
        { inputs: [] },
      )
    expect(respond('FP32', bytesOf(Float32Array.of(Number.NaN)))).toThrow('ask for binary_data')
    expect(respond('BYTES', joinByteStrings([Uint8Array.of(0xff)]))).toThrow('is not UTF-8')
    expect(respond('FP32', Uint8Array.of(1, 2, 3))).toThrow('not a multiple of the 4 bytes')
  })
})

it('says that an empty message is empty', () => {
  expect(() => decodeInferRequest({ body: new Uint8Array(0) }, noMetadata)).toThrow(
    'the message is empty: expected JSON',
  )
})

describe('raw requests', () => {
  const model = (shape: readonly number[]): ModelMetadata => ({
    name: 'm',
    platform: 'a_b',
    inputs: [{ name: 'x', datatype: 'FP32', shape }],
    outputs: [],
  })
  const raw = (shape: readonly number[], length: number) => () =>
    decodeInferRequest({ body: new Uint8Array(length), jsonLength: 0 }, () => model(shape))

  it('solves the one variable size', () => {
    expect(raw([-1, 3], 24)().inputs[0]?.shape).toEqual([2, 3])
    expect(raw([3], 12)().parameters).toEqual({ binary_data_output: true })
  })

  it('refuses bytes that fill no shape, and two variable sizes', () => {
    expect(raw([-1, 3], 20)).toThrow('do not hold')
    expect(raw([-1, 0], 4)).toThrow(InvalidInputError)
    expect(raw([3], 16)).toThrow('do not hold')
    expect(raw([-1, -1], 16)).toThrow('at most one size may vary')
  })
})

it('has no typed view of BYTES, nor an FP32 view of other datatypes', () => {
  expect(() => viewElements({ ...x, datatype: 'BYTES' })).toThrow('no fixed size')
  expect(() => viewFloat32({ ...x, datatype: 'INT32' })).toThrow('not FP32')
})

function attempt(action: () => unknown): unknown {
  try {
    action()
    return undefined
  } catch (error) {
    return error
  }
}

describe('null', () => {
  const tensor = { name: 'x', datatype: 'FP32', shape: [1] }
  const wireOf = (message: object) => ({ body: Buffer.from(JSON.stringify(message)) })
  const metadata = () => {
    throw new Error('not asked for')
  }

  it('is absent in a request', () => {
    const request = decodeInferRequest(
      wireOf({
        id: null,
        outputs: null,
        parameters: { a: null, b: 1 },
        inputs: [{ ...tensor, data: [1], parameters: null }],
      }),
      metadata,
    )
    expect(request).toEqual({
      parameters: { b: 1 },
      inputs: [{ ...tensor, data: new Uint8Array(Float32Array.of(1).buffer) }],
    })
  })

  it('is absent in an answer, in which nothing is checked that nobody reads', () => {
    const answer = {
      model_name: 'm',
      model_version: null,
      id: null,
      parameters: { list: [1], seconds: 2 },
      outputs: [{ ...tensor, data: [1], parameters: { of: {} } }],
      timing: { any: [null] },
    }
    const response = decodeInferResponse(wireOf(answer))
    expect(response).toMatchObject({ model_name: 'm', parameters: { seconds: 2 } })
    expect(Object.keys(response)).toEqual(['model_name', 'parameters', 'outputs'])
    expect(decodeInferResponse(wireOf({ ...answer, model_version: 3 })).model_version).toBe('3')
  })

  it('is no element of a tensor', () => {
    const inputs = [{ ...tensor, data: [null] }]
    expect(() => decodeInferRequest(wireOf({ inputs }), metadata)).toThrow(/element 0 is null/)
  })
})

describe('the text of a message', () => {
  const message = (id: string) =>
    `{"id":"${id}","deadline_ms":5,"none":null,"inputs":[{"name":"x","datatype":"INT64","shape":[1],"data":[9007199254740993]}]}`
  const decode = (...parts: (string | Uint8Array)[]) =>
    decodeInferRequest({ body: Buffer.concat(parts.map((part) => Buffer.from(part))) }, () => {
      throw new Error('not asked for')
    })

  it('may begin with a byte order mark, and names what stands beside the known fields', () => {
    const request = decode('\ufeff', message('é'))
    expect(request.id).toBe('é')
    expect(request.inputs[0]?.data).toEqual(bytesOf(BigInt64Array.of(9007199254740993n)))
    expect(request.unknownFields).toEqual(['deadline_ms'])
  })

  it('names what nobody reads of its tensors, and hands none of it on', () => {
    const request = decode(
      '{"inputs":[{"name":"x","datatype":"BOOL","shape":[1],"data":[true],"note":1,"parameters":{"deadline_ms":5}}],',
      '"outputs":[{"name":"y","classification":3,"parameters":{"binary_data":true}}]}',
    )
    expect(request.unknownFields).toEqual(['deadline_ms', 'note', 'classification'])
    expect(request.outputs).toEqual([{ name: 'y', parameters: { binary_data: true } }])
    const size = decode('{"inputs":[{"name":"x","datatype":"BOOL","shape":[0],"data":[]}]}')
    expect(size.unknownFields).toBeUndefined()
  })

  it.each(['NaN', 'Infinity', '-Infinity'])('that holds %s is refused with the remedy', (value) => {
    const text = `{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[${value}]}]}`
    expect(() => decode(text)).toThrow(/no JSON form: send the tensor as binary data/)
  })

  it.each(['{"a":{}}', '{"a":[1]}', '{"a":1e400}'])(
    'says what a parameter is: %s',
    (parameters) => {
      expect(() => decode(`{"parameters":${parameters},"inputs":[]}`)).toThrow(
        'parameters.a: a parameter is a text, a finite number, true or false',
      )
    },
  )

  it('is refused where it is not UTF-8, for another text would be served', () => {
    const [before = '', after = ''] = message('|').split('|')
    expect(() => decode(before, Uint8Array.of(0xff), after)).toThrow(/not valid for encoding utf-8/)
  })
})

import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import {
  decodeAnswer,
  encodeRequest,
  JSON_LENGTH_HEADER,
  type Message,
  outputNamesIn,
  type Tensor,
} from './tensors.ts'

const utf8 = new TextEncoder()

/** What is sent, parted into its JSON and the bytes behind it. */
async function partsOf({ headers, body }: Message) {
  if (typeof body === 'string') return { json: JSON.parse(body), bytes: undefined }
  const all = new Uint8Array(await body.arrayBuffer())
  const length = Number(headers[JSON_LENGTH_HEADER])
  return {
    json: JSON.parse(new TextDecoder().decode(all.subarray(0, length))),
    bytes: [...all.subarray(length)],
  }
}

/** An answer as a server sends it. */
function answerOf(json: unknown, bytes: readonly number[] = []) {
  const head = utf8.encode(typeof json === 'string' ? json : JSON.stringify(json))
  const body = new Uint8Array([...head, ...bytes])
  return decodeAnswer(body.buffer, head.byteLength)
}

const output = (datatype: string, shape: unknown, rest: object) => ({
  outputs: [{ name: 'y', datatype, shape, ...rest }],
})
const binary = (size: unknown) => ({ parameters: { binary_data_size: size } })
const x = (data: Tensor['data'], datatype: Tensor['datatype'] = 'FP32'): Tensor => ({
  name: 'x',
  datatype,
  shape: [data.length],
  data,
})

describe('a request', () => {
  it('of lists is JSON alone, without what is undefined', async () => {
    const message = encodeRequest({ id: undefined, parameters: { deadline_ms: undefined } }, [
      x([1, 2.5]),
    ])
    expect(message.headers).toEqual({ 'content-type': 'application/json' })
    expect(message.body).toBe(
      '{"parameters":{},"inputs":[{"name":"x","datatype":"FP32","shape":[2],"data":[1,2.5]}]}',
    )
  })

  it('of a typed array has its bytes behind the JSON, little-endian, and asks for bytes', async () => {
    const message = encodeRequest({ id: 'é', parameters: { priority: 2 } }, [
      x(Float32Array.of(1, -2)),
    ])
    const { json, bytes } = await partsOf(message)
    // 1 is 3f800000, -2 is c0000000.
    expect(bytes).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0])
    expect(json.inputs).toEqual([{ name: 'x', datatype: 'FP32', shape: [2], ...binary(8) }])
    expect(json).toMatchObject({ id: 'é', parameters: { priority: 2, binary_data_output: true } })
    expect(message.headers['content-type']).toBe('application/octet-stream')
  })

  it('sends of a view its part alone, and keeps the order of several', async () => {
    const whole = Uint8Array.of(9, 9, 1, 2, 9)
    const view = new Uint8Array(whole.buffer, 2, 2)
    const { json, bytes } = await partsOf(
      encodeRequest({ parameters: {} }, [
        x(view, 'UINT8'),
        x(['ja'], 'BYTES'),
        x(Int16Array.of(-1), 'INT16'),
      ]),
    )
    expect(bytes).toEqual([1, 2, 0xff, 0xff])
    expect(json.inputs.map((input: { data?: unknown }) => input.data)).toEqual([
      undefined,
      ['ja'],
      undefined,
    ])
  })

  it('does not follow what happens to the array afterwards', async () => {
    const data = Uint8Array.of(1, 2)
    const message = encodeRequest({ parameters: {} }, [x(data, 'UINT8')])
    data.fill(7)
    expect((await partsOf(message)).bytes).toEqual([1, 2])
  })

  it('counts the JSON in bytes, not in characters', () => {
    const lengthOf = (id: string) =>
      Number(
        encodeRequest({ id, parameters: {} }, [x(Uint8Array.of(0), 'UINT8')]).headers[
          JSON_LENGTH_HEADER
        ],
      )
    expect(lengthOf('é€😀') - lengthOf('')).toBe(2 + 3 + 4)
  })
})

const noAnswers: readonly [string, unknown, RegExp][] = [
  ['text', '"nothing"', /no outputs/],
  ['null', 'null', /no outputs/],
  ['no JSON', '<html>', /JSON/],
  ['without outputs', {}, /no outputs/],
  ['of outputs that are no list', { outputs: {} }, /no outputs/],
  ['of an output that is none', { outputs: [null] }, /no object/],
  ['without a name', { outputs: [{ datatype: 'FP32', shape: [1], data: [1] }] }, /no name/],
  ['of an unknown datatype', output('FP8', [1], { data: [1] }), /datatype/],
  ['of a datatype that every object has', output('toString', [1], { data: [1] }), /datatype/],
  ['of a shape of texts', output('FP32', ['1'], { data: [1] }), /shape/],
  ['without data', output('FP32', [1], {}), /y has no data/],
  ['of a size as text', output('FP32', [1], binary('4')), /y has no data/],
  ['that ends early', output('FP32', [2], binary(8)), /y ends early/],
  ['of a size below 0', output('FP32', [1], binary(-4)), /y ends early/],
  ['of half an element', output('FP32', [1], binary(3)), /multiple/],
  ['of a text longer than its bytes', output('BYTES', [1], binary(4)), /./],
]

describe('an answer', () => {
  it('of lists may nest them', () => {
    const { outputs } = answerOf(
      output('INT32', [2, 2], {
        data: [
          [1, 2],
          [3, 4],
        ],
      }),
    )
    expect(outputs).toEqual([{ name: 'y', datatype: 'INT32', shape: [2, 2], data: [1, 2, 3, 4] }])
  })

  const littleEndian: readonly [Tensor['datatype'], number[], unknown][] = [
    ['BOOL', [0, 1], Uint8Array.of(0, 1)],
    ['UINT8', [255], Uint8Array.of(255)],
    ['INT8', [255], Int8Array.of(-1)],
    ['UINT16', [1, 2], Uint16Array.of(513)],
    ['INT16', [254, 255], Int16Array.of(-2)],
    ['FP16', [0, 0x3c], Uint16Array.of(0x3c00)],
    ['BF16', [0x80, 0x3f], Uint16Array.of(0x3f80)],
    ['UINT32', [0, 0, 0, 0x80], Uint32Array.of(2 ** 31)],
    ['INT32', [0, 0, 0, 0x80], Int32Array.of(-(2 ** 31))],
    ['UINT64', [1, 0, 0, 0, 0, 0, 0, 0x80], BigUint64Array.of(2n ** 63n + 1n)],
    ['INT64', [255, 255, 255, 255, 255, 255, 255, 255], BigInt64Array.of(-1n)],
    ['FP32', [0, 0, 0xc0, 0x7f], Float32Array.of(Number.NaN)],
    ['FP64', [0, 0, 0, 0, 0, 0, 0xf0, 0xbf], Float64Array.of(-1)],
  ]
  it.each(littleEndian)('has %s as it is told', (datatype, bytes, expected) => {
    const { outputs } = answerOf(output(datatype, [1], binary(bytes.length)), bytes)
    expect(outputs[0]?.data).toEqual(expected)
  })

  it('has texts of any length, each behind its own', () => {
    const bytes = [2, 0, 0, 0, 0xc3, 0xa9, 0, 0, 0, 0, 1, 0, 0, 0, 0x61]
    const { outputs } = answerOf(output('BYTES', [3], binary(bytes.length)), bytes)
    expect(outputs[0]?.data).toEqual(['é', '', 'a'])
  })

  it('finds each of several where the one before ends, whatever the JSON’s length', () => {
    for (const id of ['', 'a', 'ab', 'abc']) {
      const entries = [
        { name: 'a', datatype: 'UINT8', shape: [3], ...binary(3) },
        { name: 'listed', datatype: 'FP32', shape: [1], data: [0.5] },
        { name: 'none', datatype: 'FP32', shape: [0], ...binary(0) },
        { name: 'b', datatype: 'FP32', shape: [1], ...binary(4) },
      ]
      const { json, outputs } = answerOf({ id, outputs: entries }, [1, 2, 3, 0, 0, 0x80, 0x3f])
      expect(json['id']).toBe(id)
      expect(outputs.map(({ data }) => data)).toEqual([
        Uint8Array.of(1, 2, 3),
        [0.5],
        new Float32Array(0),
        Float32Array.of(1),
      ])
    }
  })

  it.each(noAnswers)('is an error: %s', (_, json, message) => {
    expect(() => answerOf(json, [9, 0, 0, 0])).toThrow(message)
  })
})

it('what was sent as bytes comes back the same, for any sizes', async () => {
  const random = new Random(4)
  for (let round = 0; round < 50; round++) {
    const tensors = Array.from({ length: 1 + random.integer(4) }, (_, at): Tensor => {
      const bits = Array.from({ length: random.integer(9) }, () => random.integer(2 ** 16))
      const kinds = [
        x(Uint8Array.from(bits), 'UINT8'),
        x(Int16Array.from(bits), 'INT16'),
        x(
          Float64Array.from(bits, (bit) => bit / 7),
          'FP64',
        ),
        x(
          BigInt64Array.from(bits, (bit) => BigInt(-bit) ** 3n),
          'INT64',
        ),
      ]
      return { ...(kinds[random.integer(4)] ?? x([])), name: `t${at}` }
    })
    const message = encodeRequest({ parameters: {} }, tensors)
    const { json, bytes } = await partsOf(message)
    expect(answerOf({ outputs: json.inputs }, bytes).outputs).toEqual(tensors)
  }
})

describe('the outputs of a model', () => {
  const namesIn = (json: unknown) => outputNamesIn(utf8.encode(JSON.stringify(json)).buffer)

  it('are named in their order', () => {
    expect(namesIn({ outputs: [{ name: 'b' }, { name: 'a' }] })).toEqual(['b', 'a'])
    expect(namesIn({ outputs: [] })).toEqual([])
  })

  it.each([null, [], {}, { outputs: 'y' }])('are an error where there are none: %j', (json) => {
    expect(() => namesIn(json)).toThrow('it has no outputs')
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { joinByteStrings, splitByteStrings } from '../protocol/byte-strings.ts'
import { decodeInferResponse, encodeInferRequest } from '../protocol/codec.ts'
import { Random } from '../random.ts'
import { COLOURS, colourCatalogue, picture } from './colour-model.fixture.ts'
import type { RunningNode } from './node-options.ts'
import { post, TestNodes } from './start-node.fixture.ts'

const nodes = new TestNodes()
let catalogue: string
let node: RunningNode
beforeAll(async () => {
  catalogue = await colourCatalogue()
  node = await nodes.start({ name: 'one', tier: 'edge', catalogue, pictureLimitPixels: 10_000 })
  await node.ready
}, 60_000)
afterAll(() => nodes.closeAll())

/** Posts a body as it is. A text is JSON. */
/** What is read of an answer; the tests judge whether it is there. */
interface Answered {
  readonly parameters: { readonly probability?: number }
  readonly outputs: readonly { readonly data: readonly unknown[] }[]
}

async function send(body: Buffer | string, type?: string, query = '', to = node) {
  const contentType = type ?? (typeof body === 'string' ? 'application/json' : undefined)
  const response = await fetch(`${to.url}/v2/models/colours/infer${query}`, {
    method: 'POST',
    body,
    headers: contentType === undefined ? {} : { 'content-type': contentType },
  })
  const { status, headers } = response
  const json = (await response.json()) as Answered
  return { status, headers, json }
}

const image = (data: unknown, shape = [1]) =>
  JSON.stringify({ inputs: [{ name: 'image', datatype: 'BYTES', shape, data }] })

/** Softmax of (5, 0, 0). */
const SURE = 0.98669

describe('a picture that is the whole body', () => {
  it.each(['jpeg', 'png', 'webp'] as const)('%s is answered with its label', async (format) => {
    for (const colour of COLOURS) {
      const body = await picture(colour, format)
      const { status, headers, json } = await send(body, `image/${format}`)
      expect({ status, json }).toMatchObject({
        status: 200,
        json: {
          model_name: 'large',
          parameters: { label: colour, class: COLOURS.indexOf(colour) },
        },
      })
      expect(json.parameters.probability).toBeCloseTo(SURE, 2)
      expect(json.outputs).toMatchObject([
        { name: 'probabilities', datatype: 'FP32', shape: [1, 3] },
      ])
      expect(json.outputs[0]?.data[COLOURS.indexOf(colour)]).toBe(json.parameters.probability)
      expect(decodeURIComponent(headers.get('x-tierwise-label') ?? '')).toBe(colour)
      expect(headers.get('x-tierwise-decision')).toBe('edge/large')
    }
  })

  it('is told by its first bytes, whatever its content type says', async () => {
    const body = await picture('blue', 'webp')
    for (const type of [
      undefined,
      'application/octet-stream',
      'application/x-www-form-urlencoded',
      'image/png',
      'image/*',
    ]) {
      expect((await send(body, type)).json.parameters).toMatchObject({ label: 'blue' })
    }
  })

  it('has its parameters in the address', async () => {
    const body = await picture('red')
    const query = '?id=007&classification=2&deadline_ms=5000&min_accuracy=85&priority=1'
    const { json } = await send(body, 'image/png', query)
    expect(json).toMatchObject({ id: '007', parameters: { label: 'red' } })
    expect(json.outputs).toEqual([
      {
        name: 'probabilities',
        datatype: 'BYTES',
        shape: [1, 2],
        data: ['0.986703:0:red', '0.006648:1:grün'],
      },
    ])
    for (const [bad, named] of [
      ['deadline_ms=soon', 'deadline_ms "soon"'],
      ['priority=0', 'priority 0'],
      ['classification=0', 'classification 0'],
      ['classification=x', 'classification "x"'],
      ['binary_data_output=1', 'binary_data_output'],
    ]) {
      const refused = await send(body, 'image/png', `?${bad}`)
      expect(refused).toMatchObject({
        status: 400,
        json: { error: expect.stringContaining(named) },
      })
    }
  })

  it('is answered in binary when asked', async () => {
    const response = await fetch(`${node.url}/v2/models/colours/infer?binary_data_output=true`, {
      method: 'POST',
      body: await picture('red'),
    })
    const jsonLength = Number(response.headers.get('inference-header-content-length'))
    const body = new Uint8Array(await response.arrayBuffer())
    const { outputs, parameters } = decodeInferResponse({ body, jsonLength })
    expect(outputs).toMatchObject([{ name: 'probabilities', datatype: 'FP32', shape: [1, 3] }])
    expect(parameters).toMatchObject({ label: 'red', class: 0 })
    expect(parameters).not.toHaveProperty('binary_data_output')
  })
})

describe('a picture as a BYTES tensor', () => {
  it('is base64 in JSON, shape [1] or [1, 1]', async () => {
    const text = (await picture('blue', 'jpeg')).toString('base64')
    for (const body of [image([text]), image([[text]], [1, 1])]) {
      expect((await send(body)).json.parameters).toMatchObject({ label: 'blue', class: 2 })
    }
  })

  it('is as it is in binary data', async () => {
    const data = joinByteStrings([await picture('grün')])
    const request = {
      id: 'a',
      inputs: [{ name: 'image', datatype: 'BYTES' as const, shape: [1], data }],
      outputs: [{ name: 'probabilities', parameters: { classification: 9 } }],
    }
    const { status, wire } = await post(
      node,
      'small',
      encodeInferRequest(request, { binary: true }),
    )
    expect(status).toBe(200)
    const { id, model_name, outputs } = decodeInferResponse(wire)
    expect({ id, model_name }).toEqual({ id: 'a', model_name: 'small' })
    const [classes] = outputs
    expect(classes?.shape).toEqual([1, 3])
    const texts = splitByteStrings('', classes?.data ?? new Uint8Array()).map((element) =>
      Buffer.from(element).toString(),
    )
    expect(texts).toEqual(['0.986703:1:grün', '0.006648:0:red', '0.006648:2:blue'])
  })

  it('is one picture', async () => {
    const text = (await picture('blue')).toString('base64')
    const two = await send(image([text, text], [2]))
    expect(two).toMatchObject({ status: 400, json: { error: expect.stringContaining('[2]') } })
    const none = await send(image([], [0]))
    expect(none.status).toBe(400)
    const other = await send(image(['no picture']))
    expect(other).toMatchObject({ status: 415, json: { error: expect.stringContaining('JPEG') } })
    const alone = JSON.parse(image([text]))
    const both = { inputs: [...alone.inputs, { ...alone.inputs[0], name: 'pixels' }] }
    expect((await send(JSON.stringify(both))).status).toBe(400)
  })
})

describe('what cannot be decoded', () => {
  it('is 415 for other formats and forms, naming what is accepted', async () => {
    const gif = await picture('red', 'gif')
    const form = '--x\r\nContent-Disposition: form-data; name="image"\r\n\r\n…\r\n--x--'
    for (const [body, type] of [
      [gif, 'image/gif'],
      [gif, undefined],
      [gif, 'application/x-www-form-urlencoded'],
      [gif, 'image/png'],
      [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/svg+xml'],
      [Buffer.of(0, 0, 0, 28, 102, 116, 121, 112), 'application/octet-stream'],
      ['', 'image/png'],
      [form, 'multipart/form-data; boundary=x'],
    ] as const) {
      const { status, json } = await send(body, type)
      expect({ status, json }).toEqual({
        status: 415,
        json: { error: expect.stringContaining('JPEG, PNG or WebP') },
      })
    }
  })

  it('is 400 for damaged pictures', async () => {
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const whole = await picture('red', format, { width: 90, height: 90 })
      for (const body of [whole.subarray(0, 40), whole.subarray(0, whole.length / 2)]) {
        const { status, json } = await send(body, `image/${format}`)
        expect({ status, json }).toEqual({
          status: 400,
          json: { error: expect.stringContaining('cannot be decoded') },
        })
      }
    }
  })

  it('is refused, or served all the same, however the bytes are damaged', async () => {
    const random = new Random(3)
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const whole = await picture('red', format)
      for (let turn = 0; turn < 60; turn++) {
        const body = Buffer.from(whole.subarray(0, whole.length - random.integer(4)))
        for (let hit = 0; hit < 4; hit++) {
          body[16 + random.integer(body.length - 16)] = random.integer(256)
        }
        const { status, json } = await send(body)
        expect([200, 400, 413]).toContain(status)
        expect(json).toHaveProperty(status === 200 ? 'outputs' : 'error')
      }
    }
  })

  it('is 413 for more pixels than the node decodes', async () => {
    const fits = await picture('red', 'png', { width: 100, height: 100 })
    expect((await send(fits)).status).toBe(200)
    const bomb = await picture('red', 'png', { width: 101, height: 100 })
    expect(await send(bomb)).toMatchObject({
      status: 413,
      json: { error: expect.stringContaining('10000 pixels') },
    })
  })
})

it('answers tensors as before, and classifies them when asked', async () => {
  const data = Array.from({ length: 3 * 32 * 32 }, (_, index) => (index < 1024 ? 5 : 0))
  const inputs = [{ name: 'pixels', datatype: 'FP32', shape: [1, 3, 32, 32], data }]
  const plain = await send(JSON.stringify({ inputs }))
  expect(plain.json).not.toHaveProperty('parameters')
  expect(plain.headers.get('x-tierwise-label')).toBeNull()
  const outputs = [{ name: 'probabilities', parameters: { classification: 1 } }]
  const { json } = await send(JSON.stringify({ inputs, outputs }))
  expect(json.outputs).toMatchObject([{ datatype: 'BYTES', data: ['0.986703:0:red'] }])
})

it('announces what it takes', async () => {
  const metadata = await (await fetch(`${node.url}/v2`)).json()
  expect(metadata).toMatchObject({
    extensions: expect.arrayContaining(['binary_tensor_data', 'classification', 'image']),
  })
})

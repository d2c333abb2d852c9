/** A node before a server whose inferences cost the same whatever they are of: those that wait are run together. */
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
// biome-ignore lint/correctness/useImportExtensions: it is a program too, which Node.js runs as it is
import { startRestServer } from '../../test/foreign/rest-server.mjs'
import { decodeInferResponse, encodeInferRequest } from '../protocol/codec.ts'
import { bytesOf, viewFloat32 } from '../protocol/datatypes.ts'
import { COLOURS, colourCatalogue, picture } from './colour-model.fixture.ts'
import type { NodeOptions, RunningNode } from './node-options.ts'
import { post, TestNodes } from './start-node.fixture.ts'

const SIDE = 8
const CALL_MS = 30

const nodes = new TestNodes()
const cleanUps: (() => void)[] = []
afterEach(async () => {
  await nodes.closeAll()
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

/** A node before such a server, and what the server was asked since the node is ready. */
async function startBefore(takesMany: boolean, options: Partial<NodeOptions> = {}) {
  const catalogue = await colourCatalogue({ side: SIDE, datatype: 'FP32', takesMany })
  const model = join(dirname(catalogue), 'colours.onnx')
  const models = { large: model }
  const { url, server, rows } = await startRestServer({ models, callMs: CALL_MS })
  cleanUps.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const said: string[] = []
  const logger = pino({}, { write: (line: string) => said.push(JSON.parse(line).msg) })
  const node = await nodes.start({
    ...{ name: 'one', tier: 'edge', catalogue, variants: ['large'] },
    ...{ serveFrom: url, serverConcurrency: 1 },
    // All that a test sends at once may wait.
    ...{ queueLimit: 128, requestTimeoutMs: 20_000, logger, ...options },
  })
  await node.ready
  const profiled = rows.length
  return { node, asked: () => rows.slice(profiled), said }
}

/** Asks by a tensor of one colour, in binary or JSON. @returns the class that is told, and whether the answer is one row */
async function askByTensor({ url }: RunningNode, colour: number, deadlineMs?: number) {
  const pixels = SIDE * SIDE
  const values = new Float32Array(3 * pixels).fill(5, colour * pixels, (colour + 1) * pixels)
  const shape = [1, 3, SIDE, SIDE]
  const input = { name: 'pixels', datatype: 'FP32', shape, data: bytesOf(values) } as const
  const parameters = deadlineMs === undefined ? {} : { parameters: { deadline_ms: deadlineMs } }
  const wire = encodeInferRequest({ ...parameters, inputs: [input] }, { binary: colour > 0 })
  const answer = await post({ url }, 'colours', wire)
  const [output] = decodeInferResponse(answer.wire).outputs
  if (output === undefined) throw new Error(`status ${answer.status}`)
  const scores = [...viewFloat32(output)]
  return { class: scores.indexOf(Math.max(...scores)), shape: [...output.shape] }
}

async function askByPicture({ url }: RunningNode, colour: (typeof COLOURS)[number]) {
  const response = await fetch(`${url}/v2/models/colours/infer`, {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    body: await picture(colour),
  })
  const { parameters } = (await response.json()) as { parameters: { label: string } }
  return parameters.label
}

test('requests that wait share inferences, and each gets its own answer', async () => {
  const { node, asked, said } = await startBefore(true)
  const sayings = said.filter((text) => text.startsWith('scheduling: requests that wait'))
  expect(sayings).toEqual([expect.stringMatching(/ run together: up to [248] by large, in /)])
  const colours = Array.from({ length: 36 }, (_, index) => index % 3)
  const byTensor = colours.map((colour) => askByTensor(node, colour))
  const inTime = colours.map((colour) => askByTensor(node, colour, 60_000))
  const byPicture = COLOURS.map((colour) => askByPicture(node, colour))
  const wrong = fetch(`${node.url}/v2/models/colours/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: [{ name: 'p', datatype: 'FP32', shape: [1], data: [1] }] }),
  })
  const answers = colours.map((colour) => ({ class: colour, shape: [1, 3] }))
  expect(await Promise.all(byTensor)).toEqual(answers)
  expect(await Promise.all(inTime)).toEqual(answers)
  expect(await Promise.all(byPicture)).toEqual([...COLOURS])
  expect((await wrong).status).toBe(400)
  const rows = asked()
  expect(rows.reduce((sum, each) => sum + each, 0)).toBe(75)
  expect(rows.length).toBeLessThan(75 / 2)
  const page = await (await fetch(`${node.url}/metrics`)).text()
  const most = Math.max(...rows)
  const count = rows.filter((each) => each === most).length
  expect(page).toContain(`tierwise_inferences_total{batch="${most}"} ${count}\n`)
  const report = await (await fetch(`${node.url}/v2/tierwise/scheduling`)).json()
  expect(report).toMatchObject({ batchSizes: [1, 2, 4, 8], violationPercent: 0 })
}, 60_000)

test.each([
  ['where the model takes one row at a time, as it says once', false, {}, 1],
  ['where that is set', true, { maxBatch: 1 }, 0],
])(
  'each by itself %s',
  async (_, takesMany, options, sayings) => {
    const { node, asked, said } = await startBefore(takesMany, options)
    const answers = await Promise.all([0, 1, 2, 0, 1, 2].map((colour) => askByTensor(node, colour)))
    expect(answers.map((answer) => answer.class)).toEqual([0, 1, 2, 0, 1, 2])
    expect(asked()).toEqual([1, 1, 1, 1, 1, 1])
    const word = 'scheduling: every request is run by itself: large: it takes one row at a time'
    expect(said.filter((text) => text.startsWith('scheduling'))).toEqual(Array(sayings).fill(word))
  },
  60_000,
)

import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
// biome-ignore lint/correctness/useImportExtensions: it is a program too, which Node.js runs as it is
import { startRestServer } from '../../test/foreign/rest-server.mjs'
import { packageFile } from '../package-files.ts'
import { encodeInferRequest } from '../protocol/codec.ts'
import { fileOf, loadCatalogue } from '../serving/models/catalogue.ts'
import { loadPictures } from '../serving/shipped-pictures.ts'
import { post, TestNodes } from './start-node.fixture.ts'

const catalogue = packageFile('models/fashion/catalogue.yaml')
const nodes = new TestNodes()
let foreign: Awaited<ReturnType<typeof startRestServer>>

beforeAll(async () => {
  const { variants } = await loadCatalogue(catalogue)
  const models = variants.map((variant) => [variant.name, fileOf(variant)] as const)
  foreign = await startRestServer({ models: Object.fromEntries(models) })
})
afterEach(() => nodes.closeAll())
afterAll(() => {
  foreign.server.closeAllConnections()
  foreign.server.close()
})

const thin = (more = {}) =>
  nodes.start({ name: 'thin', tier: 'edge', catalogue, serveFrom: foreign.url, ...more })

async function tensor() {
  const [picture] = await loadPictures(await loadCatalogue(catalogue))
  if (!picture) throw new Error('no picture')
  return encodeInferRequest({ inputs: [picture] }, { binary: true })
}

test('answers as a node that runs the models itself, by picture and by tensor', async () => {
  const variants = ['w100']
  const own = await nodes.start({ name: 'own', tier: 'edge', catalogue, variants })
  const node = await thin({ variants })
  await Promise.all([own.ready, node.ready])
  const wire = await tensor()
  const [expected, answer] = [await post(own, 'w100', wire), await post(node, 'w100', wire)]
  expect(answer.status).toBe(200)
  expect(Buffer.from(answer.wire.body)).toEqual(Buffer.from(expected.wire.body))
  expect(answer.header('decision')).toBe('edge/w100')
  const labelled = await fetch(`${node.url}/v2/models/fashion/infer`, {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    body: await readFile(packageFile('models/fashion/pictures/ankle-boot.png')),
  })
  expect(await labelled.json()).toMatchObject({ parameters: { label: 'Ankle boot' } })
})

test('serves a deadline by a smaller model of the server, and tells its times', async () => {
  const node = await thin()
  await node.ready
  const wire = encodeInferRequest(
    {
      inputs: (await loadPictures(await loadCatalogue(catalogue))).slice(0, 1),
      parameters: { deadline_ms: 500 },
    },
    { binary: true },
  )
  const answer = await post(node, 'fashion', wire)
  expect(answer.status).toBe(200)
  expect(answer.header('decision')).toMatch(/^edge\/w/)
  const report = await fetch(`${node.url}/v2/tierwise/scheduling`)
  expect(await report.json()).toMatchObject({ requests: 1 })
})

test('is not ready while the server is away, and says so', async () => {
  const node = await thin({ serveFrom: 'http://127.0.0.1:9' })
  expect((await fetch(`${node.url}/v2/health/live`)).status).toBe(200)
  expect((await fetch(`${node.url}/v2/health/ready`)).ok).toBe(false)
  const { status } = await post(node, 'fashion', await tensor())
  expect(status).toBe(503)
})

/** The client in a browser: bundled without any module of Node, in a page of the node's own address. */
import type { Browser } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openChromium } from '../../test/chromium.ts'
import { packageFile } from '../package-files.ts'
import { DoublingHandler } from '../protocol/doubling-handler.fixture.ts'
import { createInferenceServer, type InferenceServer } from '../protocol/server.ts'

const server: InferenceServer = createInferenceServer(new DoublingHandler(), {
  bodyLimitBytes: 100_000,
  port: 0,
})
let browser: Browser
let code: string

beforeAll(async () => {
  const entry = packageFile('dist/src/client/client.js')
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    build: { write: false, lib: { entry, formats: ['es'], fileName: 'client' } },
  })
  const [bundle] = [built].flat()
  if (bundle === undefined || !('output' in bundle)) throw new Error('nothing was built')
  code = bundle.output[0].code
  server.app.get('/', (_, reply) => reply.type('text/html').send('<title>an application</title>'))
  server.app.get('/client.js', (_, reply) => reply.type('text/javascript').send(code))
  await server.listen()
  browser = await openChromium()
})
afterAll(async () => {
  await browser.close()
  await server.close()
})

it('is one small script that imports nothing', () => {
  expect(code).not.toMatch(/\bimport\b|\brequire\b|node:|\bBuffer\b|\bprocess\b/)
  expect(code.length).toBeLessThan(12_000)
})

/** As text: vitest would rewrite the import. */
const APPLICATION = `(async () => {
  const { TierwiseClient, NotFoundError } = await import('/client.js')
  const client = new TierwiseClient('')
  const x = { name: 'x', datatype: 'FP32', shape: [1, 3], data: Float32Array.of(1, 2, 3) }
  const { outputs, servedBy } = await client.infer('double', [x])
  const refused = await client.infer('nobody', [x]).catch((error) => error)
  return { data: [...outputs[0].data], servedBy, isTyped: refused instanceof NotFoundError }
})()`

it('infers, and throws the errors of the client', async () => {
  const page = await browser.newPage()
  await page.goto(server.url)
  const seen = await page.evaluate(APPLICATION)
  expect(seen).toEqual({ data: [2, 4, 6], servedBy: 'end/d0', isTyped: true })
})

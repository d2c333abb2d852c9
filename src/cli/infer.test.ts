import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { colourCatalogue, picture } from '../node/colour-model.fixture.ts'
import { TestNodes } from '../node/start-node.fixture.ts'
import { joinByteStrings } from '../protocol/byte-strings.ts'
import { bytesOf } from '../protocol/datatypes.ts'
import { classesOf, inferCommand, topClasses } from './infer.ts'

const nodes = new TestNodes()
afterAll(() => nodes.closeAll())
afterEach(() => {
  vi.restoreAllMocks()
})

/** What the command prints, as JSON. */
async function infer(...args: string[]): Promise<unknown> {
  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  await inferCommand().parseAsync([...args, '--json'], { from: 'user' })
  const text = printed.mock.calls.map(([chunk]) => String(chunk)).join('')
  printed.mockRestore()
  return JSON.parse(text)
}

test('the best classes first, by label where there is one', () => {
  const best = topClasses([0.1, 0.5, 0.05, 0.3, 0.02, 0.03], ['cat', 'boat'])
  expect(best.map(({ label }) => label)).toEqual(['boat', 'class 3', 'cat', 'class 2', 'class 5'])
  expect(best[0]).toEqual({ index: 1, label: 'boat', score: 0.5 })
})

test('classes as the answer names them, or of its scores', () => {
  const catalogue = { output: { name: 'p', shape: [1, 2] }, labels: ['cat', 'boat'] }
  const texts = ['0.750000:1:tea: green', '0.250000:0'].map((text) => Buffer.from(text))
  const named = {
    name: 'p',
    datatype: 'BYTES' as const,
    shape: [1, 2],
    data: joinByteStrings(texts),
  }
  expect(classesOf({ model_name: 'm', outputs: [named] }, catalogue)).toEqual([
    { index: 1, label: 'tea: green', score: 0.75 },
    { index: 0, label: 'class 0', score: 0.25 },
  ])
  const data = bytesOf(Float32Array.of(0.25, 0.75))
  const scores = { name: 'p', datatype: 'FP32' as const, shape: [1, 2], data }
  expect(classesOf({ model_name: 'm', outputs: [scores] }, catalogue)).toEqual([
    { index: 1, label: 'boat', score: 0.75 },
    { index: 0, label: 'cat', score: 0.25 },
  ])
})

test('a node is sent the file itself where it takes it, else the tensor: the same classes', async () => {
  const catalogue = await colourCatalogue()
  const node = await nodes.start({ name: 'edge', tier: 'edge', catalogue })
  await node.ready
  const folder = await mkdtemp(join(tmpdir(), 'tierwise-infer-'))
  const asked = ['--url', node.url, '--catalogue', catalogue, '--deadline-ms', '5000']
  for (const format of ['webp', 'gif'] as const) {
    const file = join(folder, `picture.${format}`)
    await writeFile(file, await picture('grün', format))
    const answer = await infer(file, ...asked)
    expect(answer).toMatchObject({
      model: 'colours',
      classes: [{ index: 1, label: 'grün', score: expect.closeTo(0.9867, 3) }, {}, {}],
      served: { 'x-tierwise-decision': 'edge/large' },
    })
    // Only of a picture the node says itself what it shows.
    const label = format === 'webp' ? { 'x-tierwise-label': 'gr%C3%BCn' } : {}
    expect(answer).toHaveProperty('served', expect.objectContaining(label))
    expect(await infer('--image', file, ...asked)).toHaveProperty('classes.0.label', 'grün')
  }
})

test('an answer that is none names the server it is of', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'tierwise-infer-')), 'red.png')
  await writeFile(file, await picture('red', 'png'))
  const server = createServer((_, response) => response.end('{}'))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const asking = infer(file, '--url', `http://127.0.0.1:${port}`)
  await expect(asking).rejects.toThrow(
    `the answer of http://127.0.0.1:${port} is not of the protocol: model_name`,
  )
  server.close()
})

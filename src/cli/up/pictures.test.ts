import { expect, test } from 'vitest'
import { packageFile } from '../../package-files.ts'
import { loadCatalogue } from '../../serving/models/catalogue.ts'
import { picturesToSend } from './pictures.ts'

test('the labelled pictures of a catalogue are sent as files; without them those that are shipped, as tensors', async () => {
  const fashion = await loadCatalogue(packageFile('models/fashion/catalogue.yaml'))
  const labelled = await picturesToSend(fashion)
  expect(labelled).toHaveLength(2000)
  expect(new Set(labelled.map(({ label }) => label)).size).toBe(10)
  const [first] = labelled
  expect(first?.wire.picture).toEqual({ mediaType: 'image/png', query: '' })
  // The first test picture of Fashion-MNIST is an ankle boot.
  expect(first?.label).toBe(9)
  const { pictures: _, ...without } = fashion
  const shipped = await picturesToSend(without)
  expect(shipped.length).toBeGreaterThan(0)
  for (const { label, wire } of shipped) {
    expect([label, wire.picture]).toEqual([undefined, undefined])
    expect(wire.jsonLength).toBeGreaterThan(0)
  }
})

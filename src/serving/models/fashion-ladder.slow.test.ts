import { expect, it } from 'vitest'
import { packageFile } from '../../package-files.ts'
import { bytesOf } from '../../protocol/datatypes.ts'
import { IntelligentService } from '../intelligent-service.ts'
import { loadCatalogue } from './catalogue.ts'
import { scoresIn } from './confidence.ts'
import { evaluateCatalogue } from './evaluate.ts'
import { labelledPictures } from './labelled-pictures.ts'

/** Three standard deviations of an accuracy of 90 % on 2,000 pictures. */
const TOLERANCE_POINTS = 2

it('the shipped models are as accurate on the shipped pictures as their catalogue says', async () => {
  const catalogue = await loadCatalogue(packageFile('models/fashion/catalogue.yaml'))
  const pictures = await labelledPictures(catalogue, packageFile('models/fashion/pictures'))
  expect(pictures).toHaveLength(2000)
  const service = new IntelligentService({ catalogue, workers: 2, queueLimit: 64 })
  await service.start()
  const { variants } = await evaluateCatalogue(catalogue, pictures, {
    metric: 'top-1',
    lanes: 8,
    infer: async ({ name }, values) => {
      const inputs = [{ ...catalogue.input, data: bytesOf(values) }]
      const { outputs } = await service.infer(name, { inputs })
      return outputs[0] ? scoresIn(outputs[0]) : []
    },
  })
  await service.close()
  for (const { variant, top1Percent } of variants) {
    const said = catalogue.variants.find(({ name }) => name === variant)
    expect(said?.accuracySource).toContain('top-1 on 10000 pictures of t10k of fashion-mnist')
    expect(Math.abs((said?.accuracyPercent ?? 0) - top1Percent)).toBeLessThan(TOLERANCE_POINTS)
  }
}, 120_000)

// Writes what Tierwise answers to pictures: float32 probabilities, [variants of the catalogue, pictures, classes], to standard output.
// usage, once built: node models/fashion/answers.mjs FOLDER [SPLIT]    a pair of IDX files, as `tierwise models evaluate` takes them
import { availableParallelism } from 'node:os'

const built = (path) => import(`../../dist/src/${path}.js`)
const { packageFile } = await built('package-files')
const { bytesOf } = await built('protocol/datatypes')
const { IntelligentService } = await built('serving/intelligent-service')
const { answersOf } = await built('serving/models/answers')
const { loadCatalogue } = await built('serving/models/catalogue')
const { scoresIn } = await built('serving/models/confidence')
const { labelledPictures } = await built('serving/models/labelled-pictures')

const [folder, split] = process.argv.slice(2)
const catalogue = await loadCatalogue(packageFile('models/fashion/catalogue.yaml'))
const pictures = await labelledPictures(catalogue, folder, split)
const workers = availableParallelism()
const service = new IntelligentService({ catalogue, workers, queueLimit: 64 })
await service.start()
const { byVariant } = await answersOf(catalogue, pictures, {
  lanes: 4 * workers,
  keepScores: true,
  onPicture: () => {},
  infer: async ({ name }, values) => {
    const inputs = [{ ...catalogue.input, data: bytesOf(values) }]
    const { outputs } = await service.infer(name, { inputs })
    return scoresIn(outputs[0])
  },
})
await service.close()
for (const { scores } of byVariant) for (const row of scores) process.stdout.write(bytesOf(row))

/** `tierwise models compile`: trained weights become ONNX files, in FP32 and in INT8. */
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError, messageOf } from '../../errors.ts'
import { readIdxPictures } from '../../serving/models/idx.ts'
import { compile, readTrained } from '../../serving/models/trained.ts'
import { readYaml } from '../../yaml.ts'

/** Pictures over which the ranges of INT8 are measured; more changed nothing. */
const CALIBRATION_PICTURES = 256

/** Of `compileModels`. */
export interface CompileFlags {
  /** IDX file of pictures that the networks were trained on. */
  readonly pictures: string
  readonly out: string
}

/** @throws ConfigError for weights or pictures that cannot be read */
export async function compileModels(weights: string, flags: CompileFlags): Promise<void> {
  const pictures = (await readIdxPictures(flags.pictures)).slice(0, CALIBRATION_PICTURES)
  const [first] = pictures
  if (first === undefined || first.height !== first.width) {
    throw new ConfigError(`${flags.pictures}: expected square pictures`)
  }
  for (const { name, stem } of await trainedIn(weights)) {
    const network = await readTrained(join(weights, stem), first.height)
    const { float, quantised } = await compile(network, pictures)
    for (const [file, model] of [
      [`${name}.onnx`, float],
      [`${name}-int8.onnx`, quantised],
    ] as const) {
      await writeFile(join(flags.out, file), model)
      process.stdout.write(`${join(flags.out, file)}: ${(model.length / 1e3).toFixed(0)} KB\n`)
    }
  }
}

/** By name: `NAME-SEED` of the seed that `chosen.json` says; without that file, all. */
const chosenSeeds = z.record(z.string(), z.object({ seed: z.int() }))

async function trainedIn(folder: string): Promise<{ name: string; stem: string }[]> {
  const files = await readdir(folder).catch((error: unknown) => {
    throw new ConfigError(`cannot read ${folder}: ${messageOf(error)}`, { cause: error })
  })
  if (files.includes('chosen.json')) {
    const chosen = await readYaml(join(folder, 'chosen.json'), chosenSeeds)
    return Object.entries(chosen).map(([name, { seed }]) => ({ name, stem: `${name}-${seed}` }))
  }
  const stems = files.filter((file) => file.endsWith('.bin')).sort()
  if (stems.length === 0) throw new ConfigError(`${folder} holds no weights: NAME.bin, NAME.json`)
  return stems.map((file) => {
    const stem = file.slice(0, -'.bin'.length)
    return { name: stem, stem }
  })
}

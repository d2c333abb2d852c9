/** `tierwise models compile`: trained weights become ONNX files, in FP32 and in INT8. */
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from '../../errors.ts'
import { readIdxPictures } from '../../serving/models/idx.ts'
import { compile, readTrained } from '../../serving/models/trained.ts'

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
  const names = (await readdir(weights)).filter((name) => name.endsWith('.bin')).sort()
  if (names.length === 0) throw new ConfigError(`${weights} holds no weights: NAME.bin, NAME.json`)
  for (const name of names) {
    const stem = name.slice(0, -'.bin'.length)
    const network = await readTrained(join(weights, stem), first.height)
    const { float, quantised } = await compile(network, pictures)
    for (const [file, model] of [
      [`${stem}.onnx`, float],
      [`${stem}-int8.onnx`, quantised],
    ] as const) {
      await writeFile(join(flags.out, file), model)
      process.stdout.write(`${join(flags.out, file)}: ${(model.length / 1e3).toFixed(0)} KB\n`)
    }
  }
}

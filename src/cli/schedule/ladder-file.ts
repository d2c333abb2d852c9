/** The variants of a node from a file: a ladder as in examples/schedule/ladder.yaml, or what `tierwise profile --json` wrote. */
import { z } from 'zod'
import { ConfigError } from '../../errors.ts'
import { createLadder, type Ladder } from '../../scheduling/ladder.ts'
import { readYaml } from '../../yaml.ts'

const accuracyPercent = z.number().positive('give percent above 0').max(100, 'give percent')
const timeMs = z.number().positive('give a time in ms above 0')

const written = z.strictObject({
  batchSizes: z.array(z.int()).default([1]),
  variants: z.array(
    z.strictObject({
      name: z.string().min(1, 'give a name'),
      accuracyPercent,
      /** Of one batch, for every batch size. */
      serviceTimesMs: z.union([timeMs.transform((ms) => [ms]), z.array(timeMs)]),
    }),
  ),
})

/** What of `tierwise profile --json` counts here; it measures no batches. */
const measured = z.array(z.object({ variant: z.string(), accuracyPercent, p50Ms: timeMs }))

const schema = z.union(
  [
    written,
    measured.transform((rows) => ({
      batchSizes: [1],
      variants: rows.map(({ variant, p50Ms, ...row }) => {
        return { ...row, name: variant, serviceTimesMs: [p50Ms] }
      }),
    })),
  ],
  {
    error:
      'give `variants` with name, accuracyPercent and serviceTimesMs, or the file `tierwise profile --json` wrote',
  },
)

/** @throws ConfigError naming the file and what is wrong in it */
export async function readLadder(file: string): Promise<Ladder> {
  const { variants, batchSizes } = await readYaml(file, schema)
  try {
    return createLadder(variants, batchSizes)
  } catch (error) {
    throw error instanceof ConfigError
      ? new ConfigError(`${file}: ${error.message}`, { cause: error })
      : error
  }
}

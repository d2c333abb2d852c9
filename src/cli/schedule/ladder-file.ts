/**
 * The variants of a node from a file: a ladder as in examples/schedule/ladder.yaml, what `tierwise profile --json` wrote, or what a
 * node tells at `/v2/tierwise/scheduling`.
 */
import { z } from 'zod'
import { createLadder, type Ladder } from '../../scheduling/ladder.ts'
import { parseYaml, readText, using } from '../../yaml.ts'

const accuracyPercent = z.number().positive('give percent above 0').max(100, 'give percent')
const timeMs = z.number().positive('give a time in ms above 0')

/** Of a file written by hand. */
export const ladderSchema = z.strictObject({
  batchSizes: z.array(z.int()).default([1]),
  variants: z.array(
    z.strictObject({
      name: z.string().min(1, 'give a name'),
      accuracyPercent,
      /** Of one batch, for the batch sizes that it is served in. */
      serviceTimesMs: z.union([timeMs.transform((ms) => [ms]), z.array(timeMs)]),
    }),
  ),
})

/** What of `tierwise profile --json` counts here; it is a list, and measures no batches. */
const measured = z
  .array(z.object({ variant: z.string(), accuracyPercent, p50Ms: timeMs }))
  .transform((rows) => ({
    batchSizes: [1],
    variants: rows.map(({ variant, accuracyPercent, p50Ms }) => {
      return { name: variant, accuracyPercent, serviceTimesMs: [p50Ms] }
    }),
  }))

/** What of a node's report counts here: as it profiled its variants, in batches too. */
const told = z.object({
  batchSizes: z.array(z.int()),
  variants: z.array(
    z.object({ name: z.string(), accuracyPercent, serviceTimesMs: z.array(timeMs) }),
  ),
})

/** @throws ConfigError naming the file and what is wrong in it */
export async function readLadder(file: string): Promise<Ladder> {
  const text = await readText(file)
  const { variants, batchSizes } = parseYaml(text, schemaOf(text), file)
  return using(file, () => createLadder(variants, batchSizes))
}

function schemaOf(text: string) {
  if (/^\s*[[-]/.test(text)) return measured
  return /^\s*{\s*"policy"/.test(text) ? told : ladderSchema
}

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { InferenceSession } from 'onnxruntime-node'
import { z } from 'zod'
import { OnnxModel } from './onnx-model.ts'

/** One tensor is `{ float: [1, 3, 224, 224] }`. */
const shapes = z
  .array(z.record(z.string(), z.array(z.number())))
  .transform((tensors) => tensors.flatMap((tensor) => Object.values(tensor)))
const nodeRun = z.object({
  cat: z.literal('Node'),
  args: z.object({
    op_name: z.string(),
    /** `CPUExecutionProvider` */
    provider: z.string(),
    input_type_shape: shapes,
    output_type_shape: shapes,
  }),
})
/** What one operator of a model took and gave, and what ran it. */
export type OperatorRun = z.infer<typeof nodeRun>['args']

/**
 * ONNX Runtime's own account of one inference, on zeros, on this thread: never on one that answers requests.
 * @param inputShape sizes for the dimensions that the model leaves open; 1 where it has none
 * @throws ConfigError for a file that is missing or no model that can be served
 */
export async function operatorRuns(
  file: string,
  inputShape: readonly number[],
  options: InferenceSession.SessionOptions,
): Promise<OperatorRun[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tierwise-count-'))
  try {
    const profiling = { enableProfiling: true, profileFilePrefix: join(folder, 'profile') }
    const model = await OnnxModel.load(
      { variant: basename(file), file },
      { ...options, ...profiling },
    )
    try {
      await model.warmUp(1, inputShape)
      model.endProfiling()
    } finally {
      await model.release()
    }
    const [profile = ''] = await readdir(folder)
    const events: unknown = JSON.parse(await readFile(join(folder, profile), 'utf8'))
    return z
      .array(z.unknown())
      .parse(events)
      .flatMap((event) => nodeRun.safeParse(event).data?.args ?? [])
  } finally {
    await rm(folder, { recursive: true })
  }
}

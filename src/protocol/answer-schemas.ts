/** What a server of ours answers, as schemas: the types of the extensions, and the source of the OpenAPI document. */
import { z } from 'zod'
import { DATATYPES } from './messages.ts'

const count = z.int().min(0)
const shape = z.array(z.int().min(-1)).readonly()
const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
const tensor = z.object({ name: z.string(), datatype: z.enum(DATATYPES), shape })

export const liveAnswer = z.object({ live: z.boolean() })
/** Both keys: the specification's text says `live`, its implementations say `ready`. */
export const readyAnswer = z.object({ live: z.boolean(), ready: z.boolean() })
export const modelReadyAnswer = z.object({ name: z.string(), ready: z.boolean() })
export const errorAnswer = z.object({ error: z.string() })

export const serverMetadataAnswer = z.object({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()),
})

export const modelMetadataAnswer = z.object({
  name: z.string(),
  versions: z.array(z.string()).optional(),
  platform: z.string(),
  inputs: z.array(tensor),
  outputs: z.array(tensor),
  properties: z.record(z.string(), z.string()).optional(),
})

const answeredTensor = tensor.extend({
  shape: z.array(count),
  parameters: parameters.optional(),
  data: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
})
export const inferAnswer = z.object({
  model_name: z.string(),
  model_version: z.string().optional(),
  id: z.string().optional(),
  parameters: parameters.optional(),
  outputs: z.array(answeredTensor),
})

/** One model of a node, by the extension `model_repository`. */
const modelIndex = z.object({
  name: z.string(),
  version: z.string(),
  state: z.enum(['READY', 'UNAVAILABLE']),
  /** Empty where it is ready. */
  reason: z.string(),
})
export type ModelIndex = z.output<typeof modelIndex>
export const repositoryIndexAnswer = z.array(modelIndex)

const configTensor = z.object({
  name: z.string(),
  /** `TYPE_FP32`, …; BYTES are `TYPE_STRING`. */
  data_type: z.string(),
  dims: shape,
})
/** What a model takes and gives, by the extension `model_configuration`. */
export const modelConfigAnswer = z.object({
  name: z.string(),
  platform: z.string(),
  backend: z.string(),
  /** 0: a batch dimension, if any, stands in `dims`. */
  max_batch_size: count,
  input: z.array(configTensor),
  output: z.array(configTensor),
})
export type ModelConfig = z.output<typeof modelConfigAnswer>

/** What took so long, how often. */
const duration = z.object({ count, ns: count })
export type StatisticDuration = z.output<typeof duration>
/** Of one model since the node's start, by the extension `statistics`. */
const modelStatistics = z.object({
  name: z.string(),
  version: z.string(),
  /** Milliseconds since 1970; 0: none yet. */
  last_inference: count,
  inference_count: count,
  execution_count: count,
  inference_stats: z.object({
    success: duration,
    fail: duration,
    queue: duration,
    compute_input: duration,
    compute_infer: duration,
    compute_output: duration,
  }),
  /** Of inferences of several requests. */
  batch_stats: z.array(
    z.object({
      batch_size: count,
      compute_input: duration,
      compute_infer: duration,
      compute_output: duration,
    }),
  ),
})
export type ModelStatistics = z.output<typeof modelStatistics>
export const statisticsAnswer = z.object({ model_stats: z.array(modelStatistics) })

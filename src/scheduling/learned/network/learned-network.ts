/** A trained network with all that it takes to decide by it: a plain value, kept as JSON. */
import { z } from 'zod'
import { ConfigError } from '../../../errors.ts'
import { FeatureEncoder } from '../../features.ts'
import { createLadder } from '../../ladder.ts'
import { REGIMES } from '../../regimes.ts'
import { type NetworkShape, parameterCount } from './shape.ts'

const FORMAT = 'tierwise-scheduling-network-4'

/** Bounded: a file shall not make a node take all memory. */
const count = z.int().min(0).max(4096)
const positive = count.min(1)
const numbers = z.array(z.number()).readonly()

const ladderVariant = z.object({
  name: z.string(),
  accuracyPercent: z.number(),
  serviceTimesMs: numbers,
})

/** As training writes it. */
const schema = z.object({
  format: z.literal(FORMAT),
  /** How it was trained, for people. */
  trainedBy: z.string(),
  /** What it was trained for: it can decide for no other shape of node. */
  node: z.object({ variants: positive, batches: positive, workers: positive, windows: positive }),
  /** What it was trained on, as far as it is known. */
  ladder: z
    .object({ variants: z.array(ladderVariant).readonly(), batchSizes: numbers })
    .exactOptional(),
  /** The unit of all times that it sees. */
  deadlineMs: z.number().positive(),
  frames: positive,
  recurrent: count,
  hidden: positive,
  /** Added to the logit of the rule's choice. */
  priorLogit: z.number(),
  /** Added to that, for each of `REGIMES`; none: 0. */
  leads: z.array(z.number()).length(REGIMES.length).readonly().exactOptional(),
  /** See `parameterLayout`. */
  parameters: numbers,
})

/** What training makes, and a node decides by. */
export type LearnedNetwork = Readonly<z.infer<typeof schema>>

/** What the network must be to see this node and to decide for it. */
export function networkShape({
  node,
  deadlineMs,
  frames,
  recurrent,
  hidden,
}: Pick<LearnedNetwork, 'node' | 'deadlineMs' | 'frames' | 'recurrent' | 'hidden'>): NetworkShape {
  const features = new FeatureEncoder(node, deadlineMs).size
  // Serve, drop and wait, as in ActionSpace.
  return { features, frames, recurrent, hidden, actions: node.variants * node.batches + 2 }
}

/** In the present format. */
export function createLearnedNetwork(parts: Omit<LearnedNetwork, 'format'>): LearnedNetwork {
  return { format: FORMAT, ...parts }
}

/**
 * Checks a network that comes from outside.
 * @param value parsed JSON
 * @throws ConfigError for anything that cannot decide
 */
export function parseLearnedNetwork(value: unknown): LearnedNetwork {
  const { format }: { format?: unknown } = Object(value)
  if (format !== FORMAT) {
    throw new ConfigError(
      `format ${JSON.stringify(format)} is not a scheduling network: give a file of format "${FORMAT}", as training writes it`,
    )
  }
  const { data: network, error } = schema.safeParse(value, { reportInput: true })
  if (error) {
    const [{ path, input, message }] = error.issues
    throw new ConfigError(
      `${path.join('.')} ${JSON.stringify(input)} of the network cannot be used: ${message}`,
    )
  }
  const { parameters, ladder } = network
  const expected = parameterCount(networkShape(network))
  if (parameters.length !== expected) {
    throw new ConfigError(
      `the network has ${parameters.length} parameters, its shape takes ${expected}`,
    )
  }
  if (ladder) createLadder(ladder.variants, ladder.batchSizes)
  return network
}

/** A trained network with all that it takes to decide by it: a plain value, kept as JSON. */
import { ConfigError } from '../../../errors.ts'
import { FeatureEncoder, type NodeShape } from '../../features.ts'
import { createLadder, type Ladder } from '../../ladder.ts'
import { type NetworkShape, parameterCount } from './shape.ts'

const FORMAT = 'tierwise-scheduling-network-1'

/** As training writes it. */
export interface LearnedNetwork {
  readonly format: typeof FORMAT
  /** How it was trained, for people. */
  readonly trainedBy: string
  /** What it was trained for: it can decide for no other shape of node. */
  readonly node: NodeShape
  /** What it was trained on, as far as it is known. */
  readonly ladder?: Ladder
  /** The unit of all times that it sees. */
  readonly deadlineMs: number
  readonly frames: number
  readonly recurrent: number
  readonly hidden: number
  /** Added to the logit of uniform-fit's choice. */
  readonly priorLogit: number
  /** See `parameterMatrices`. */
  readonly parameters: readonly number[]
}

/** What the network must be to see this node and to decide for it. */
export function networkShape({
  node,
  deadlineMs,
  frames,
  recurrent,
  hidden,
}: Omit<
  LearnedNetwork,
  'format' | 'trainedBy' | 'ladder' | 'priorLogit' | 'parameters'
>): NetworkShape {
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
  const network = Object(value) as LearnedNetwork
  if (network.format !== FORMAT) {
    throw new ConfigError(
      `format ${JSON.stringify(network.format)} is not a scheduling network: give a file of format "${FORMAT}", as training writes it`,
    )
  }
  const { node, deadlineMs, frames, recurrent, hidden, priorLogit, parameters } = network
  const { variants, batches, workers, windows } = Object(node) as NodeShape
  const counts = { variants, batches, workers, windows, frames, hidden }
  for (const [name, count] of Object.entries(counts)) {
    if (isCount(count) && count > 0) continue
    throw new ConfigError(`${name} ${count} of the network is not a whole number from 1 to ${MOST}`)
  }
  if (!isCount(recurrent)) {
    throw new ConfigError(`recurrent ${recurrent} of the network is not a number of units`)
  }
  if (!(Number.isFinite(deadlineMs) && deadlineMs > 0 && Number.isFinite(priorLogit))) {
    throw new ConfigError(
      `deadlineMs ${deadlineMs} and priorLogit ${priorLogit} of the network are not usable numbers`,
    )
  }
  checkParameters(parameters, parameterCount(networkShape(network)))
  if (network.ladder !== undefined) checkLadder(network.ladder)
  return network
}

/** Largest count in a network's shape: a file shall not make a node take all memory. */
const MOST = 4096

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MOST
}

function checkLadder(ladder: unknown): void {
  const { variants, batchSizes } = Object(ladder) as Ladder
  if (!Array.isArray(variants) || !Array.isArray(batchSizes)) {
    throw new ConfigError('the ladder of the network has no variants or no batchSizes')
  }
  createLadder(variants.map(Object), batchSizes)
}

function checkParameters(parameters: unknown, expected: number): void {
  if (!Array.isArray(parameters) || parameters.length !== expected) {
    const length = Array.isArray(parameters) ? parameters.length : 'no'
    throw new ConfigError(`the network has ${length} parameters, its shape takes ${expected}`)
  }
  const wrong = parameters.findIndex((parameter) => !Number.isFinite(parameter))
  if (wrong >= 0) {
    throw new ConfigError(`parameter ${wrong} of the network is ${parameters[wrong]}, not a number`)
  }
}

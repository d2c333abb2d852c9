import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { startBroker } from '../control/broker.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { formatPlacement, type Placement } from '../fleet/placement.ts'
import { GraphBuilder } from '../onnx/graph-builder.ts'
import { bytesOf } from '../protocol/datatypes.ts'
import { describeInferenceProtocol } from '../protocol/inference-protocol.conformance.ts'
import type { ProtocolTarget } from '../protocol/protocol-target.fixture.ts'
import { writeCatalogue } from '../serving/models/catalogue.ts'
import { decide } from './decide.fixture.ts'
import type { RunningNode } from './node-options.ts'
import { silent, TestNodes } from './start-node.fixture.ts'

const input = { name: 'x', datatype: 'FP32' as const, shape: [1, 4], mean: 0, scale: 1 }
const bodyLimitBytes = 64 * 1024

/** y = factor · x, and the sum of y. */
function tinyModel(factor: number): Uint8Array {
  const graph = new GraphBuilder('tiny')
  const x = graph.input('x', 'float32', [1, 4])
  graph.node('Mul', [x, graph.scalar(factor)], {}, { output: 'y' })
  graph.node('ReduceSum', ['y', graph.integers([1])], { keepdims: 0 }, { output: 'sum' })
  graph.output('y', 'float32', [1, 4])
  graph.output('sum', 'float32', [1])
  return graph.model()
}

async function tinyCatalogue(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tierwise-tiny-'))
  const rows = [
    { name: 'large', accuracyPercent: 90, factor: 3 },
    { name: 'small', accuracyPercent: 80, factor: 2 },
  ]
  const variants = rows.map(({ name, accuracyPercent, factor }) => {
    const file = join(folder, `${name}.onnx`)
    return {
      variant: {
        name,
        file,
        precision: 'FP32' as const,
        accuracyPercent,
        accuracySource: 'made up',
      },
      written: writeFile(file, tinyModel(factor)),
    }
  })
  await Promise.all(variants.map(({ written }) => written))
  const file = join(folder, 'catalogue.yaml')
  await writeCatalogue(file, {
    model: 'tiny',
    input,
    output: { name: 'y', shape: [1, 4] },
    labels: [],
    cascades: [],
    variants: variants.map(({ variant }) => variant),
  })
  return file
}

function target(nodes: TestNodes, node: RunningNode, model: string): ProtocolTarget {
  const data = bytesOf(Float32Array.of(1, -2, 0.1, 1e-20))
  return {
    url: node.url,
    grpcAddress: node.grpcAddress ?? '',
    model,
    input: { name: 'x', datatype: 'FP32', shape: [1, 4], data },
    outputs: ['y', 'sum'],
    bodyLimitBytes,
    close: () => nodes.closeAll(),
  }
}

for (const [tier, model] of [
  ['end', 'tiny'],
  ['end', 'small'],
  ['edge', 'tiny'],
  ['cloud', 'large'],
] as const) {
  describeInferenceProtocol(`model ${model} on a node of tier ${tier}`, async () => {
    const nodes = new TestNodes()
    const catalogue = await tinyCatalogue()
    const node = await nodes.start({ name: tier, tier, grpcPort: 0, catalogue, bodyLimitBytes })
    await node.ready
    return target(nodes, node, model)
  })
}

describeInferenceProtocol('a device that forwards to its edge', async () => {
  const nodes = new TestNodes()
  const options = { catalogue: await tinyCatalogue(), bodyLimitBytes }
  const broker = await startBroker({ port: 0, host: '127.0.0.1', logger: silent })
  const edge = await nodes.start({ name: 'edge', tier: 'edge', ...options })
  const device = await nodes.start({
    name: 'device',
    tier: 'end',
    grpcPort: 0,
    edgeUrl: edge.url,
    broker: broker.url,
    ...options,
  })
  await Promise.all([edge.ready, device.ready])
  const control = await connectControlPlane({ url: broker.url, clientId: 'test', logger: silent })
  const placement: Placement = { tier: 'edge', variant: 'small' }
  await decide(control, {
    session: 's',
    round: 1,
    device: 'device',
    placement,
    fallbackAccuracyPercent: 0,
  })
  await vi.waitFor(async () => {
    const { headers } = await fetch(`${device.url}/v2/models/tiny/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: [{ ...input, data: [1, 2, 3, 4] }] }),
    })
    if (headers.get('x-tierwise-decision') === formatPlacement(placement)) return
    throw new Error('the decision has not come')
  })
  await control.close()
  const started = target(nodes, device, 'tiny')
  return {
    ...started,
    close: async () => {
      await started.close()
      await broker.close()
    },
  }
})

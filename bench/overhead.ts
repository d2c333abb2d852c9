/** What Tierwise adds to an inference: on the device, by forwarding, and by deciding. */
import * as ort from 'onnxruntime-node'
import pino from 'pino'
import { Pool } from 'undici'
import { builtCatalogue } from '../src/cli/models-on-disk.ts'
import { PAPER } from '../src/cli/settings/kinds.ts'
import { startBroker } from '../src/control/broker.ts'
import { connectControlPlane } from '../src/control/mqtt-control-plane.ts'
import { DecisionInForce } from '../src/node/decision-in-force.ts'
import { encodeInferRequest } from '../src/protocol/codec.ts'
import type { Tensor } from '../src/protocol/messages.ts'
import { JSON_LENGTH_HEADER } from '../src/protocol/request-body.ts'
import { EXACT_INT8 } from '../src/serving/backends/onnx-model.ts'
import { type Catalogue, fileOf, heldPart } from '../src/serving/models/catalogue.ts'
import { loadPictures } from '../src/serving/shipped-pictures.ts'
import { startEchoProcess, startNodeProcess, stop } from './fleet.ts'
import { type Contender, interleave } from './sampling.ts'

const HOST = '127.0.0.1'
const PORTS = { edge: 18710, device: 18711, forwarder: 18712, echo: 18713, broker: 18714 }
const VARIANT = 'd4'
const ROUNDS = 400
const DECISIONS = 200_000

/** One broker, one edge and two devices, each a process of its own on this machine. */
export async function measureOverhead() {
  const logger = pino({ level: 'silent' })
  const { catalogue } = await builtCatalogue(PAPER, (text) => process.stderr.write(`${text}\n`))
  const broker = await startBroker({ port: PORTS.broker, host: HOST, logger })
  const serving = { broker: broker.url, catalogue: PAPER }
  const common = { ...serving, edge: `http://${HOST}:${PORTS.edge}` }
  const processes = [
    await startEchoProcess(PORTS.echo),
    await startNodeProcess({ name: 'edge', tier: 'edge', port: PORTS.edge, ...serving }),
    await startNodeProcess({ name: 'device', tier: 'end', port: PORTS.device, ...common }),
    await startNodeProcess({ name: 'forwarder', tier: 'end', port: PORTS.forwarder, ...common }),
  ]
  const control = await connectControlPlane({ url: broker.url, clientId: 'bench', logger })
  for (const [device, tier] of [
    ['device', 'end'],
    ['forwarder', 'edge'],
  ] as const) {
    const placement = { tier, variant: VARIANT }
    const by = { session: 'bench', epoch: 1 }
    const decision = { ...by, round: 1, device, placement, fallbackAccuracyPercent: 0 }
    const told = { goalPercent: 0, agent: 'bench', answered: [] }
    await control.publish('orchestrator', { ...by, ...told })
    await control.publish('decision', decision)
  }
  try {
    const [picture] = await loadPictures(catalogue)
    if (!picture) throw new Error('no picture to send')
    const sampled = await interleave(await contenders(catalogue, picture), ROUNDS)
    const p50 = (name: string) =>
      sampled.find((sample) => sample.name === name)?.p50Ms ?? Number.NaN
    return {
      medianMs: Object.fromEntries(sampled.map(({ name, p50Ms }) => [name, p50Ms])),
      /** Local request without its own inference. */
      localMs: p50('device, local, beyond its inference'),
      /** Forwarded request without the same request sent straight to the edge. */
      forwardingMs: p50('device, forwarded to the edge') - p50('edge, directly'),
      choosingUs: choosingUs(catalogue),
    }
  } finally {
    await control.close()
    for (const child of processes) await stop(child)
    await broker.close()
  }
}

/** The same picture through everything that is compared. */
async function contenders(catalogue: Catalogue, picture: Tensor): Promise<Contender[]> {
  const [variant] = heldPart(catalogue, [VARIANT]).variants
  const session = await ort.InferenceSession.create(fileOf(variant), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    ...EXACT_INT8,
  })
  const input = new ort.Tensor('uint8', picture.data, [...picture.shape])
  const wire = encodeInferRequest({ inputs: [picture] }, { binary: true })
  /** @param beyondCompute measure without the time that the answer says its inference took */
  const request = (port: number, model: string, beyondCompute = false) => {
    const pool = new Pool(`http://${HOST}:${port}`, { connections: 1 })
    const path = `/v2/models/${model}/infer`
    const headers = {
      'content-type': 'application/octet-stream',
      [JSON_LENGTH_HEADER]: String(wire.jsonLength),
    }
    return async () => {
      const begin = performance.now()
      const answer = await pool.request({ method: 'POST', path, headers, body: wire.body })
      await answer.body.arrayBuffer()
      if (answer.statusCode !== 200) throw new Error(`${path} on ${port}: ${answer.statusCode}`)
      const computeMs = Number(answer.headers['x-tierwise-compute-ms'] ?? 0)
      return performance.now() - begin - (beyondCompute ? computeMs : 0)
    }
  }
  return [
    {
      name: 'bare ONNX Runtime',
      run: () => session.run({ [catalogue.input.name]: input }).then(() => undefined),
    },
    { name: 'bare node:http echo', run: request(PORTS.echo, catalogue.model) },
    { name: 'device, local', run: request(PORTS.device, catalogue.model) },
    {
      name: 'device, local, beyond its inference',
      run: request(PORTS.device, catalogue.model, true),
    },
    { name: 'edge, directly', run: request(PORTS.edge, VARIANT) },
    { name: 'device, forwarded to the edge', run: request(PORTS.forwarder, catalogue.model) },
  ]
}

/** The look-up that a pushed decision costs a request. */
function choosingUs(catalogue: Catalogue): number {
  const logger = pino({ level: 'silent' })
  const decision = new DecisionInForce({
    device: 'device',
    catalogue,
    held: catalogue,
    first: { tier: 'end', variant: VARIANT },
    probeTimeoutMs: 0,
    logger,
  })
  let rounds = 0
  const begin = performance.now()
  for (let index = 0; index < DECISIONS; index++) rounds += decision.latest.round
  const tookMs = performance.now() - begin
  if (rounds !== 0) throw new Error('a decision appeared from nowhere')
  return (tookMs * 1000) / DECISIONS
}

/** The result as lines for people. */
export function describeOverhead({
  medianMs,
  ...added
}: Awaited<ReturnType<typeof measureOverhead>>): string[] {
  return [
    ...Object.entries(medianMs).map(([name, ms]) => `${name.padEnd(36)} ${ms.toFixed(2)} ms`),
    `a local request adds to its inference ${added.localMs.toFixed(2)} ms (bound 0.6)`,
    `forwarding adds ${added.forwardingMs.toFixed(2)} ms (bound 0.6)`,
    `choosing from the pushed decision takes ${added.choosingUs.toFixed(3)} µs (bound 50)`,
  ]
}

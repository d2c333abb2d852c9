/** A burst on the edge of a small fleet: smaller variants answer it in time, and the fleet's accuracy goal holds all the same. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { type Broker, startBroker } from '../../src/control/broker.ts'
import type { ControlPlane } from '../../src/control/control-plane.ts'
import type { MessageOf } from '../../src/control/messages.ts'
import { connectControlPlane } from '../../src/control/mqtt-control-plane.ts'
import { choicesOf } from '../../src/fleet/choice.ts'
import type { RunningNode } from '../../src/node/node-options.ts'
import {
  post,
  silent,
  TestNodes,
  testCatalogueFile,
  testRequest,
} from '../../src/node/start-node.fixture.ts'
import type { Orchestrator } from '../../src/orchestration/orchestrator-options.ts'
import { startOrchestrator } from '../../src/orchestration/start-orchestrator.ts'
import { encodeInferRequest } from '../../src/protocol/codec.ts'
import { loadCatalogue } from '../../src/serving/models/catalogue.ts'

const nodes = new TestNodes()
let broker: Broker
let control: ControlPlane
let orchestrator: Orchestrator
let devices: RunningNode[]
const heard: MessageOf<'observation'>[] = []
let sent = 0

beforeAll(async () => {
  const catalogue = await loadCatalogue(await testCatalogueFile())
  broker = await startBroker({ port: 0, host: '127.0.0.1', logger: silent })
  control = await connectControlPlane({ url: broker.url, clientId: 'o', logger: silent })
  await control.subscribe('observation', (observation) => heard.push(observation))
  orchestrator = await startOrchestrator({
    control,
    choices: choicesOf(catalogue.variants),
    goalPercent: 85,
    agent: 'fixed:edge/d0',
    seed: 1,
    expectedDevices: 2,
    roundTimeoutMs: 3000,
    settleMs: 100,
    clock: systemClock,
    logger: silent,
  })
  // One core on which d0 takes 80 ms.
  const edge = await nodes.start({
    name: 'edge',
    tier: 'edge',
    broker: broker.url,
    queueLimit: 64,
    dilation: { variant: 'd0', targetMs: 80 },
  })
  devices = await Promise.all(
    ['device-1', 'device-2'].map((name) =>
      nodes.start({
        name,
        tier: 'end',
        broker: broker.url,
        edgeUrl: edge.url,
        requestTimeoutMs: 5000,
        dilation: { variant: 'd0', targetMs: 400 },
      }),
    ),
  )
  await Promise.all([edge, ...devices].map(({ ready }) => ready))
}, 120_000)

afterAll(async () => {
  await nodes.closeAll()
  await orchestrator?.stop()
  await control?.close()
  await broker?.close()
})

async function send(device: RunningNode, deadlineMs: number) {
  sent += 1
  const parameters = { deadline_ms: deadlineMs }
  const wire = encodeInferRequest({ ...testRequest(1), parameters }, { binary: true })
  const { status, header } = await post(device, 'mobilenet', wire)
  return { status, decision: header('decision'), accuracyPercent: Number(header('accuracy')) }
}

/** Pairs of requests, one after another, until both devices offload. */
async function offloading(): Promise<void> {
  await vi.waitFor(
    async () => {
      const answers = await Promise.all(devices.map((device) => send(device, 3000)))
      expect(answers.map(({ decision }) => decision)).toEqual(['edge/d0', 'edge/d0'])
    },
    { timeout: 60_000, interval: 50 },
  )
}

test('a burst is answered by smaller variants, as far as the goal leaves room', async () => {
  await offloading()
  // What the answers so far have reported is not to be taken for the burst's.
  await vi.waitFor(() => expect(heard).toHaveLength(sent), 10_000)
  const rounds = orchestrator.counts.closedRounds
  heard.length = 0
  const bursts = []
  for (let burst = 0; burst < 6; burst++) {
    const requests = devices.flatMap((device) => Array(8).fill(device))
    bursts.push(await Promise.all(requests.map((device) => send(device, 900))))
  }
  const answers = bursts.flat()
  for (const { status } of answers) expect([200, 503]).toContain(status)
  const served = answers.filter(({ status }) => status === 200)
  const accuracies = served.map(({ accuracyPercent }) => accuracyPercent)

  // Smaller variants than d0, but none below the goal.
  expect(Math.min(...accuracies)).toBeLessThan(89.9)
  expect(Math.min(...accuracies)).toBeGreaterThanOrEqual(85)

  // What was served, and not what was decided, is reported back …
  await vi.waitFor(() => expect(heard).toHaveLength(answers.length), 10_000)
  const reported = heard.filter(({ failed }) => !failed)
  expect(reported.map(({ accuracyPercent }) => accuracyPercent).toSorted()).toEqual(
    accuracies.toSorted(),
  )
  expect(heard.every(({ decided }) => decided.variant === 'd0')).toBe(true)

  // … so that the goal is known to hold in every round.
  await vi.waitFor(() => expect(orchestrator.counts.closedRounds).toBeGreaterThan(rounds), 10_000)
  expect(orchestrator.counts.goalViolations).toBe(0)
}, 120_000)

test('a goal without room lets a burst be dropped rather than answered below it', async () => {
  await control.publish('goal', { accuracyPercent: 89.9 })
  await vi.waitFor(() => expect(orchestrator.inForce.goalPercent).toBe(89.9), 5000)
  await offloading()
  const requests = devices.flatMap((device) => Array(12).fill(device))
  const answers = await Promise.all(requests.map((device) => send(device, 600)))
  const accuracies = answers
    .filter(({ status }) => status === 200)
    .map(({ accuracyPercent }) => accuracyPercent)
  expect(accuracies.length).toBeGreaterThan(0)
  expect(accuracies.length).toBeLessThan(answers.length)
  expect(new Set(accuracies)).toEqual(new Set([89.9]))
  expect(orchestrator.counts.goalViolations).toBe(0)
}, 120_000)

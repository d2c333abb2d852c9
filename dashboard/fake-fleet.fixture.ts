/** A fleet that only talks: for opening the page without one. Serves the built page and a broker at one address. */
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { Aedes } from 'aedes'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { PAGE_POLICY } from '../src/access/route-guard.ts'
import type { JointDecision, MessageKind, MessageOf } from '../src/control/messages.ts'
import { messageSubject, topicOf } from '../src/control/topics.ts'
import { parsePlacement } from '../src/fleet/placement.ts'
import type { Random } from '../src/random.ts'

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
}

function pageServer(pageFolder: string): Server {
  return createServer((request, response) => {
    response.setHeader('content-security-policy', PAGE_POLICY)
    if (request.url === '/v2/tierwise/access') {
      response.end(JSON.stringify({ authority: false, insecure: false }))
      return
    }
    const path = request.url === '/' ? '/index.html' : (request.url ?? '')
    readFile(join(pageFolder, path)).then(
      (body) => response.setHeader('content-type', CONTENT_TYPES[extname(path)] ?? '').end(body),
      () => response.writeHead(404).end(),
    )
  })
}

export class FakeFleet {
  readonly broker: Aedes
  private readonly server: Server

  private constructor(broker: Aedes, server: Server) {
    this.broker = broker
    this.server = server
  }

  /** Listens on a free port of this machine. @param pageFolder the built page */
  static async start(pageFolder: string): Promise<FakeFleet> {
    const broker = await Aedes.createBroker()
    const server = pageServer(pageFolder)
    const sockets = new WebSocketServer({ server, path: '/mqtt' })
    sockets.on('connection', (socket) => broker.handle(createWebSocketStream(socket)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new FakeFleet(broker, server)
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`
  }

  publish<Kind extends MessageKind>(kind: Kind, message: MessageOf<Kind>): Promise<void> {
    return this.publishText(
      topicOf('tierwise', kind, messageSubject(kind, message)),
      JSON.stringify(message),
    )
  }

  publishText(topic: string, payload: string): Promise<void> {
    const packet = { cmd: 'publish', qos: 0, retain: true, dup: false, topic, payload } as const
    return new Promise((resolve, reject) =>
      this.broker.publish(packet, (error) => (error ? reject(error) : resolve())),
    )
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.broker.close(resolve))
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}

/** A device of the story below: its link, and what it settles on. */
const DEVICES = [
  { name: 'device-1', weak: false, settled: 'end/d4' },
  { name: 'device-2', weak: true, settled: 'end/d6' },
  { name: 'device-3', weak: false, settled: 'edge/d0' },
  { name: 'device-4', weak: false, settled: 'end/d4' },
  { name: 'device-5', weak: true, settled: 'cloud/d0' },
]
const CHOICES = ['end/d0', 'end/d1', 'end/d4', 'end/d6', 'edge/d0', 'cloud/d0']
const RESPONSE_TIMES_MS: Readonly<Record<string, number>> = {
  'end/d0': 465,
  'end/d1': 310,
  'end/d4': 215,
  'end/d6': 120,
  'edge/d0': 351,
  'cloud/d0': 375,
}
const ACCURACIES_PERCENT: Readonly<Record<string, number>> = {
  'end/d1': 88.2,
  'end/d4': 88.9,
  'end/d6': 84.4,
}

/** Everything that five devices, an edge and a cloud say once. */
export async function introduce(fleet: FakeFleet, goalPercent: number): Promise<void> {
  const nodes = [
    ...DEVICES.map(({ name, weak }) => ({ node: name, tier: 'end' as const, weak })),
    { node: 'edge', tier: 'edge' as const, weak: false },
    { node: 'cloud', tier: 'cloud' as const, weak: false },
  ]
  for (const { node, tier, weak } of nodes) {
    await fleet.publish('telemetry', {
      alive: true,
      node,
      tier,
      url: 'http://127.0.0.1:8000',
      ready: true,
      variants: [{ name: 'd0', serviceTimeMs: 93 }],
      state: { processor: 0, memory: 0, bandwidth: weak ? 1 : 0 },
      measured: {
        backgroundProcessorPercent: 3,
        memoryUsedPercent: 41,
        ...(tier !== 'cloud' && { roundTripMs: weak ? 41.2 : 2.4, bandwidthMbps: weak ? 8 : 90 }),
      },
      service: { requests: 0, failedRequests: 0, queueDepth: tier === 'end' ? 0 : 1 },
      dilationErrorPercent: 1.4,
    })
  }
  await fleet.publish('goal', { accuracyPercent: goalPercent })
}

/** One round: a joint decision that settles as rounds pass, and every device's answer. */
export async function playRound(
  fleet: FakeFleet,
  round: number,
  goalPercent: number,
  goalViolations: number,
  random: Random,
  beside: Partial<JointDecision> = {},
): Promise<number> {
  const placements: Record<string, string> = {}
  const responseTimesMs: Record<string, number> = {}
  let accuracySum = 0
  let responseTimeSum = 0
  for (const { name, weak, settled } of DEVICES) {
    const explored = CHOICES[random.integer(CHOICES.length)] ?? settled
    const choice = random.uniform() < Math.exp(-round / 60) ? explored : settled
    const far = weak && !choice.startsWith('end') ? 77 : 0
    const timeMs = ((RESPONSE_TIMES_MS[choice] ?? 0) + far) * (1 + 0.05 * Math.abs(random.normal()))
    placements[name] = choice
    responseTimesMs[name] = timeMs
    const accuracyPercent = ACCURACIES_PERCENT[choice] ?? 89.9
    responseTimeSum += timeMs
    accuracySum += accuracyPercent
    await answer(fleet, name, choice, round, timeMs, accuracyPercent)
  }
  const accuracyPercent = accuracySum / DEVICES.length
  const violated = accuracyPercent < goalPercent
  const violations = goalViolations + (violated ? 1 : 0)
  const joint: JointDecision = {
    session: 'story',
    round: round + 1,
    agent: 'hybrid',
    goalPercent,
    placements,
    accuracyPercent,
    progress: { realSteps: round + 1, plannedSteps: 48 * round, updates: 6 * round },
    goalViolations: violations,
    closed: {
      round,
      agent: 'hybrid',
      goalPercent,
      placements,
      responseTimesMs,
      responseTimeMs: responseTimeSum / DEVICES.length,
      accuracyPercent,
      violated,
    },
    ...beside,
  }
  await fleet.publish('jointDecision', joint)
  return violations
}

async function answer(
  fleet: FakeFleet,
  device: string,
  choice: string,
  round: number,
  responseTimeMs: number,
  accuracyPercent: number,
): Promise<void> {
  const placement = parsePlacement(choice)
  await fleet.publish('decision', {
    session: 'story',
    epoch: 1,
    round,
    device,
    placement,
    fallbackAccuracyPercent: accuracyPercent,
  })
  await fleet.publish('observation', {
    device,
    session: 'story',
    round,
    decided: placement,
    served: placement,
    accuracyPercent,
    responseTimeMs,
    queueMs: 0.4,
    computeMs: responseTimeMs * 0.8,
    networkMs: responseTimeMs * 0.2,
    decisionMs: 0.01,
    failed: false,
  })
}

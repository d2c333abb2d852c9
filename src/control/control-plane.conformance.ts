/** What every control plane does, whatever carries its messages. */
import { afterEach, describe, expect, it } from 'vitest'
import type { ControlPlane } from './control-plane.ts'
import type { AnswerReport, DeviceDecision, Goal } from './messages.ts'
import type { LiveTelemetry } from './telemetry-message.ts'

export const liveTelemetry: LiveTelemetry = {
  alive: true,
  node: 'device-1',
  tier: 'end',
  url: 'http://127.0.0.1:8080',
  ready: true,
  variants: [{ name: 'd0', serviceTimeMs: 93 }, { name: 'd4' }],
  reaches: { edge: 'edge-1', cloud: true },
  state: { processor: 1, memory: 0, bandwidth: 1 },
  measured: { backgroundProcessorPercent: 63, memoryUsedPercent: 20, roundTripMs: 42 },
  service: { requests: 3, failedRequests: 0, queueDepth: 1 },
}

export const observationOf = (round: number, device = 'device-1'): AnswerReport => ({
  device,
  session: 's1',
  round,
  decided: { tier: 'edge', variant: 'd0' },
  served: { tier: 'end', variant: 'd4' },
  accuracyPercent: 88.9,
  responseTimeMs: 12,
  queueMs: 1,
  computeMs: 10,
  networkMs: 1,
  decisionMs: 0,
  failed: false,
})

export const decisionOf = (device: string, round: number): DeviceDecision => ({
  session: 's1',
  epoch: 1,
  round,
  device,
  placement: { tier: 'edge', variant: 'd0' },
  fallbackAccuracyPercent: 85,
})

/** Collects messages and waits for them. */
export function collector<Message>() {
  const messages: Message[] = []
  return {
    messages,
    add: (message: Message) => {
      messages.push(message)
    },
    async until(count: number, timeoutMs = 5000): Promise<Message[]> {
      const startMs = performance.now()
      while (messages.length < count) {
        if (performance.now() - startMs > timeoutMs) {
          throw new Error(`${messages.length} of ${count} messages came`)
        }
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      return messages
    },
  }
}

type Client = (clientId: string) => Promise<ControlPlane>

/** @param connect a new client of one and the same broker */
export function describeControlPlane(name: string, connect: Client): void {
  describe(`control plane conformance: ${name}`, () => {
    const planes: ControlPlane[] = []
    const client = async (clientId: string) => {
      const plane = await connect(clientId)
      planes.push(plane)
      return plane
    }
    afterEach(async () => {
      await Promise.all(planes.splice(0).map((plane) => plane.close()))
    })
    itCarriesMessages(client)
    itKeepsToItsContract(client)
  })
}

function itCarriesMessages(client: Client): void {
  it('carries every kind of message unchanged', async () => {
    const [sender, receiver] = [await client('a'), await client('b')]
    const [telemetry, observations] = [collector<unknown>(), collector<unknown>()]
    const [goals, decisions] = [collector<unknown>(), collector<unknown>()]
    await receiver.subscribe('telemetry', telemetry.add)
    await receiver.subscribe('observation', observations.add)
    await receiver.subscribe('goal', goals.add)
    await receiver.subscribe('decision', decisions.add)
    await sender.publish('telemetry', liveTelemetry)
    await sender.publish('observation', observationOf(7))
    await sender.publish('goal', { accuracyPercent: 85, agent: 'hybrid' })
    await sender.publish('decision', decisionOf('device-1', 7))
    expect(await telemetry.until(1)).toEqual([liveTelemetry])
    expect(await observations.until(1)).toEqual([observationOf(7)])
    expect(await goals.until(1)).toEqual([{ accuracyPercent: 85, agent: 'hybrid' }])
    expect(await decisions.until(1)).toEqual([decisionOf('device-1', 7)])
  })

  it('keeps decisions, goals and telemetry for whoever comes later, and only the newest', async () => {
    const sender = await client('a')
    for (const accuracyPercent of [80, 85, 89]) await sender.publish('goal', { accuracyPercent })
    await sender.publish('decision', decisionOf('late', 1))
    await sender.publish('decision', decisionOf('late', 2))
    await sender.publish('observation', observationOf(1, 'late'))
    const receiver = await client('b')
    const [goals, decisions] = [collector<Goal>(), collector<DeviceDecision>()]
    const observations = collector<AnswerReport>()
    await receiver.subscribe('observation', observations.add, 'late')
    await receiver.subscribe('goal', goals.add)
    await receiver.subscribe('decision', decisions.add, 'late')
    expect(await goals.until(1)).toEqual([{ accuracyPercent: 89 }])
    expect(await decisions.until(1)).toEqual([decisionOf('late', 2)])
    expect(observations.messages).toEqual([])
  })

  it('gives a subscriber of one subject that subject alone, in order', async () => {
    const [sender, receiver] = [await client('a'), await client('b')]
    const mine = collector<AnswerReport>()
    await receiver.subscribe('observation', mine.add, 'device-2')
    for (let round = 0; round < 20; round++) {
      await sender.publish('observation', observationOf(round, 'device-1'))
      await sender.publish('observation', observationOf(round, 'device-2'))
    }
    const received = await mine.until(20)
    expect(received.map(({ device }) => device)).toEqual(Array(20).fill('device-2'))
    expect(received.map(({ round }) => round)).toEqual([...Array(20).keys()])
  })
}

function itKeepsToItsContract(client: Client): void {
  it('ends one subscription and leaves another of the same topic', async () => {
    const [sender, receiver] = [await client('a'), await client('b')]
    const [ended, kept] = [collector<AnswerReport>(), collector<AnswerReport>()]
    const end = await receiver.subscribe('observation', ended.add)
    await receiver.subscribe('observation', kept.add)
    end()
    end()
    await sender.publish('observation', observationOf(1))
    await kept.until(1)
    expect(ended.messages).toEqual([])
  })

  it('refuses to publish what does not match its schema', async () => {
    const sender = await client('a')
    const wrong = { ...observationOf(1), responseTimeMs: -1 }
    expect(() => sender.publish('observation', wrong)).toThrow(/responseTimeMs/)
    const topicInjection = { ...observationOf(1), device: 'a/b' }
    expect(() => sender.publish('observation', topicInjection)).toThrow(/device/)
    expect(() => sender.publish('goal', { accuracyPercent: 85, agent: 'x'.repeat(5000) })).toThrow(
      /agent/,
    )
  })

  it('goes on when a handler throws', async () => {
    const [sender, receiver] = [await client('a'), await client('b')]
    const kept = collector<AnswerReport>()
    await receiver.subscribe('observation', () => {
      throw new Error('a broken handler')
    })
    await receiver.subscribe('observation', kept.add)
    await sender.publish('observation', observationOf(1))
    await sender.publish('observation', observationOf(2))
    expect((await kept.until(2)).map(({ round }) => round)).toEqual([1, 2])
  })
}

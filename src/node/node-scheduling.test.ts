import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { startBroker } from '../control/broker.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import type { Telemetry } from '../control/telemetry-message.ts'
import { decodeInferResponse, encodeInferRequest } from '../protocol/codec.ts'
import type { Parameters } from '../protocol/messages.ts'
import type { SchedulingReport } from '../serving/scheduling-report.ts'
import { parseTrace } from '../simulation/workload/trace-file.ts'
import type { NodeOptions, RunningNode } from './node-options.ts'
import { binaryWire, post, silent, TestNodes, testRequest } from './start-node.fixture.ts'

const lasting = new TestNodes()
const nodes = new TestNodes()
let goalAccuracyPercent = 0
let edge: RunningNode
let device: RunningNode

beforeAll(async () => {
  edge = await slowNode(lasting, {
    extend: (app) => {
      app.get<{ Params: { device: string } }>('/v2/tierwise/decision/:device', ({ params }) => ({
        session: 's1',
        epoch: 1,
        round: 7,
        device: params.device,
        placement: { tier: 'edge', variant: 'd0' },
        fallbackAccuracyPercent: goalAccuracyPercent,
      }))
    },
  })
  device = await lasting.start({
    name: 'device',
    tier: 'end',
    mode: 'consulted',
    edgeUrl: edge.url,
    dilation: { variant: 'd0', targetMs: 400 },
  })
  await device.ready
})
afterEach(() => nodes.closeAll())
afterAll(() => lasting.closeAll())

/** One core on which d0 takes 100 ms and the smallest variants about a tenth of it. */
async function slowNode(group: TestNodes, options: Partial<NodeOptions>): Promise<RunningNode> {
  const dilation = { variant: 'd0', targetMs: 100 }
  const node = await group.start({ name: 'edge', tier: 'edge', dilation, ...options })
  await node.ready
  return node
}

function wireWith(parameters: Parameters) {
  return encodeInferRequest({ ...testRequest(1, 'one'), parameters }, { binary: true })
}

async function reportOf(node: RunningNode): Promise<SchedulingReport> {
  const response = await fetch(`${node.url}/v2/tierwise/scheduling`)
  return response.json() as Promise<SchedulingReport>
}

function answered({ variants }: SchedulingReport): number {
  return variants.reduce((sum, { onTime, late }) => sum + onTime + late, 0)
}

const textOf = ({ wire }: Awaited<ReturnType<typeof post>>) => Buffer.from(wire.body).toString()

describe('a request with a deadline', () => {
  it('is served by the variant asked for when there is time, as the header and the answer say', async () => {
    const answer = await post(edge, 'd0', wireWith({ deadline_ms: 2000 }))
    expect([answer.status, answer.header('decision'), answer.header('accuracy')]).toEqual([
      200,
      'edge/d0',
      '89.9',
    ])
    const plain = await post(edge, 'd0', binaryWire)
    expect(decodeInferResponse(answer.wire)).toEqual(decodeInferResponse(plain.wire))
  })

  it('is served by a smaller variant in a burst, and none stays without an answer', async () => {
    const before = await reportOf(edge)
    const wire = wireWith({ deadline_ms: 600 })
    const answers = await Promise.all(Array.from({ length: 15 }, () => post(edge, 'd0', wire)))
    const served = answers.filter(({ status }) => status === 200)
    const variants = new Set(served.map(({ header }) => header('decision')))
    expect(variants.size).toBeGreaterThan(1)
    for (const { header, wire } of served) {
      expect(`edge/${decodeInferResponse(wire).model_name}`).toBe(header('decision'))
    }
    const report = await reportOf(edge)
    expect(report).toMatchObject({ policy: 'anticipating-fit', queueDepth: 0 })
    expect(report.requests).toBe(before.requests + 15)
    expect(answered(report)).toBe(answered(before) + served.length)
    // d0 alone would answer 6 of 15 in 600 ms.
    expect(served.length).toBeGreaterThan(6)
  })
})

describe('what a request may ask for', () => {
  it('is named when it cannot be', async () => {
    for (const [parameters, words] of [
      [{ deadline_ms: 0 }, 'deadline_ms 0 is no deadline: give a number above 0'],
      [{ deadline_ms: '50' }, 'deadline_ms "50"'],
      [{ deadline_ms: 50, min_accuracy: 95 }, 'min_accuracy 95 cannot be served'],
      [{ deadline_ms: 50, priority: 10 }, 'priority 10 is unknown'],
      [{ min_accuracy: 80 }, 'give deadline_ms too'],
      [{ priority: 0 }, 'priority 0 is unknown'],
    ] as const) {
      const answer = await post(edge, 'd0', wireWith(parameters))
      expect(answer.status).toBe(400)
      expect(textOf(answer)).toContain(JSON.stringify(words).slice(1, -1))
    }
  })

  it('is refused at once when it cannot be had in time, with the reason', async () => {
    const answer = await post(edge, 'd0', wireWith({ deadline_ms: 50, min_accuracy: 89.9 }))
    expect(answer.status).toBe(503)
    expect(answer.header('error')).toBe('deadline')
    expect(textOf(answer)).toContain('dropped (refused)')
    expect(textOf(answer)).toContain('d0, the smallest variant allowed')
  })
})

describe('a deadline that the headers tell', () => {
  /** Sends a request whose body is no message, which whoever reads it answers with 400. @returns what is heard of it */
  async function announce(node: RunningNode, model: string, deadlineMs: string): Promise<string> {
    const socket = connect(Number(new URL(node.url).port), '127.0.0.1')
    const head = `POST /v2/models/${model}/infer HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Tierwise-Deadline-Ms: ${deadlineMs}\r\nConnection: close\r\nContent-Length: 4\r\n\r\n`
    socket.write(`${head}oops`)
    let heard = ''
    for await (const bytes of socket) heard += String(bytes)
    return heard
  }

  it('refuses a request unread, counts it, and says when there is room', async () => {
    const before = await reportOf(edge)
    const heard = await announce(edge, 'd0', '1')
    expect(heard).toContain('503 Service Unavailable')
    expect(heard).toMatch(/x-tierwise-error: deadline/i)
    expect(heard).toMatch(/retry-after: 1\r\nretry-after-ms: \d+/i)
    expect((await reportOf(edge)).dropped.refused).toBe(before.dropped.refused + 1)
    expect(await announce(edge, 'd0', 'soon')).toContain('400 Bad Request')
  })

  it('goes by while the body comes', async () => {
    const { body, jsonLength } = wireWith({ deadline_ms: 250 })
    const answer = await new Promise<IncomingMessage>((resolve) => {
      const sent = httpRequest(`${edge.url}/v2/models/d0/infer`, {
        method: 'POST',
        headers: { 'content-length': body.length, 'inference-header-content-length': jsonLength },
      }).once('response', resolve)
      sent.write(body.subarray(0, 1000))
      setTimeout(() => sent.end(body.subarray(1000)), 1000)
    })
    answer.resume()
    expect(answer.headers['x-tierwise-error']).toBe('deadline')
  })

  it('is that of the request', async () => {
    const headers = { 'x-tierwise-deadline-ms': '60', 'content-type': 'application/octet-stream' }
    const { body, jsonLength } = wireWith({ deadline_ms: 5000, min_accuracy: 89.9 })
    const answer = await fetch(`${edge.url}/v2/models/d0/infer`, {
      method: 'POST',
      headers: { ...headers, 'inference-header-content-length': String(jsonLength) },
      body: Buffer.from(body),
    })
    expect(answer.headers.get('x-tierwise-error')).toBe('deadline')
  })
})

it('a device that holds nothing passes on why its edge has no room', async () => {
  const client = { name: 'client', tier: 'end', variants: [], edgeUrl: edge.url } as const
  const holdsNothing = await nodes.start(client)
  await holdsNothing.ready
  const wire = wireWith({ deadline_ms: 50, min_accuracy: 89.9 })
  const answer = await post(holdsNothing, 'mobilenet', wire)
  expect([answer.status, answer.header('error')]).toEqual([503, 'deadline'])
})

describe('a device whose decision is edge/d0', () => {
  async function burst(parameters: Parameters, count: number) {
    const wire = wireWith(parameters)
    return Promise.all(Array.from({ length: count }, () => post(device, 'mobilenet', wire)))
  }

  it('tells which variant served, and the accuracy goal bounds the choice', async () => {
    goalAccuracyPercent = 86
    const answers = await burst({ deadline_ms: 500 }, 10)
    const served = answers.filter(({ status }) => status === 200)
    expect(served.map(({ header }) => header('decided'))).toEqual(served.map(() => 'edge/d0'))
    const accuracies = served.map(({ header }) => Number(header('accuracy')))
    expect(Math.min(...accuracies)).toBeGreaterThanOrEqual(86)
    expect(Math.min(...accuracies)).toBeLessThan(89.9)
    for (const { header, wire } of served) {
      const variant = decodeInferResponse(wire).model_name
      expect(header('decision')?.split('/')[1]).toBe(variant)
    }
    for (const { status } of answers) expect([200, 503]).toContain(status)
  })

  it('keeps its edge when that only dropped a request for its deadline', async () => {
    goalAccuracyPercent = 0
    const before = await reportOf(edge)
    const [late] = await burst({ deadline_ms: 60, min_accuracy: 89.9 }, 1)
    expect([late?.status, late?.header('error')]).toEqual([503, 'deadline'])
    expect((await reportOf(edge)).dropped.refused).toBe(before.dropped.refused + 1)
    const [plain] = await burst({}, 1)
    expect(plain?.header('decision')).toBe('edge/d0')
  })
})

it('gives every request the deadline of the settings, where it names none, and tells how they fare', async () => {
  const scheduling = { policy: 'smallest', defaultDeadlineMs: 1000 }
  const broker = await startBroker({ port: 0, host: '127.0.0.1', logger: silent })
  const listener = await connectControlPlane({
    url: broker.url,
    clientId: 'listener',
    logger: silent,
  })
  const heard: Telemetry[] = []
  await listener.subscribe('telemetry', (message) => heard.push(message), 'edge')
  const node = await slowNode(nodes, { scheduling, broker: broker.url })
  const answer = await post(node, 'd0', binaryWire)
  const report = await reportOf(node)
  expect(report).toMatchObject({ policy: 'smallest', requests: 1 })
  const [smallest] = report.variants
  expect(answer.header('decision')).toBe(`edge/${smallest?.name}`)
  const scheduled = {
    policy: 'smallest',
    requests: 1,
    effectiveAccuracyPercent: smallest?.accuracyPercent,
    servedAccuracyPercent: smallest?.accuracyPercent,
    violationPercent: 0,
  }
  await vi.waitFor(() =>
    expect(heard.at(-1)).toMatchObject({ service: { requests: 1, scheduling: scheduled } }),
  )
  await nodes.closeAll()
  await listener.close()
  await broker.close()
})

it('takes the policy of a file as soon as it changes, and keeps it when the next is unusable', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tierwise-node-policy-'))
  const policyFile = join(folder, 'policy.json')
  const said: string[] = []
  const logger = pino({ level: 'info' }, { write: (line) => said.push(line) })
  const scheduling = { policy: 'largest', policyFile }
  const node = await slowNode(nodes, { scheduling, logger })
  expect(await reportOf(node)).toMatchObject({ policy: 'largest' })
  await writeFile(policyFile, '{ "policy": "smallest" }')
  await vi.waitFor(async () => expect((await reportOf(node)).policy).toBe('smallest'), 5000)
  expect((await reportOf(node)).policyReason).toBe(`from ${policyFile}`)
  await writeFile(policyFile, '{ "policy": "best of all" }')
  const refusal = `smallest stays, ${policyFile} cannot be used: no scheduling policy is named`
  await vi.waitFor(() => expect(said.join()).toContain(refusal), 5000)
  const answer = await post(node, 'd0', wireWith({ deadline_ms: 2000 }))
  const { policy, variants } = await reportOf(node)
  expect(policy).toBe('smallest')
  expect(answer.header('decision')).toBe(`edge/${variants[0]?.name}`)
  await rm(folder, { recursive: true })
})

it('gives its own arrivals as a trace', async () => {
  const node = await slowNode(nodes, {})
  for (const deadline_ms of [5000, 4000]) await post(node, 'd0', wireWith({ deadline_ms }))
  await post(node, 'd0', binaryWire)
  const trace = await (await fetch(`${node.url}/v2/tierwise/arrivals`)).text()
  const requests = parseTrace(trace, 'arrival-times')
  expect(requests.map(({ priority }) => priority)).toEqual([5, 5])
  expect(requests[0]?.deadlineMs).toBeGreaterThan(4500)
  expect(requests[1]?.deadlineMs).toBeLessThanOrEqual(4000)
  expect(requests[1]?.arrivalMs).toBeGreaterThan(0)
})

it('tells Prometheus how its requests fare', async () => {
  const before = await reportOf(edge)
  await post(edge, 'd0', wireWith({ deadline_ms: 2000 }))
  const response = await fetch(`${edge.url}/metrics`)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const { onTime = 0 } = before.variants.find(({ name }) => name === 'd0') ?? {}
  expect(await response.text()).toContain(
    `tierwise_scheduled_answers_total{variant="d0",outcome="on_time"} ${onTime + 1}\n`,
  )
})

it('has nothing to report before its models are warm', async () => {
  const node = await nodes.start({ name: 'cold', tier: 'edge' })
  const early = await fetch(`${node.url}/v2/tierwise/scheduling`)
  expect([early.status, await early.text()]).toEqual([503, expect.stringContaining('try again')])
  await node.ready
})

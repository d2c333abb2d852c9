import { afterEach, describe, expect, it } from 'vitest'
import { decodeInferResponse, encodeInferRequest } from '../protocol/codec.ts'
import type { Parameters } from '../protocol/messages.ts'
import type { SchedulingReport } from '../serving/scheduling-report.ts'
import type { NodeOptions, RunningNode } from './node-options.ts'
import { binaryWire, post, TestNodes, testRequest } from './start-node.conformance.ts'

const nodes = new TestNodes()
afterEach(() => nodes.closeAll())

/** One core on which d0 takes 100 ms and the smallest variants about a tenth of it. */
async function slowNode(options: Partial<NodeOptions> = {}): Promise<RunningNode> {
  const dilation = { variant: 'd0', targetMs: 100 }
  const node = await nodes.start({ name: 'edge', tier: 'edge', dilation, ...options })
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

const textOf = ({ wire }: Awaited<ReturnType<typeof post>>) => Buffer.from(wire.body).toString()

describe('a request with a deadline', () => {
  it('is served by the variant asked for when there is time, as the header and the answer say', async () => {
    const node = await slowNode()
    const answer = await post(node, 'd0', wireWith({ deadline_ms: 2000 }))
    expect([answer.status, answer.header('decision'), answer.header('accuracy')]).toEqual([
      200,
      'edge/d0',
      '89.9',
    ])
    const plain = await post(node, 'd0', binaryWire)
    expect(decodeInferResponse(answer.wire)).toEqual(decodeInferResponse(plain.wire))
  })

  it('is served by a smaller variant in a burst, and none stays without an answer', async () => {
    const node = await slowNode()
    const wire = wireWith({ deadline_ms: 600 })
    const answers = await Promise.all(Array.from({ length: 15 }, () => post(node, 'd0', wire)))
    const served = answers.filter(({ status }) => status === 200)
    const variants = new Set(served.map(({ header }) => header('decision')))
    expect(variants.size).toBeGreaterThan(1)
    for (const { header, wire } of served) {
      expect(`edge/${decodeInferResponse(wire).model_name}`).toBe(header('decision'))
    }
    const report = await reportOf(node)
    expect(report).toMatchObject({ policy: 'uniform-fit-drop', requests: 15, queueDepth: 0 })
    const counted = report.variants.reduce((sum, { onTime, late }) => sum + onTime + late, 0)
    expect(counted).toBe(served.length)
    // d0 alone would answer 6 of 15 in 600 ms.
    expect(served.length).toBeGreaterThan(6)
  })
})

describe('what a request may ask for', () => {
  it('is named when it cannot be', async () => {
    const node = await slowNode()
    for (const [parameters, words] of [
      [{ deadline_ms: 0 }, 'deadline_ms 0 is no deadline: give a number above 0'],
      [{ deadline_ms: '50' }, 'deadline_ms "50"'],
      [{ deadline_ms: 50, min_accuracy: 95 }, 'min_accuracy 95 cannot be served'],
      [{ deadline_ms: 50, priority: 10 }, 'priority 10 is unknown'],
      [{ min_accuracy: 80 }, 'give deadline_ms too'],
      [{ priority: 1 }, 'give deadline_ms too'],
    ] as const) {
      const answer = await post(node, 'd0', wireWith(parameters))
      expect(answer.status).toBe(400)
      expect(textOf(answer)).toContain(JSON.stringify(words).slice(1, -1))
    }
  })

  it('is refused at once when it cannot be had in time, with the reason', async () => {
    const node = await slowNode()
    const answer = await post(node, 'd0', wireWith({ deadline_ms: 50, min_accuracy: 89.9 }))
    expect(answer.status).toBe(503)
    expect(answer.header('error')).toBe('deadline')
    expect(textOf(answer)).toContain('dropped (refused)')
    expect(textOf(answer)).toContain('d0, the smallest variant allowed')
    expect((await reportOf(node)).dropped).toMatchObject({ refused: 1 })
  })
})

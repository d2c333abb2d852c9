import { describe, expect, it } from 'vitest'
import type { Clock } from '../clock.ts'
import type { DeviceDecision } from '../control/messages.ts'
import { InvalidInputError, OverloadedError } from '../errors.ts'
import type { Placement } from '../fleet/placement.ts'
import { bytesOf } from '../protocol/datatypes.ts'
import type { InferCall } from '../protocol/inference-handler.ts'
import type { InferRequest } from '../protocol/messages.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { Escalation } from './escalation.ts'
import { promisedPercent } from './promised.ts'
import type { Service } from './service.ts'
import { silent } from './start-node.fixture.ts'

const catalogue = {
  input: { name: 'x' },
  output: { name: 'probabilities', shape: [1, 3] },
  variants: [
    { name: 'd0', accuracyPercent: 92.7 },
    { name: 'd1', accuracyPercent: 91 },
    { name: 'd3', accuracyPercent: 89.8 },
  ],
  cascades: [
    {
      small: 'd3',
      large: 'd0',
      points: [
        { margin: 0.4, escalatedPercent: 15, accuracyPercent: 92 },
        { margin: 0.51, escalatedPercent: 20, accuracyPercent: 92.3 },
      ],
    },
  ],
} as unknown as Catalogue

const end = (variant: string): Placement => ({ tier: 'end', variant })
const edge: Placement = { tier: 'edge', variant: 'd0' }

const decisionTo = (to: Placement): DeviceDecision => ({
  session: 's',
  epoch: 1,
  round: 1,
  device: 'device-1',
  placement: end('d3'),
  escalation: { to, margin: 0.51, share: 0.2 },
  fallbackAccuracyPercent: 80,
})

const picture: InferRequest = {
  inputs: [{ name: 'x', datatype: 'UINT8', shape: [1, 4], data: new Uint8Array(4) }],
}

/** An answer of the variant with these probabilities, after 1 ms of queue and 2 of compute. */
function answerOf(variant: string, probabilities: number[], leftMs?: number): Service {
  const data = bytesOf(Float32Array.from(probabilities))
  const tensor = { name: 'probabilities', datatype: 'FP32', shape: [1, 3], data } as const
  const content = { model_name: variant, outputs: [tensor] }
  const left = leftMs === undefined ? {} : { leftMs }
  return { placement: end(variant), content, queueMs: 1, computeMs: 2, networkMs: 0, ...left }
}

const sure = answerOf('d3', [0.1, 0.8, 0.1])
const unsure = answerOf('d3', [0.4, 0.5, 0.1])

interface World {
  readonly to?: Placement
  /** What serves again answers this, after 30 ms; an error is thrown; undefined: no answer. */
  readonly second?: Service | Error
  readonly request?: InferRequest
  readonly isUp?: boolean
}

/** A device whose first answer is here after 3 ms. */
function device({ to = edge, second, request = picture, isUp = true }: World = {}) {
  let nowMs = 103
  const clock: Clock = { nowMs: () => nowMs, sleep: async () => {} }
  const asked: (Placement & { leftMs: number | undefined })[] = []
  const serve = async (placement: Placement, leftMs?: number) => {
    asked.push({ ...placement, leftMs })
    nowMs += 30
    if (second instanceof Error) throw second
    return second
  }
  const local = {
    infer: async (variant: string) => {
      const answer = await serve(end(variant))
      if (answer === undefined) throw new OverloadedError('full')
      return answer
    },
    medianMs: () => 25,
  }
  const escalation = new Escalation({
    catalogue,
    clock,
    logger: silent,
    local: local as never,
    above: {
      isUp: () => isUp,
      serve: async (placement, _request, leftMs) => serve(placement, leftMs),
    },
  })
  const client = new AbortController()
  const call = { signal: client.signal, decode: () => request } as InferCall
  const decided = { call, decision: decisionTo(to), startMs: 100 }
  return {
    escalation,
    decided,
    asked,
    client,
    settle: (first: Service) => escalation.settle(decided, first),
  }
}

const large: Service = { ...answerOf('d0', [0, 0, 1]), placement: edge, queueMs: 4, computeMs: 10 }

describe('a sure answer', () => {
  it('is given at once, and counts what the pair promises', async () => {
    const { settle, asked, escalation } = device()
    const { judged, content } = await settle(sure)
    expect(content).toBe(sure.content)
    expect(judged).toMatchObject({ firstMs: 3, accuracyPercent: 92.3, escalated: false })
    expect(judged?.margin).toBeCloseTo(0.7, 6)
    expect(judged?.fellBack).toBe(false)
    expect(asked).toEqual([])
    expect(escalation.counts).toMatchObject({ answers: 1, unsure: 0, plannedPercent: 20 })
  })
})

describe('an unsure answer', () => {
  it('goes to the edge: of 30 ms away 4 are queue, 10 compute, 16 network; both queues and computes count', async () => {
    const { settle, asked, escalation } = device({ second: large })
    const settled = await settle(unsure)
    expect(settled).toMatchObject({
      placement: edge,
      content: large.content,
      queueMs: 5,
      computeMs: 12,
      networkMs: 16,
      judged: { firstMs: 3, accuracyPercent: 92.3, escalated: true, fellBack: false },
    })
    expect(asked).toEqual([{ ...edge, leftMs: undefined }])
    expect(escalation.counts.ways).toEqual([{ from: 'end/d3', to: 'edge/d0', count: 1 }])
    expect(escalation.counts.seenPercent).toBe(100)
  })

  it('goes on to the large variant here, without network', async () => {
    const { settle } = device({ to: end('d0'), second: { ...large, placement: end('d0') } })
    expect(await settle(unsure)).toMatchObject({
      placement: end('d0'),
      queueMs: 5,
      computeMs: 12,
      networkMs: 0,
      judged: { escalated: true, fellBack: false },
    })
  })

  it.each([
    ['the tier gives no answer', { second: undefined }, 30],
    ['the tier refuses the request', { second: new InvalidInputError('no such variant') }, 30],
    ['the queue here is full', { to: end('d0'), second: new OverloadedError('full') }, 0],
    ['a variant no better than it answers', { second: { ...large, placement: end('d3') } }, 30],
  ])(
    'is given all the same where %s, and counts what it is worth alone',
    async (_what, world, networkMs) => {
      const { settle, asked, escalation } = device(world as World)
      const settled = await settle(unsure)
      expect(settled).toMatchObject({ placement: end('d3'), content: unsure.content, networkMs })
      expect(settled.judged).toMatchObject({
        escalated: true,
        fellBack: true,
        accuracyPercent: 89.8,
      })
      expect(asked).toHaveLength(1)
      expect(escalation.counts.keptBack.unanswered).toBe(1)
    },
  )

  it('ends with its client', async () => {
    const { settle, client } = device({ second: new Error('gone') })
    client.abort()
    await expect(settle(unsure)).rejects.toThrow('gone')
  })

  it('takes the better answer of another variant than the decided one, and promises no more than before', async () => {
    const { settle } = device({ second: { ...large, placement: { tier: 'edge', variant: 'd1' } } })
    const { placement, judged } = await settle(unsure)
    expect(placement.variant).toBe('d1')
    expect(judged).toMatchObject({ escalated: true, fellBack: true, accuracyPercent: 89.8 })
  })
})

describe('an unsure answer that is not passed on', () => {
  it('stays where the deadline leaves less than a second answer took before', async () => {
    const { settle, asked, escalation } = device({ second: large })
    await settle(answerOf('d3', [0.4, 0.5, 0.1], 10)) // nobody knows yet what it takes
    expect(asked).toEqual([{ ...edge, leftMs: 10 }])
    const kept = await settle(answerOf('d3', [0.4, 0.5, 0.1], 29))
    expect(kept.judged).toMatchObject({ escalated: false, fellBack: true, accuracyPercent: 89.8 })
    expect(asked).toHaveLength(1)
    expect(escalation.counts.keptBack.deadline).toBe(1)
    await settle(answerOf('d3', [0.4, 0.5, 0.1], 31))
    expect(asked).toHaveLength(2)
  })

  it('stays here where the large variant usually takes longer than the deadline leaves', async () => {
    const { settle, asked } = device({ to: end('d0'), second: large })
    await settle(answerOf('d3', [0.4, 0.5, 0.1], 24))
    expect(asked).toEqual([])
  })

  it('stays where nobody is up who could serve again, and costs nothing', async () => {
    const { settle, asked, escalation } = device({ second: large, isUp: false })
    const { judged } = await settle(unsure)
    expect(judged).toMatchObject({ escalated: false, fellBack: true, accuracyPercent: 89.8 })
    expect(asked).toEqual([])
    expect(escalation.counts.keptBack).toMatchObject({ down: 1, unanswered: 0 })
    expect(escalation.counts.ways).toEqual([])
    const here = device({ to: end('d0'), second: { ...large, placement: end('d0') }, isUp: false })
    expect((await here.settle(unsure)).placement).toEqual(end('d0'))
  })

  it('stays once too many went on', async () => {
    const { settle, asked, escalation } = device({ second: large })
    for (let request = 0; request < 100; request++) await settle(unsure)
    // 20 at once, and 0.3 more for each of the 100; what comes while the bucket is full is lost
    expect(asked.length).toBeGreaterThanOrEqual(49)
    expect(asked.length).toBeLessThanOrEqual(50)
    expect(escalation.counts.keptBack.budget).toBe(100 - asked.length)
  })

  it('without any margin to read is not sure', async () => {
    const { settle, asked } = device({ second: large })
    const content = { model_name: 'd3', outputs: [] }
    expect((await settle({ ...unsure, content })).judged?.margin).toBe(0)
    expect(asked).toHaveLength(1)
  })
})

it('takes no margin of another variant, which the scheduler let serve for a deadline', async () => {
  const { settle, asked } = device({ second: large })
  const smaller = answerOf('d1', [0.4, 0.5, 0.1], 100)
  expect(await settle(smaller)).toBe(smaller)
  expect(asked).toEqual([])
})

it.each([
  ['several pictures', { inputs: [{ ...picture.inputs[0], shape: [2, 4] }] }, edge],
  ['an answer without probabilities', { ...picture, outputs: [{ name: 'other' }] }, edge],
  [
    'the probabilities asked for by name',
    { ...picture, outputs: [{ name: 'probabilities' }] },
    end('d3'),
  ],
  ['one picture', picture, end('d3')],
])('of %s who serves first is known beforehand', async (_what, request, first) => {
  const { escalation, decided } = device({ request: request as InferRequest })
  expect(await escalation.firstOf(decided)).toEqual(first)
})

it('knows what a decision promises by its pair and margin', () => {
  expect(promisedPercent(catalogue, decisionTo(edge))).toBe(92.3)
  expect(promisedPercent(catalogue, decisionTo(end('d0')))).toBe(92.3)
  expect(promisedPercent(catalogue, decisionTo(end('d1')))).toBeUndefined()
  expect(promisedPercent(catalogue, { placement: end('d3') })).toBeUndefined()
})

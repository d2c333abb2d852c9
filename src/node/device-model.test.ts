import { describe, expect, it } from 'vitest'
import type { Clock } from '../clock.ts'
import type { AnswerReport, DeviceDecision } from '../control/messages.ts'
import { DeadlineError, InvalidInputError, OverloadedError } from '../errors.ts'
import type { InferCall } from '../protocol/inference-handler.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { DeviceModel } from './device-model.ts'
import type { LocalVariants, ServingBounds } from './local-variants.ts'
import type { RemoteAnswer, TierLink } from './tier-link.ts'

/** Time that passes only when something is said to take time. */
class TestClock implements Clock {
  ms = 1000
  nowMs() {
    return this.ms
  }
  async sleep(ms: number) {
    this.ms += ms
  }
}

const catalogue = {
  model: 'm',
  variants: [
    { name: 'd0', accuracyPercent: 90 },
    { name: 'd1', accuracyPercent: 85 },
    { name: 'd2', accuracyPercent: 70 },
  ],
} as unknown as Catalogue

const decision = (tier: 'end' | 'edge' | 'cloud', variant: string): DeviceDecision => ({
  session: 's',
  epoch: 1,
  round: 5,
  device: 'device-1',
  placement: { tier, variant },
  fallbackAccuracyPercent: 80,
})

interface World {
  readonly decision: DeviceDecision
  /** Consulting takes so long; absent: pushed. */
  readonly consultMs?: number
  /** What the edge does, after so long. */
  readonly edge?: { up?: boolean; takesMs: number; answer?: RemoteAnswer; error?: Error }
  readonly cloud?: World['edge']
  /** How many of the catalogue's variants it holds, the last ones. Default: all. */
  readonly held?: number
  readonly localError?: Error
  readonly floorPercent?: number
  readonly goalPercent?: number
}

/** A device whose local inference waits 2 ms, computes 10 ms and costs the node 1 ms. */
function device({ decision, consultMs, edge, cloud, held = 3, localError, ...rest }: World) {
  const clock = new TestClock()
  const asked: { variant: string; timeoutMs: number }[] = []
  /** What stands in for the variant must reach, here and above. */
  const leastPercent: number[] = []
  const warnings: string[] = []
  const observations: AnswerReport[] = []
  const local = {
    async infer(variant: string, _call: InferCall, bounds: ServingBounds) {
      leastPercent.push(bounds.goalAccuracyPercent)
      await clock.sleep(13)
      if (localError) throw localError
      return { content: { model_name: variant, outputs: [] }, queueMs: 2, computeMs: 10 }
    },
    medianMs: (variant: string) => ({ d0: 30, d1: 20, d2: 10 })[variant],
  } as unknown as LocalVariants
  const linkTo = (tier: NonNullable<World['edge']>) =>
    ({
      up: tier.up ?? true,
      async forward(variant: string, _call: InferCall, timeoutMs: number, goalPercent: number) {
        asked.push({ variant, timeoutMs })
        leastPercent.push(goalPercent)
        await clock.sleep(tier.takesMs)
        if (tier.error) throw tier.error
        return tier.answer
      },
    }) as unknown as TierLink
  const model = new DeviceModel({
    catalogue,
    held: { ...catalogue, variants: catalogue.variants.slice(3 - held) },
    local,
    links: { ...(edge && { edge: linkTo(edge) }), ...(cloud && { cloud: linkTo(cloud) }) },
    decisions: {
      async forRequest() {
        if (consultMs !== undefined) await clock.sleep(consultMs)
        return decision
      },
      accept() {},
      announce() {},
      async close() {},
    },
    logger: { warn: (_of: object, text: string) => warnings.push(text) } as never,
    ...rest,
    requestTimeoutMs: 500,
    clock,
    observe: (observation) => observations.push(observation),
    auditShare: 0,
    isIdle: () => true,
    onDoubt() {},
    onLabelled() {},
  })
  const call = {
    signal: new AbortController().signal,
    headers: {},
  } as Partial<InferCall> as InferCall
  return { model, call, asked, observations, leastPercent, warnings }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
const answer: RemoteAnswer = { content: { body: new Uint8Array(1) }, queueMs: 4, computeMs: 6 }

it('serves here: 13 ms are 2 queue, 10 compute, 1 overhead', async () => {
  const { model, call, observations } = device({ decision: decision('end', 'd1') })
  const { content, headers } = await model.infer(call)
  expect(content).toMatchObject({ model_name: 'd1' })
  expect(headers).toMatchObject({
    'x-tierwise-response-ms': '13.000',
    'x-tierwise-network-ms': '0.000',
    'x-tierwise-overhead-ms': '1.000',
  })
  expect(observations).toEqual([])
  await turn()
  expect(observations).toEqual([
    {
      device: 'device-1',
      session: 's',
      round: 5,
      decided: { tier: 'end', variant: 'd1' },
      served: { tier: 'end', variant: 'd1' },
      accuracyPercent: 85,
      responseTimeMs: 13,
      queueMs: 2,
      computeMs: 10,
      networkMs: 0,
      decisionMs: 0,
      failed: false,
    },
  ])
})

it('reports the smaller variant that a tier served for a deadline, and ignores an unknown one', async () => {
  for (const [variant, served, accuracyPercent] of [
    ['d1', 'd1', 85],
    ['d9', 'd0', 90],
  ] as const) {
    const { model, call, observations } = device({
      decision: decision('edge', 'd0'),
      edge: { takesMs: 25, answer: { ...answer, variant } },
    })
    const { headers } = await model.infer(call)
    expect(headers?.['x-tierwise-accuracy']).toBe(String(accuracyPercent))
    await turn()
    expect(observations[0]).toMatchObject({
      decided: { tier: 'edge', variant: 'd0' },
      served: { tier: 'edge', variant: served },
      accuracyPercent,
    })
  }
})

it('forwards: of 25 ms away, 4 are queue and 6 compute over there, 15 network', async () => {
  const { model, call, asked, observations } = device({
    decision: decision('edge', 'd0'),
    edge: { takesMs: 25, answer },
  })
  expect((await model.infer(call)).content).toBe(answer.content)
  await turn()
  expect(asked).toEqual([{ variant: 'd0', timeoutMs: 500 }])
  expect(observations[0]).toMatchObject({
    served: { tier: 'edge', variant: 'd0' },
    accuracyPercent: 90,
    responseTimeMs: 25,
    queueMs: 4,
    computeMs: 6,
    networkMs: 15,
  })
})

it('falls back to the fastest variant of at least 80 %, and counts the vain wait as network', async () => {
  const { model, call, observations } = device({
    decision: decision('edge', 'd0'),
    edge: { takesMs: 500 },
  })
  const { headers } = await model.infer(call)
  expect(headers).toMatchObject({
    'x-tierwise-decided': 'edge/d0',
    'x-tierwise-decision': 'end/d1',
    'x-tierwise-fallback': '1',
  })
  await turn()
  expect(observations[0]).toMatchObject({ responseTimeMs: 513, networkMs: 500, failed: false })
})

it('falls back to what it holds, though that is less accurate than asked for', async () => {
  const { model, call } = device({ decision: decision('edge', 'd0'), held: 1 })
  const { headers } = await model.infer(call)
  expect(headers).toMatchObject({ 'x-tierwise-decision': 'end/d2', 'x-tierwise-accuracy': '70' })
})

it('has the other tier serve where it holds nothing, and says so where that does not answer either', async () => {
  const cloud = { takesMs: 30, answer }
  const client = { decision: decision('edge', 'd0'), held: 0, edge: { takesMs: 100 } }
  const { model, call, observations } = device({ ...client, cloud })
  const { headers } = await model.infer(call)
  expect(headers).toMatchObject({ 'x-tierwise-decision': 'cloud/d0', 'x-tierwise-fallback': '1' })
  await turn()
  expect(observations[0]).toMatchObject({ responseTimeMs: 130, networkMs: 120, computeMs: 6 })
  const alone = device(client)
  await expect(alone.model.infer(alone.call)).rejects.toThrow('device-1 holds no variant')
  await turn()
  expect(alone.observations[0]).toMatchObject({ failed: true })
})

it.each([
  ['down', { up: false, takesMs: 500 }],
  ['not configured', undefined],
])('does not wait for a tier that is %s', async (_what, edge) => {
  const { model, call, asked } = device({
    decision: decision('edge', 'd0'),
    ...(edge && { edge }),
  })
  const { headers } = await model.infer(call)
  expect(headers?.['x-tierwise-response-ms']).toBe('13.000')
  expect(asked).toEqual([])
})

it('waits for others no longer than one time-out in all: asking took 300 of 500 ms', async () => {
  const { model, call, asked, observations } = device({
    decision: decision('edge', 'd0'),
    consultMs: 300,
    edge: { takesMs: 25, answer },
  })
  await model.infer(call)
  await turn()
  expect(asked).toEqual([{ variant: 'd0', timeoutMs: 200 }])
  expect(observations[0]).toMatchObject({ decisionMs: 300, responseTimeMs: 325, networkMs: 15 })
})

it.each([
  ['refuses it for want of room', new OverloadedError('full')],
  ['refuses it for its deadline', new DeadlineError('late')],
  ['answers too late', undefined],
])(
  'tells the whole wait, failed attempt and fallback, of what an edge sheds: it %s',
  async (_how, error) => {
    const { model, call, observations } = device({
      decision: decision('edge', 'd0'),
      edge: { takesMs: 120, ...(error && { error }) },
    })
    await model.infer(call)
    await turn()
    expect(observations).toMatchObject([
      {
        decided: { tier: 'edge', variant: 'd0' },
        served: { tier: 'end', variant: 'd1' },
        ...{
          accuracyPercent: 85,
          responseTimeMs: 133,
          networkMs: 120,
          computeMs: 10,
          failed: false,
        },
      },
    ])
  },
)

it('observes a request that failed here', async () => {
  const localError = new OverloadedError('full')
  const { model, call, observations } = device({ decision: decision('end', 'd0'), localError })
  await expect(model.infer(call)).rejects.toBe(localError)
  await turn()
  expect(observations[0]).toMatchObject({ failed: true, served: { tier: 'end', variant: 'd0' } })
})

it.each([
  [{ decision: decision('end', 'd0'), localError: new InvalidInputError('shape') }],
  [
    {
      decision: decision('edge', 'd0'),
      edge: { takesMs: 1, error: new InvalidInputError('shape') },
    },
  ],
])('neither observes nor repeats a request that was wrong: %o', async (world: World) => {
  const { model, call, observations } = device(world)
  await expect(model.infer(call)).rejects.toThrow('shape')
  await turn()
  expect(observations).toEqual([])
})

describe('under a floor of 85 %', () => {
  const floorPercent = 85
  /** Of an orchestrator that knows no floors. */
  const below = (tier: 'end' | 'edge' | 'cloud') => ({
    ...decision(tier, 'd2'),
    fallbackAccuracyPercent: 60,
  })

  it.each(['end', 'edge', 'cloud'] as const)(
    'does not obey %s/d2 of 70 %: the fastest variant that may serve here does, and the log says so once',
    async (tier) => {
      const edge = { takesMs: 25, answer }
      const { model, call, asked, warnings, observations } = device({
        ...{ decision: below(tier), edge, cloud: edge, floorPercent },
      })
      for (let request = 0; request < 2; request++) {
        const { headers } = await model.infer(call)
        expect(headers).toMatchObject({
          'x-tierwise-decided': `${tier}/d2`,
          'x-tierwise-decision': 'end/d1',
          'x-tierwise-fallback': '1',
          'x-tierwise-accuracy': '85',
        })
      }
      expect(asked).toEqual([])
      expect(warnings).toEqual([
        'not obeying a decision: it promises 70 %, below the floor of 85 % of device-1',
      ])
      await turn()
      expect(observations[0]).toMatchObject({ decided: { variant: 'd2' }, accuracyPercent: 85 })
    },
  )

  it('holds what may stand in to it, here and above, and not below what the goal asks', async () => {
    const here = device({ decision: { ...decision('end', 'd0') }, floorPercent })
    await here.model.infer(here.call)
    const edge = { takesMs: 25, answer }
    const above = device({ decision: decision('edge', 'd0'), edge, floorPercent })
    await above.model.infer(above.call)
    const goal = device({ decision: decision('end', 'd0'), floorPercent: 75 })
    await goal.model.infer(goal.call)
    expect([here, above, goal].map(({ leastPercent }) => leastPercent)).toEqual([[85], [85], [80]])
  })

  it('gives no answer of a tier that is below it, though that knows no floors', async () => {
    const edge = { takesMs: 25, answer: { ...answer, variant: 'd2' } }
    const { model, call } = device({ decision: decision('edge', 'd0'), edge, floorPercent })
    const { headers } = await model.infer(call)
    expect(headers).toMatchObject({
      'x-tierwise-decision': 'end/d1',
      'x-tierwise-network-ms': '25.000',
    })
  })

  it('has the tiers above serve where nothing here may, and refuses where they do not answer', async () => {
    const world = { decision: below('edge'), held: 1, floorPercent }
    const served = device({ ...world, edge: { takesMs: 100 }, cloud: { takesMs: 30, answer } })
    const { headers } = await served.model.infer(served.call)
    expect(headers).toMatchObject({ 'x-tierwise-decision': 'cloud/d0', 'x-tierwise-fallback': '1' })
    expect(served.asked.map(({ variant }) => variant)).toEqual(['d0', 'd0'])
    const alone = device({ ...world, edge: { takesMs: 100 } })
    await expect(alone.model.infer(alone.call)).rejects.toThrow(
      'device-1 holds no variant of at least 85 %',
    )
    await turn()
    expect(alone.observations[0]).toMatchObject({ failed: true })
  })
})

describe('with a goal of its own', () => {
  it('obeys what is below it, as the average may keep it, but lets nothing below it stand in', async () => {
    const obeyed = device({ decision: decision('end', 'd2'), goalPercent: 85 })
    const { headers } = await obeyed.model.infer(obeyed.call)
    expect([headers?.['x-tierwise-decision'], obeyed.leastPercent]).toEqual(['end/d2', [85]])
    const edge = { up: false, takesMs: 1 }
    const standingIn = async (goalPercent: number) => {
      const { model, call } = device({ decision: decision('edge', 'd0'), edge, goalPercent })
      return (await model.infer(call)).headers?.['x-tierwise-decision']
    }
    // Where none reaches it, the most accurate does.
    expect([await standingIn(85), await standingIn(99)]).toEqual(['end/d1', 'end/d0'])
  })
})

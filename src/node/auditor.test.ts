import { beforeEach, describe, expect, it } from 'vitest'
import type { DeviceDecision } from '../control/messages.ts'
import type { Placement } from '../fleet/placement.ts'
import { bytesOf } from '../protocol/datatypes.ts'
import type { InferCall } from '../protocol/inference-handler.ts'
import { Random } from '../random.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { Auditor, type AuditorOptions } from './auditor.ts'
import type { Service } from './service.ts'

const catalogue = {
  output: { name: 'y', shape: [1, 3] },
  variants: [{ name: 'd0' }, { name: 'd3' }],
} as unknown as Catalogue
const end = (variant: string): Placement => ({ tier: 'end', variant })
const EDGE: Placement = { tier: 'edge', variant: 'd0' }
const plain: DeviceDecision = {
  session: 's',
  epoch: 1,
  round: 1,
  device: 'one',
  placement: end('d0'),
  fallbackAccuracyPercent: 0,
}
const cascade = (to: Placement): DeviceDecision => ({
  ...plain,
  placement: end('d3'),
  escalation: { to, margin: 0.5, share: 0.2 },
})
const call = { signal: new AbortController().signal } as InferCall

/** Says class 1, with this margin. */
function content(model_name: string, margin: number, sayClass = 1) {
  const scores = Float32Array.from([0, 1, 2], (each) => (each === sayClass ? margin : 0))
  const y = { name: 'y', datatype: 'FP32', shape: [1, 3], data: bytesOf(scores) } as const
  return { model_name, outputs: [y] }
}

let audits: boolean[]
let judged: [boolean, number][]
let asked: string[]
let waiting: (() => void)[]
let inDoubt: string | undefined

beforeEach(() => {
  audits = []
  judged = []
  asked = []
  waiting = []
  inDoubt = undefined
})

interface World {
  readonly share?: number
  readonly isIdle?: () => boolean
  /** What the small variant, and the large one, say now. */
  readonly small?: ReturnType<typeof content>
  readonly large?: ReturnType<typeof content> | undefined
  /** Every audit waits until it is let go on. */
  readonly isSlow?: boolean
}

function auditor(world: World = {}): Auditor {
  const { share = 1, isIdle = () => true, isSlow = false } = world
  const { small = content('d3', 0.9), large = content('d0', 1) } = world
  const answer = async (text: string) => {
    asked.push(text)
    if (isSlow) await new Promise<void>((resolve) => waiting.push(resolve))
    return text === 'end/d3' ? small : large
  }
  const times = { queueMs: 0, computeMs: 0 }
  const options = {
    catalogue,
    local: {
      infer: async (variant: string) => ({ content: await answer(`end/${variant}`), ...times }),
    },
    above: {
      serve: async (placement: Placement) => {
        if ('large' in world && world.large === undefined) return undefined
        return { placement, content: await answer('edge/d0'), ...times }
      },
    },
    watch: {
      get inDoubt() {
        return inDoubt
      },
      judged: (isUnsure: boolean, planned: number) => judged.push([isUnsure, planned]),
      audited: (isAgreed: boolean) => audits.push(isAgreed),
    },
    share,
    isIdle,
    clock: { nowMs: () => 0, sleep: async () => {} },
    random: new Random(1),
  }
  return new Auditor(options as unknown as AuditorOptions)
}

function answered(decision: DeviceDecision, margin: number, changes: Partial<Service> = {}) {
  const times = { queueMs: 0, computeMs: 0, networkMs: 0 }
  const outcome = { firstMs: 1, accuracyPercent: 90, escalated: false, fellBack: false }
  const { placement, escalation } = decision
  const service: Service = {
    placement,
    content: content(placement.variant, margin),
    ...times,
    ...(escalation && { judged: { ...outcome, margin } }),
    ...changes,
  }
  return { request: { call, decision, startMs: 0 }, service }
}

const turns = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('a sure answer', () => {
  it.each([EDGE, end('d0')])(
    'is compared with what the variant says that unsure ones go to: %o',
    async (to) => {
      auditor().answered(answered(cascade(to), 0.9))
      auditor({ large: content('d0', 1, 2) }).answered(answered(cascade(to), 0.9))
      await turns()
      expect(asked).toEqual(Array(2).fill(`${to.tier}/d0`))
      expect(audits).toEqual([true, false])
    },
  )

  it('is audited as often as stated', async () => {
    const some = auditor({ share: 0.02 })
    for (let answer = 0; answer < 5000; answer++) {
      some.answered(answered(cascade(EDGE), 0.9))
      if (answer % 10 === 0) await new Promise(setImmediate)
    }
    await turns()
    expect(audits.length + some.dropped).toBeGreaterThan(70)
    expect(audits.length + some.dropped).toBeLessThan(130)
  })

  it('is left where nobody answers, or another variant does', async () => {
    auditor({ large: undefined }).answered(answered(cascade(EDGE), 0.9))
    auditor({ large: content('d1', 1) }).answered(answered(cascade(end('d0')), 0.9))
    await turns()
    expect(audits).toEqual([])
  })
})

it('audits no unsure answer, none that no decision escalates, and none at share 0', async () => {
  auditor().answered(answered(cascade(EDGE), 0.4))
  auditor().answered(answered(plain, 0.9))
  auditor({ share: 0 }).answered(answered(cascade(EDGE), 0.9))
  await turns()
  expect(asked).toEqual([])
})

it('leaves what a busy node has no time for, and lets no more than four wait', async () => {
  const busy = auditor({ isIdle: () => false })
  busy.answered(answered(cascade(EDGE), 0.9))
  await turns()
  expect([asked.length, busy.dropped]).toEqual([0, 1])
  const slow = auditor({ isSlow: true })
  for (let answer = 0; answer < 10; answer++) slow.answered(answered(cascade(EDGE), 0.9))
  await turns()
  expect([asked.length, slow.dropped]).toEqual([1, 5])
  for (let answer = 0; answer < 5; answer++) {
    waiting.shift()?.()
    await turns()
  }
  expect(audits).toHaveLength(5)
})

describe('a device in doubt', () => {
  /** It escalated once, then plays safe. */
  async function doubting(world: World, requests: number): Promise<void> {
    const one = auditor({ ...world, share: 0 })
    one.answered(answered(cascade(EDGE), 0.9))
    inDoubt = 'turned'
    for (let request = 0; request < requests; request++) {
      one.answered(answered(plain, 0.9))
      await new Promise(setImmediate)
    }
    await turns()
  }

  it('asks the small variant beside a fifth of its answers, and compares the sure ones', async () => {
    await doubting({}, 200)
    expect(judged.length).toBeGreaterThan(20)
    expect(judged.length).toBeLessThan(60)
    expect(judged[0]).toEqual([false, 0.2])
    expect(audits).toEqual(judged.map(() => true))
    expect(new Set(asked)).toEqual(new Set(['end/d3']))
  })

  it('hears that it would still be unsure', async () => {
    await doubting({ small: content('d3', 0.1) }, 50)
    expect(judged[0]).toEqual([true, 0.2])
    expect(audits).toEqual([])
  })
})

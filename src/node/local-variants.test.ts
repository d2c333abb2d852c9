import { expect, it } from 'vitest'
import { DeadlineError, OverloadedError } from '../errors.ts'
import type { InferCall } from '../protocol/inference-handler.ts'
import type { InferRequest } from '../protocol/messages.ts'
import type { InferOptions } from '../serving/intelligent-service.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { LocalVariants } from './local-variants.ts'
import { RequestTermsReader } from './request-terms.ts'

const catalogue = { variants: [{ name: 'd0', accuracyPercent: 90 }] } as unknown as Catalogue

/** A service whose inferences take the given times, one after the other. */
function variantsTaking(...timesMs: number[]) {
  const service = {
    variants: ['d0', 'd1'],
    serviceTimesMs: { d0: 20 },
    admit: () => undefined,
    infer: async (variant: string, _request: InferRequest, { terms }: InferOptions = {}) => {
      if (terms) throw new Error('no request here has a deadline')
      return { variant, outputs: [], queueMs: 1, computeMs: timesMs.shift() ?? 0, batch: 1 }
    },
  }
  const local = new LocalVariants(service, new RequestTermsReader(catalogue), {
    prepare: async (request) => request,
  })
  const bounds = { spentMs: 0, goalAccuracyPercent: 0 }
  return {
    infer: (variant: string, call: InferCall) => local.infer(variant, call, bounds),
    medianMs: (variant: string) => local.medianMs(variant),
    told: () => local.told(),
  }
}

const call = (id?: string) =>
  ({
    signal: new AbortController().signal,
    decode: () => ({ inputs: [], ...(id !== undefined && { id }) }),
  }) as unknown as InferCall

it('answers with the variant’s name, and the id only when there is one', async () => {
  const local = variantsTaking(7, 7)
  expect(await local.infer('d3', call('one'))).toEqual({
    content: { model_name: 'd3', model_version: '1', id: 'one', outputs: [] },
    queueMs: 1,
    computeMs: 7,
  })
  expect((await local.infer('d3', call())).content).not.toHaveProperty('id')
})

it('knows the median of the latest fifteen times of each variant', async () => {
  const local = variantsTaking(9, 1, 5, ...Array(15).fill(30), 2)
  expect(local.medianMs('d0')).toBeUndefined()
  await local.infer('d0', call())
  expect(local.medianMs('d0')).toBe(9)
  await local.infer('d0', call())
  await local.infer('d0', call())
  expect(local.medianMs('d0')).toBe(5)
  for (let count = 0; count < 15; count++) await local.infer('d0', call())
  expect(local.medianMs('d0')).toBe(30)
  await local.infer('d1', call())
  expect([local.medianMs('d0'), local.medianMs('d1')]).toEqual([30, 2])
})

it('tells what the warm-up measured, until services have drifted from it for good', async () => {
  const local = variantsTaking(...Array(15).fill(29), ...Array(15).fill(31), ...Array(15).fill(22))
  const [first, ...others] = [{ name: 'd0', serviceTimeMs: 20 }, { name: 'd1' }]
  expect(local.told()).toEqual([first, ...others])
  const serve = async (count: number) => {
    for (let served = 0; served < count; served++) await local.infer('d0', call())
  }
  await serve(15)
  expect(local.told()[0]).toEqual(first)
  await serve(15)
  expect(local.told()[0]).toEqual({ name: 'd0', serviceTimeMs: 31 })
  await serve(15)
  // 31 is not 1.5 times as long as 22: it is told on.
  expect(local.told()[0]).toEqual({ name: 'd0', serviceTimeMs: 31 })
})

it('counts what it served, late or in time, and what it refused for want of time or room', async () => {
  const outcomes = [new DeadlineError('no time'), new OverloadedError('no room'), new Error('bug')]
  const refused = async () => {
    const error = outcomes.shift()
    if (error) throw error
    return { variant: 'd0', outputs: [], batch: 1, queueMs: 0, computeMs: 1 }
  }
  const admit = () => {
    throw new DeadlineError('no time')
  }
  const service = { variants: ['d0'], serviceTimesMs: {}, admit, infer: refused }
  const local = new LocalVariants(service, new RequestTermsReader(catalogue), {
    prepare: async (request) => request,
  })
  const infer = (spentMs: number, deadlineMs?: number) => {
    const parameters = deadlineMs === undefined ? {} : { deadline_ms: deadlineMs }
    const asked = { ...call(), decode: () => ({ inputs: [], parameters }) }
    return local.infer('d0', asked, { spentMs, goalAccuracyPercent: 0 })
  }
  for (const message of ['no time', 'no room', 'bug']) {
    await expect(infer(0)).rejects.toThrow(message)
  }
  expect(() => local.admit('d0', { 'x-tierwise-deadline-ms': '5' })).toThrow('no time')
  expect(local.admitted).toEqual({ served: 0, late: 0, refused: 3 })
  await infer(0)
  await infer(0, 60_000)
  await infer(60_001, 60_000)
  expect(local.admitted).toEqual({ served: 3, late: 1, refused: 3 })
})

import { beforeEach, describe, expect, it } from 'vitest'
import { schemas } from '../control/messages.ts'
import { AdmissionWindow } from './admission.ts'

const START_MS = 1000
let window: AdmissionWindow
let totals: { served: number; late: number; refused: number; workedMs: number }

beforeEach(() => {
  window = new AdmissionWindow(START_MS)
  totals = { served: 0, late: 0, refused: 0, workedMs: 0 }
})

/** @param happened until then, since the update before */
function saidAfter(seconds: number, happened: Partial<typeof totals> = {}, workers = 1) {
  const { served = 0, late = 0, refused = 0, workedMs = 0 } = happened
  totals = {
    served: totals.served + served,
    late: totals.late + late,
    refused: totals.refused + refused,
    workedMs: totals.workedMs + workedMs,
  }
  return window.update(START_MS + 1000 * seconds, totals, { workers, serviceTimeMs: 80 })
}

describe('the load that a node can still take', () => {
  it('is not known before any time has passed', () => {
    expect(saidAfter(0)).toBeUndefined()
  })

  it('is what its workers could serve, before the first request by the service time that is known', () => {
    expect(saidAfter(2, {}, 2)).toMatchObject({ requests: 0, spareRequestsPerS: 25 })
    const unknown = new AdmissionWindow(0).update(1000, totals, { workers: 2 })
    expect(unknown).not.toHaveProperty('spareRequestsPerS')
  })

  it('is what idle workers could serve beside, at the pace of late', () => {
    // 40 ms each, for 1.2 of 4 worker-seconds: 2.8 more are 70 requests in 2 s.
    expect(saidAfter(2, { served: 30, workedMs: 1200 }, 2)?.spareRequestsPerS).toBeCloseTo(35, 9)
  })

  it('is none where all workers are busy', () => {
    expect(saidAfter(2, { served: 20, workedMs: 2000 })?.spareRequestsPerS).toBe(0)
  })
})

describe('what happened', () => {
  it('counts for the newest five seconds alone', () => {
    for (let second = 1; second <= 4; second++) saidAfter(second, { served: 10, workedMs: 500 })
    expect(saidAfter(5, { served: 10 })).toMatchObject({ windowSeconds: 5, requests: 50 })
    expect(saidAfter(6, { served: 1, refused: 1 })).toMatchObject({
      windowSeconds: 5,
      requests: 42,
    })
    expect(saidAfter(60)).toMatchObject({ requests: 0, late: 0, refused: 0 })
  })

  it('is kept within a bound, however often it is asked', () => {
    for (let step = 1; step <= 10_000; step++) saidAfter(step / 1000, { served: 1 })
    expect(saidAfter(10, {})).toMatchObject({ requests: 5000, windowSeconds: 5 })
    expect(Reflect.get(window, 'samples').length).toBeLessThanOrEqual(102)
  })

  it('is always a message as the control plane takes it', () => {
    const said = saidAfter(1, { served: 9, late: 4, refused: 3, workedMs: 1000 })
    const { admission } = schemas.telemetry.options[1].shape.service.shape
    expect(admission.parse(said)).toEqual(said)
  })
})

describe('load is shed', () => {
  const busy = { workedMs: 1000 }

  it('from a tenth of the requests on, be they late or refused', () => {
    expect(saidAfter(1, { ...busy, served: 91, late: 4, refused: 5 })?.sheds).toBe(false)
    expect(saidAfter(2, { ...busy, served: 89, late: 5, refused: 11 })?.sheds).toBe(true)
  })

  it('until hardly any is', () => {
    expect(saidAfter(1, { ...busy, served: 10, refused: 10 })?.sheds).toBe(true)
    expect(saidAfter(2, { ...busy, served: 90 })?.sheds).toBe(true)
    expect(saidAfter(7, { ...busy, served: 97, refused: 3 })?.sheds).toBe(true)
    expect(saidAfter(13, { ...busy, served: 99, refused: 1 })?.sheds).toBe(false)
  })

  it('no longer when nobody asks any more', () => {
    expect(saidAfter(1, { ...busy, served: 10, refused: 10 })?.sheds).toBe(true)
    expect(saidAfter(7)?.sheds).toBe(false)
  })

  it('not where two refusals may be chance', () => {
    expect(saidAfter(1, { ...busy, refused: 2 })?.sheds).toBe(false)
    expect(saidAfter(2, { ...busy, refused: 1 })?.sheds).toBe(true)
  })

  it('where workers are idle too: what cannot be read in time is shed as well', () => {
    expect(saidAfter(1, { refused: 9 })).toMatchObject({ sheds: true, spareRequestsPerS: 12.5 })
  })
})

import { describe, expect, it } from 'vitest'
import { exampleLadder } from '../../scheduling/example-node.fixture.ts'
import { ServiceTimes } from '../../scheduling/service-times.ts'
import { Tally } from '../../scheduling/tally.ts'
import { PolicyGuard } from './policy-guard.ts'

// Variants of 1, 2 and 4 ms: deciding may take 0.1 ms.
const ladder = exampleLadder()
const times = new ServiceTimes(ladder, { recalibrate: false })
const node = { times, workers: 1, queueLimit: 8, earlyRefusal: true }

function guarded() {
  const live = new Tally(ladder)
  const guard = new PolicyGuard(live, node)
  let nowMs = 0
  /** Requests that the rule would serve with the largest variant, and the live node with this one; late: not in time. */
  const window = (variant: number, isOnTime: (request: number) => boolean = () => true) => {
    for (let request = 0; request < 250; request++) {
      nowMs += 10
      guard.arrive(
        { deadlineMs: nowMs + 20, priority: 5, lowestVariant: 0, highestVariant: 2 },
        nowMs,
      )
      live.served(variant, isOnTime(request))
    }
    nowMs += 5
    return guard.judge(nowMs)
  }
  return { guard, window }
}

describe('the time to decide', () => {
  it('is judged by its median over 101 decisions', () => {
    const { guard } = guarded()
    const verdicts = Array.from({ length: 101 }, (_, index) => guard.decided(index < 51 ? 0.2 : 0))
    expect(verdicts.slice(0, 100)).toEqual(Array(100).fill(undefined))
    expect(verdicts[100]).toBe(
      'it takes 0.200 ms to decide, more than a tenth of the shortest service',
    )
  })

  it('may be long now and then: a machine has other things to do', () => {
    const { guard } = guarded()
    for (let index = 0; index < 505; index++) {
      expect(guard.decided(index % 3 === 0 ? 50 : 0.1)).toBeUndefined()
    }
  })
})

describe('the answers', () => {
  it('are judged when two windows in a row were worse', () => {
    const { window } = guarded()
    expect(window(1)).toBeUndefined()
    expect(window(1)).toContain('80.0 % over the last 250 requests')
  })

  it('count as 0 when late', () => {
    const { window } = guarded()
    const onTime = (request: number) => request % 10 > 0
    expect(window(2, onTime)).toBeUndefined()
    expect(window(2, onTime)).toContain('90.0 %')
  })

  it('are compared with those of uniform-fit in the same hold-ups, however small the variants that met them', () => {
    const { guard, window } = guarded()
    // Of ten services of 1 ms one is held up for 12.
    for (let service = 0; service < 64; service++) guard.served(0, 0, service % 10 === 0 ? 13 : 1)
    expect(window(0)).toBeUndefined()
    expect(window(0)).toMatch(/50.0 % .* anticipating-fit would have had 9/)
  })

  it('may be worse once, and two points worse for ever', () => {
    const { window } = guarded()
    for (let round = 0; round < 3; round++) {
      expect(window(0)).toBeUndefined()
      expect(window(2)).toBeUndefined()
    }
    // 4 of 250 late: 98.4 %.
    for (let round = 0; round < 3; round++) {
      expect(window(2, (request) => request > 3)).toBeUndefined()
    }
  })

  it('are not judged before there are enough', () => {
    const { guard } = guarded()
    expect(guard.judge(1000)).toBeUndefined()
  })
})

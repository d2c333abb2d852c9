import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { requestsOf, ServingNode } from '../simulation/node/serving-node.ts'
import { exampleLadder } from './example-node.fixture.ts'
import { largest, smallest } from './policies/rules.ts'
import { uniformFit } from './policies/uniform-fit.ts'
import { ServiceTimes } from './service-times.ts'
import { ShadowNode } from './shadow-node.ts'

const ladder = exampleLadder()
const node = {
  times: new ServiceTimes(ladder, { recalibrate: false }),
  queueLimit: 32,
  earlyRefusal: false,
}
const request = (deadlineMs: number, highestVariant = 2) => {
  return { deadlineMs, priority: 0, lowestVariant: 0, highestVariant }
}

describe('a shadow node', () => {
  it('comes to what the simulator comes to', () => {
    const random = new Random(7)
    let nowMs = 0
    const arrivalsMs = Array.from({ length: 3000 }, () => {
      nowMs -= 1.5 * Math.log(1 - random.uniform())
      return nowMs
    })
    for (const workers of [1, 3]) {
      const real = { ...node, workers }
      const requests = requestsOf(arrivalsMs, 9)
      const simulated = new ServingNode({ ...real, ladder, requests, random, noise: 0 }).run(
        uniformFit(),
      )
      const shadow = new ShadowNode(uniformFit(), real)
      for (const { arrivalMs, ...each } of requests) {
        shadow.arrive({ ...each, highestVariant: 2 }, arrivalMs)
      }
      shadow.advance(nowMs + 100)
      expect([...shadow.tally.onTime]).toEqual([...simulated.onTime])
      expect(shadow.tally.violations).toBe(simulated.violations)
    }
  })

  it('is held up as long as the live node is, service by service', () => {
    const shadow = new ShadowNode(largest(), { ...node, workers: 1 })
    // Services of 1 and 2 ms: as usual, and 4 ms longer.
    shadow.observeService(0, 0, 1)
    shadow.observeService(1, 0, 6)
    // 4 ms, then 8 ms, then 4 ms again.
    shadow.arrive(request(100), 0)
    shadow.arrive(request(11.9), 0)
    shadow.arrive(request(100), 0)
    shadow.advance(15.9)
    expect([shadow.tally.onTime[2], shadow.tally.late[2]]).toEqual([1, 1])
    shadow.advance(16)
    expect(shadow.tally.onTime[2]).toBe(2)
  })

  it('takes at least half its usual time', () => {
    const shadow = new ShadowNode(smallest(), { ...node, workers: 1 })
    // 3 ms less than the largest variant usually takes: more than the smallest takes at all.
    shadow.observeService(2, 0, 1)
    shadow.arrive(request(100), 0)
    shadow.advance(0.49)
    expect(shadow.tally.settled).toBe(0)
    shadow.advance(0.5)
    expect(shadow.tally.onTime[0]).toBe(1)
  })
})

it('a shadow node serves requests without a deadline as asked, and counts none', () => {
  const shadow = new ShadowNode(largest(), { ...node, workers: 1 })
  shadow.arrive({ ...request(Number.POSITIVE_INFINITY, 1), lowestVariant: 1 }, 0)
  // It waits for the 2 ms.
  shadow.arrive(request(7), 0)
  shadow.advance(100)
  expect([...shadow.tally.onTime]).toEqual([0, 0, 1])
  expect(shadow.tally.settled).toBe(1)
})

describe('a shadow node asks its policy', () => {
  it('and answers with no larger a variant than was asked for', () => {
    const shadow = new ShadowNode(largest(), { ...node, workers: 1 })
    shadow.arrive(request(100, 1), 0)
    shadow.advance(2)
    expect([...shadow.tally.onTime]).toEqual([0, 1, 0])
  })

  it('again in time when it waits', () => {
    const usual = smallest()
    let asked = 0
    const shadow = new ShadowNode(
      {
        ...usual,
        decide: (seen) => (asked++ === 0 ? seen.actions.wait : usual.decide(seen)),
      },
      { ...node, workers: 1 },
    )
    shadow.arrive(request(50), 0)
    shadow.advance(40)
    expect(shadow.tally.settled).toBe(0)
    shadow.advance(50)
    expect([...shadow.tally.onTime]).toEqual([1, 0, 0])
  })
})

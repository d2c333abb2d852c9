import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../errors.ts'
import type { Action } from '../../scheduling/action.ts'
import { exampleLadder } from '../../scheduling/example-node.fixture.ts'
import type { Observation } from '../../scheduling/observation.ts'
import type { ParsedPolicy } from '../../scheduling/policies/parse.ts'
import { smallest } from '../../scheduling/policies/rules.ts'
import { Scheduler } from '../../scheduling/scheduler.ts'
import type { ShadowRequest } from '../../scheduling/shadow-node.ts'
import { PolicyInForce } from './policy-in-force.ts'

const ladder = exampleLadder()
const shadow = { workers: 1, queueLimit: 16, earlyRefusal: true }

/** A node in simulated time whose services take as long as profiled. */
function nodeWith(policy = 'largest') {
  const scheduler = new Scheduler<ShadowRequest>({
    ...shadow,
    ladder,
    margin: 1,
    recalibrate: false,
  })
  const givenUp: string[] = []
  const inForce = new PolicyInForce({
    policy,
    scheduler,
    node: { times: scheduler.times, workers: 1, deadlineMs: 20 },
    shadow,
    onGivenUp: (reason) => givenUp.push(reason),
  })
  let busyUntilMs = 0
  /** One request, served at once or not at all. @returns the variant that served */
  const serve = (atMs: number, deadlineMs = 20): number | undefined => {
    const nowMs = Math.max(atMs, busyUntilMs)
    const request = {
      deadlineMs: atMs + deadlineMs,
      priority: 5,
      lowestVariant: 0,
      highestVariant: 2,
    }
    scheduler.arrive(request, nowMs)
    inForce.arrived(request, nowMs)
    const seen = scheduler.observe(nowMs)
    const job = seen && inForce.decide(seen, performance.now())
    if (job === undefined) return undefined
    busyUntilMs = nowMs + 2 ** job.variant
    scheduler.finish(job, busyUntilMs)
    inForce.served({ ...job, startedAtMs: nowMs }, busyUntilMs)
    return job.variant
  }
  const misfits = (misfit: ParsedPolicy['misfit']) =>
    inForce.replace(
      { policy: smallest(), isLearned: true, ...(misfit && { misfit }) },
      'from learned.json',
    )
  const learned = (decide: (seen: Observation) => Action) => {
    const policy = { name: 'network', decide, save: () => undefined, restore: () => {} }
    inForce.replace({ policy, isLearned: true }, 'from learned.json')
  }
  return { inForce, serve, learned, misfits, givenUp }
}

describe('the policy in force', () => {
  it('is that of the start until a file brings another', () => {
    const { inForce, serve } = nodeWith()
    expect([inForce.name, inForce.reason, serve(0)]).toEqual([
      'largest',
      'as the node was started',
      2,
    ])
    inForce.replaceBy('{"policy": "smallest"}', 'from policy.json')
    expect([inForce.name, inForce.reason, serve(10)]).toEqual(['smallest', 'from policy.json', 0])
  })

  it.each(['', '[]', '{"policy": "best"}', '{"format": "tierwise-scheduling-network-1"}'])(
    'stays when a file holds %j',
    (text) => {
      const { inForce, serve } = nodeWith()
      expect(() => inForce.replaceBy(text, 'from policy.json')).toThrow(ConfigError)
      expect([inForce.name, serve(0)]).toEqual(['largest', 2])
    },
  )

  it('is held against service times once these are those of many services', () => {
    const { serve, misfits, givenUp } = nodeWith()
    const asked: number[] = []
    misfits((times) => {
      asked.push(times.usualMs(0, 0))
      return 'another ladder'
    })
    for (let request = 0; request < 199; request++) serve(20 * request)
    expect(asked).toEqual([])
    serve(4000)
    expect(asked).toHaveLength(1)
    expect(givenUp).toEqual(['smallest was given up: another ladder'])
    serve(4020)
    expect(asked).toHaveLength(1)
  })
})

describe('a policy that does not do well', () => {
  it('gives up what throws, and decides all the same', () => {
    const { inForce, serve, learned, givenUp } = nodeWith()
    learned(() => {
      throw new Error('NaN')
    })
    expect(serve(0)).toBe(2)
    expect(inForce.name).toBe('anticipating-fit')
    expect(inForce.reason).toBe('network was given up: NaN')
    expect(givenUp).toEqual([inForce.reason])
  })

  it('gives up what chooses the impossible', () => {
    const { inForce, serve, learned } = nodeWith()
    learned(({ actions }) => actions.serve(2, 0))
    expect(serve(0, 3)).toBe(1)
    expect(inForce.reason).toMatch(/^network was given up: action .* is not allowed/)
  })

  it('gives up a learned policy that answers worse than the rule would', () => {
    const { inForce, serve, learned } = nodeWith()
    learned(({ actions }) => actions.serve(0, 0))
    let request = 0
    while (inForce.name === 'network' && request < 2000) serve(10 * request++)
    // Twice 250: with the first arrival of the third window it is known.
    expect(request).toBeGreaterThanOrEqual(500)
    expect(request).toBeLessThan(510)
    expect(inForce.reason).toContain(
      'effective accuracy 50.0 % over the last 250 requests, where anticipating-fit would have had 100.0 %',
    )
  })

  it('leaves alone a built-in policy that does the same: it was asked for by name', () => {
    const { inForce, serve } = nodeWith('smallest')
    for (let request = 0; request < 1000; request++) serve(10 * request)
    expect(inForce.name).toBe('smallest')
  })

  it('leaves alone a learned policy that is as good', () => {
    const { inForce, serve, learned } = nodeWith()
    learned(({ actions }) => actions.serve(2, 0))
    for (let request = 0; request < 1000; request++) serve(10 * request)
    expect(inForce.name).toBe('network')
  })
})

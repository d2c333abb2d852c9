/** What every SchedulingPolicy promises. */
import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { ServingNode, type SimulatedRequest } from '../simulation/node/serving-node.ts'
import type { Action } from './action.ts'
import { createLadder, type Ladder } from './ladder.ts'
import { isAllowed, type Observation } from './observation.ts'
import type { SchedulingPolicy } from './scheduling-policy.ts'
import { ServiceTimes } from './service-times.ts'

/** The node that a policy is created for. */
export interface PolicySetup {
  readonly ladder: Ladder
  readonly times: ServiceTimes
  readonly workers: number
  readonly deadlineMs: number
}

const DEADLINE_MS = 20
/** MobileNetV1 at four widths, in ms and top-1 percent. */
const VARIANTS: readonly (readonly [serviceMs: number, accuracyPercent: number])[] = [
  [0.46, 49.8],
  [1.26, 63.3],
  [2.83, 68.4],
  [4.99, 70.9],
]

/**
 * @param create a fresh policy for a node; called once for each test
 * @param batches whether the policy is made for ladders with batches too
 */
export function describePolicy(
  name: string,
  create: (setup: PolicySetup) => SchedulingPolicy,
  { batches }: { readonly batches: boolean },
): void {
  const setups: [string, PolicySetup][] = [
    ['one worker', setupOf(1, [1])],
    ['three workers', setupOf(3, [1])],
  ]
  if (batches) {
    setups.push(['batches', setupOf(1, [1, 2, 4, 8])])
    setups.push(['batches of its smaller variants alone', setupOf(1, [1, 2, 4, 8], 2)])
  }
  describe.each(setups)(`${name} with %s, as a SchedulingPolicy`, (_, setup) => {
    it('chooses what is allowed, whatever the load, deadlines, priorities and accepted variants', () => {
      const node = new ServingNode({ ...setup, requests: mixedRequests(2000), ...seeded(1) })
      const policy = create(setup)
      const wrong: Action[] = []
      let decisions = 0
      for (let seen = node.next(); seen; seen = node.next()) {
        const action = policy.decide(seen)
        const isKnown = seen.actions.all[action.index] === action
        if (!isKnown || !isAllowed(seen, action)) wrong.push(action)
        node.act(isAllowed(seen, action) ? action : seen.actions.drop)
        decisions += 1
      }
      expect(wrong).toEqual([])
      expect(decisions).toBeGreaterThan(100)
      expect(node.tally.settled).toBe(2000)
    })

    it('leaves the observation as it was', () => {
      const policy = create(setup)
      const changed: string[] = []
      const few = { requests: mixedRequests(100), queueLimit: 10 }
      const node = new ServingNode({ ...setup, ...few, ...seeded(2) })
      for (let seen = node.next(); seen; seen = node.next()) {
        const before = textOf(seen)
        const action = policy.decide(seen)
        if (textOf(seen) !== before) changed.push(before)
        node.act(action)
      }
      expect(changed).toEqual([])
    })

    it('goes on from a restored state as if it had not been interrupted', () => {
      const first = create(setup)
      const choices = run(first, setup, 3)
      const saved = structuredClone(first.save())
      const second = create(setup)
      second.restore(saved)
      expect(second.save()).toEqual(saved)
      expect(run(second, setup, 4)).toEqual(run(first, setup, 4))
      expect(run(create(setup), setup, 3)).toEqual(choices)
    })

    it.each(['rubbish', 42, { a: 1 }, null])('refuses to restore %j', (saved) => {
      expect(() => create(setup).restore(saved)).toThrow('restore')
    })

    it('answers lone requests in time', () => {
      const lone = Array.from({ length: 50 }, (_, index) => request(index * 100, DEADLINE_MS))
      const node = new ServingNode({ ...setup, requests: lone, ...seeded(5) })
      expect(node.run(create(setup)).violations).toBe(0)
    })
  })
}

/** @param batching variants that are served in batches, the smallest. Default: all */
function setupOf(
  workers: number,
  batchSizes: readonly number[],
  batching = VARIANTS.length,
): PolicySetup {
  const variants = VARIANTS.map(([serviceMs, accuracyPercent], index) => {
    const sizes = index < batching ? batchSizes : [1]
    const serviceTimesMs = sizes.map((size) => serviceMs * (0.75 + 0.25 * size))
    return { name: `v${index}`, accuracyPercent, serviceTimesMs }
  })
  const ladder = createLadder(variants, batchSizes)
  return { ladder, times: new ServiceTimes(ladder), workers, deadlineMs: DEADLINE_MS }
}

function seeded(seed: number): { readonly random: Random } {
  return { random: new Random(seed) }
}

function request(arrivalMs: number, slackMs: number): SimulatedRequest {
  return { arrivalMs, deadlineMs: arrivalMs + slackMs, priority: 0, lowestVariant: 0 }
}

/** Quiet and crowded by turns; deadlines from hopeless to lax. */
function mixedRequests(count: number): SimulatedRequest[] {
  const random = new Random(6)
  let arrivalMs = 0
  return Array.from({ length: count }, (_, index) => {
    arrivalMs += index % 200 < 100 ? 8 * random.uniform() : 0.6 * random.uniform()
    return {
      ...request(arrivalMs, 0.3 + 2 * DEADLINE_MS * random.uniform()),
      priority: random.integer(3),
      lowestVariant: random.uniform() < 0.2 ? random.integer(VARIANTS.length) : 0,
    }
  })
}

/** Indices of all actions chosen. */
function run(policy: SchedulingPolicy, setup: PolicySetup, seed: number): number[] {
  const node = new ServingNode({ ...setup, requests: mixedRequests(300), ...seeded(seed) })
  const chosen: number[] = []
  for (let seen = node.next(); seen; seen = node.next()) {
    const action = policy.decide(seen)
    chosen.push(action.index)
    node.act(action)
  }
  return chosen
}

function textOf({ times, actions: _, ...seen }: Observation): string {
  return JSON.stringify([seen, times.plannedMs])
}

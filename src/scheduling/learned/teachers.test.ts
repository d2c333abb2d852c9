import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { requestsOf, ServingNode } from '../../simulation/node/serving-node.ts'
import { observationOf } from '../example-node.fixture.ts'
import { uniformFitDrop } from '../policies/uniform-fit.ts'
import { HindsightTeacher } from './hindsight-teacher.ts'
import { PAIRS_NODE } from './pairs.fixture.ts'
import { RollOutTeacher } from './roll-out-teacher.ts'

// Variants of 1, 2 and 4 ms and 50, 80 and 100 %, planned without a margin.
const node = { ...PAIRS_NODE, deadlineMs: 5 }
const teachers = [
  ['hindsight', HindsightTeacher],
  ['roll-outs', RollOutTeacher],
] as const

describe.each(teachers)('the teacher by %s', (_, Teacher) => {
  it('finds that a large variant costs the next its accuracy', () => {
    // The second comes 0.5 ms later: until 5.5 ms it can have what the first leaves.
    const teacher = new Teacher(Float64Array.of(0, 0.5), node, 0)
    const seen = observationOf({ slacksMs: [5] })
    const { actions } = seen
    // Large: done at 4, then small until 5. Middle: at 2, then middle until 4. Small: at 1, then large until 5.
    expect(teacher.worth(seen, 0, actions.serve(2, 0))).toBeCloseTo(150, 6)
    expect(teacher.worth(seen, 0, actions.serve(1, 0))).toBeCloseTo(160, 6)
    expect(teacher.worth(seen, 0, actions.serve(0, 0))).toBeCloseTo(150, 6)
    expect(teacher.worth(seen, 0, actions.drop)).toBeCloseTo(100, 6)
  })

  it('charges violations their price', () => {
    const teacher = new Teacher(Float64Array.of(0), node, 0.5)
    const seen = observationOf({ slacksMs: [5] })
    expect(teacher.worth(seen, 0, seen.actions.drop)).toBeCloseTo(-50, 6)
    expect(teacher.worth(seen, 0, seen.actions.serve(2, 0))).toBeCloseTo(100, 6)
  })

  it('counts what waits behind the head', () => {
    const arrivalsMs = Float64Array.of(0, 0, 0)
    const teacher = new Teacher(arrivalsMs, node, 0)
    const seen = observationOf({ slacksMs: [5, 5, 5] })
    // 5 ms for three: two small and one middle, or small ones while the large blocks: 4 + 1.
    expect(teacher.worth(seen, 0, seen.actions.serve(2, 0))).toBeCloseTo(150, 6)
    const best = teacher.worth(seen, 0, seen.actions.serve(0, 0))
    expect(best).toBeGreaterThan(150)
    // Of the second onwards there is less.
    expect(teacher.worth(seen, 1, seen.actions.serve(2, 0))).toBeCloseTo(150, 6)
    expect(teacher.worth(seen, 2, seen.actions.serve(2, 0))).toBeCloseTo(100, 6)
  })
})

describe('the teacher by roll-outs', () => {
  it('lets uniform-fit decide from then on, as a whole simulation does', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = new Random(seed)
      let nowMs = 0
      const arrivalsMs = Float64Array.from({ length: 9 }, () => {
        nowMs += 0.6 * random.uniform()
        return nowMs
      })
      // All within one deadline, so that nothing is left to value in hindsight.
      const wide = { ...node, workers: 2, deadlineMs: 20 }
      const options = { ...wide, margin: 1, recalibrate: false, noise: 0 }
      const requests = requestsOf(arrivalsMs, wide.deadlineMs)
      const simulated = new ServingNode({ ...options, requests, random: new Random(1) })
      const seen = simulated.next()
      if (seen === undefined) throw new Error('no decision')
      const teacher = new RollOutTeacher(arrivalsMs, wide, 0)
      const action = seen.actions.serve(random.integer(3), 0)
      const worth = teacher.worth(seen, 0, action)
      simulated.act(action)
      const { onTime } = simulated.run(uniformFitDrop())
      const total = [50, 80, 100].reduce((sum, a, variant) => sum + a * (onTime[variant] ?? 0), 0)
      expect(worth).toBeCloseTo(total, 6)
    }
  })

  it('knows that more workers have more time', () => {
    const arrivalsMs = Float64Array.of(0, 0, 0, 0)
    const four = new RollOutTeacher(arrivalsMs, { ...node, workers: 4 }, 0)
    const seen = observationOf({ slacksMs: [5, 5, 5, 5], workers: 4 })
    expect(four.worth(seen, 0, seen.actions.serve(2, 0))).toBeCloseTo(400, 6)
  })

  it('takes batches to answer all in them', () => {
    const batches = observationOf({ slacksMs: [5, 5], batchSizes: [1, 2] })
    const { ladder } = batches.times
    const teacher = new RollOutTeacher(Float64Array.of(0, 0), { ...node, ladder }, 0)
    // Both by the middle one together: 3 ms.
    expect(teacher.worth(batches, 0, batches.actions.serve(1, 1))).toBeCloseTo(160, 6)
  })
})

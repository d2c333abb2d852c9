import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { HYBRID, type Hyperparameters } from '../agents/hyperparameters.ts'
import type { Experience } from '../replay/experience.ts'
import { openConstraint, problemOf, suggestionOf, viewOf } from './planning.fixture.ts'
import { type VerifiedOptions, VerifiedPlanning } from './verified.ts'

const problem = problemOf(1, 4)
const state = { features: Float32Array.of(0.5), goalPercent: 0, available: [] }

function planningWith(
  hyperparameters: Partial<Hyperparameters>,
  options: Partial<VerifiedOptions> = {},
): VerifiedPlanning {
  return new VerifiedPlanning({
    problem,
    constraint: openConstraint(problem),
    hyperparameters: { ...HYBRID, ...hyperparameters },
    random: new Random(1),
    policyCosts: () => Float32Array.of(1, 2, 3, 4),
    ...options,
  })
}

function experience(changes: Partial<Experience> = {}): Experience {
  const { features } = state
  return { features, decision: [1], cost: 100, nextFeatures: features, ...changes }
}

describe('A', () => {
  const system = viewOf(problem, [400, 100, 300, 200])

  it('is what draws name, as promising, then the best by the mean', () => {
    const planning = planningWith({ candidates: 3, draws: 2 })
    // Without doubt both draws name the best.
    expect(planning.suggest(state, system)).toEqual([
      suggestionOf([1], true),
      suggestionOf([3]),
      suggestionOf([2]),
    ])
  })

  it('has more draws than candidates cut to the candidates', () => {
    const unsure = viewOf(problem, [100, 100, 100, 100], [50, 50, 50, 50])
    for (let seed = 0; seed < 20; seed++) {
      const planning = planningWith({ candidates: 2, draws: 50 }, { random: new Random(seed) })
      expect(planning.suggest(state, unsure)).toHaveLength(2)
    }
  })

  it('holds each promising as often as it may be the best', () => {
    const unsure = viewOf(problem, [100, 100, 900, 900], [10, 10, 10, 10])
    const planning = planningWith({ candidates: 4, draws: 1 })
    const promising = Array.from(
      { length: 400 },
      () => planning.suggest(state, unsure).find((each) => each.isPromising)?.decision[0],
    )
    const share = (choice: number) => promising.filter((each) => each === choice).length / 400
    expect(share(0)).toBeCloseTo(0.5, 1)
    expect(share(0) + share(1)).toBe(1)
  })

  it('has, beside it, the doubtful that a draw holds best', () => {
    const constraint = { ...openConstraint(problem), doubtful: () => Uint32Array.of(0, 2) }
    const planning = planningWith({ candidates: 2, draws: 1, doubts: 1 }, { constraint })
    expect(planning.suggest(state, system)).toEqual([
      suggestionOf([1], true),
      suggestionOf([2], true),
    ])
  })

  it('is what Q holds best where Q proposes', () => {
    const ablation = { ...HYBRID.ablation, policyProposes: true }
    const planning = planningWith({ ablation, candidates: 3, draws: 2 })
    expect(planning.suggest(state, system)).toEqual([
      suggestionOf([0], true),
      suggestionOf([1], true),
      suggestionOf([2]),
    ])
  })
})

describe('the verdict', () => {
  // Now 100 ms. A try pays from 90 ms on; two deviations of a difference are 2 · √(50² + 50²) = 141 ms.
  const system = viewOf(problem, [100, 131, 132, 300], [50, 50, 50, 50])
  const settings = { sureness: 2, worthwhile: 0.1 }

  function judged(choice: number, isPromising: boolean, planned?: Experience, isReal = true) {
    const planning = planningWith(settings)
    planning.suggest(state, system)
    return planning.judge(suggestionOf([choice], isPromising), system, planned, isReal)
  }

  it.each([
    // gap + 10 ms against 141 ms
    [1, 'try'], // 31 + 10
    [2, 'try'], // 32 + 10
    [3, 'predict'], // 200 + 10
  ] as const)('is, of the promising choice %i that D_plan does not have: %s', (choice, verdict) => {
    expect(judged(choice, true)).toBe(verdict)
  })

  it('leaves what is neither promising nor sure, and what is promising in an imagined state', () => {
    expect(judged(1, false)).toBe('leave')
    expect(judged(1, true, undefined, false)).toBe('leave')
    expect(judged(3, false, undefined, false)).toBe('predict')
  })

  it('refreshes what D_plan has, but tries what it has by prediction alone', () => {
    expect(judged(1, true, experience())).toBe('refresh')
    expect(judged(1, true, experience({ predicted: true }))).toBe('try')
    expect(judged(1, false, experience({ predicted: true }))).toBe('refresh')
    expect(judged(3, true, experience({ predicted: true }))).toBe('refresh')
    expect(judged(1, true, experience({ predicted: true }), false)).toBe('refresh')
  })

  it('lies just where the gap outweighs the doubt', () => {
    const verdictAt = (timeMs: number) => {
      const view = viewOf(problem, [100, timeMs, 900, 900], [30, 40, 0, 0])
      const planning = planningWith(settings)
      planning.suggest(state, view)
      return planning.judge(suggestionOf([1], true), view, undefined, true)
    }
    // 2 · √(30² + 40²) = 100 ms, of which 10 ms are the worth of a try.
    expect(verdictAt(189)).toBe('try')
    expect(verdictAt(191)).toBe('predict')
  })

  it('is never sure where Q proposes', () => {
    const ablation = { ...HYBRID.ablation, policyProposes: true }
    const planning = planningWith({ ...settings, ablation })
    planning.suggest(state, system)
    expect(planning.judge(suggestionOf([3], true), system, undefined, true)).toBe('try')
    expect(planning.judge(suggestionOf([3]), system, undefined, true)).toBe('leave')
  })
})

it('knows a decision by the state as well', () => {
  const planning = planningWith({})
  expect(planning.key([1, 2], Float32Array.of(0, 1))).toBe('1,2 in 0,1')
  const keys = [[0], [1]].flatMap((decision) =>
    [0, 1].map((feature) => planning.key(decision, Float32Array.of(feature))),
  )
  expect(new Set(keys).size).toBe(4)
})

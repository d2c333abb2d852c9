import { beforeEach, describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { AccuracyWatch } from './accuracy-watch.ts'

let nowMs = 0
let changes = 0
const clock = { nowMs: () => nowMs, sleep: async () => {} }
const watching = () => new AccuracyWatch(clock, () => changes++)

beforeEach(() => {
  nowMs = 0
  changes = 0
})

/** Answers until it rings, or all of them. */
function answersUntilDoubt(
  watch: AccuracyWatch,
  random: Random,
  { share, planned = 0.2, answers }: { share: number; planned?: number; answers: number },
): number {
  for (let answer = 1; answer <= answers; answer++) {
    watch.judged(random.uniform() < share, planned)
    if (watch.inDoubt !== undefined) return answer
  }
  return Infinity
}

describe('the share of unsure answers', () => {
  it.each([0.05, 0.2, 0.22, 0.4])(
    'of clean traffic at %d never rings in 20 × 100,000 answers',
    (share) => {
      for (let seed = 1; seed <= 20; seed++) {
        const planned = share === 0.22 ? 0.2 : share
        const traffic = { share, planned, answers: 100_000 }
        expect(answersUntilDoubt(watching(), new Random(seed), traffic)).toBe(Infinity)
      }
    },
  )

  it.each([
    ['rotated by 15°', 0.61, 150],
    ['noise', 0.48, 200],
    ['blurred', 0.29, 5000],
  ])('of pictures that are %s rings soon after clean ones, median of 15', (_what, share, most) => {
    const delays = Array.from({ length: 15 }, (_, seed) => {
      const watch = watching()
      const random = new Random(seed + 1)
      answersUntilDoubt(watch, random, { share: 0.2, answers: 2000 })
      return answersUntilDoubt(watch, random, { share, answers: 20_000 })
    })
    expect(delays.toSorted((a, b) => a - b)[7]).toBeLessThanOrEqual(most)
  })

  it('rings for pictures that are wrong from the first on', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const traffic = { share: 0.61, answers: 300 }
      expect(answersUntilDoubt(watching(), new Random(seed), traffic)).toBeLessThanOrEqual(300)
    }
  })

  it('is a device’s own: one that sees 24 % unsure where 20 % are planned is not doubted', () => {
    const traffic = { share: 0.24, answers: 100_000 }
    expect(answersUntilDoubt(watching(), new Random(3), traffic)).toBe(Infinity)
  })
})

describe('audits', () => {
  /** The watch of a device whose larger variant usually disagrees in 2 % of the audits, then in `later`. */
  function auditsUntilDoubt(later: number, seed: number, audits: number): number {
    const watch = watching()
    const random = new Random(seed)
    for (let audit = 0; audit < 1000; audit++) watch.audited(random.uniform() >= 0.02)
    expect(watch.inDoubt).toBeUndefined()
    for (let audit = 1; audit <= audits; audit++) {
      watch.audited(random.uniform() >= later)
      if (watch.inDoubt !== undefined) return audit
    }
    return Infinity
  }

  it('ring where the larger variant disagrees with 12 % instead of 2 %, and not where nothing changes', () => {
    const delays = Array.from({ length: 15 }, (_, seed) => auditsUntilDoubt(0.12, seed + 1, 5000))
    expect(delays.toSorted((a, b) => a - b)[7]).toBeLessThanOrEqual(500)
    for (let seed = 1; seed <= 15; seed++) expect(auditsUntilDoubt(0.02, seed, 5000)).toBe(Infinity)
  })

  it('are counted', () => {
    const watch = watching()
    for (const isAgreed of [true, false, true]) watch.audited(isAgreed)
    expect(watch.audits).toEqual({ audited: 3, agreed: 2 })
  })
})

describe('a doubt', () => {
  /** A device whose pictures have just been found turned. */
  function inDoubt(): AccuracyWatch {
    const watch = watching()
    for (let answer = 0; answer < 100; answer++) watch.judged(true, 0.2)
    expect(watch.inDoubt).toContain('20 % planned')
    expect(changes).toBe(1)
    return watch
  }

  it('is lifted after 300 clean answers and a minute, not sooner', () => {
    const watch = inDoubt()
    for (let answer = 0; answer < 299; answer++) watch.judged(false, 0.2)
    nowMs = 59_999
    watch.judged(false, 0.2)
    expect(watch.inDoubt).toBeDefined()
    nowMs = 60_000
    watch.judged(false, 0.2)
    expect(watch.inDoubt).toBeUndefined()
    expect(changes).toBe(2)
  })

  it('stays as long as the pictures do', () => {
    const watch = inDoubt()
    const random = new Random(1)
    for (let answer = 0; answer < 20_000; answer++) {
      nowMs += 100
      watch.judged(random.uniform() < 0.5, 0.2)
    }
    expect(watch.inDoubt).toBeDefined()
    expect(changes).toBe(1)
  })

  it('is lifted by who knows better, and what is seen then is normal', () => {
    const watch = inDoubt()
    watch.accept()
    expect(watch.inDoubt).toBeUndefined()
    const random = new Random(1)
    const shirts = { share: 0.53, answers: 20_000 }
    expect(answersUntilDoubt(watch, random, shirts)).toBe(Infinity)
    expect(answersUntilDoubt(watch, random, { share: 0.9, answers: 500 })).toBeLessThan(500)
    watch.accept()
    watch.accept()
    expect(changes).toBe(4)
  })
})

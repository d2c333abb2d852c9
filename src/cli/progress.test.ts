import { afterEach, describe, expect, test, vi } from 'vitest'
import { formatBar, formatSeconds, Progress } from './progress.ts'

afterEach(() => vi.restoreAllMocks())

describe('formatBar', () => {
  test.each([
    [0, '░'.repeat(24), '0 %'],
    [0.5, `${'█'.repeat(12)}${'░'.repeat(12)}`, '50 %'],
    [0.999, `${'█'.repeat(23)}░`, '99 %'],
    [1, '█'.repeat(24), '100 %'],
    [1.7, '█'.repeat(24), '100 %'],
    [-1, '░'.repeat(24), '0 %'],
  ])('%d', (share, bar, percent) => {
    expect(formatBar(share)).toBe(`${bar} ${percent.padStart(5)}`)
  })
})

describe('formatSeconds', () => {
  test.each([
    [0.2, '1 s'],
    [59, '59 s'],
    [60, '1 min 0 s'],
    [250, '4 min 10 s'],
    [7500, '2 h 5 min'],
  ])('%d s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text)
  })
})

describe('Progress where standard error is no terminal', () => {
  test('shows a line at most every ten seconds', () => {
    const written: unknown[] = []
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written.push(text)
      return true
    })
    let nowMs = 0
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
    const progress = new Progress()
    for (const atMs of [1, 9999, 10_000, 10_001, 20_000]) {
      nowMs = atMs
      progress.update(() => `at ${atMs}`)
    }
    progress.end()
    expect(written).toEqual(['at 10000\n', 'at 20000\n'])
  })
})

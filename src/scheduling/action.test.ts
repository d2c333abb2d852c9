import { describe, expect, it } from 'vitest'
import { ActionSpace } from './action.ts'

describe('ActionSpace', () => {
  it('numbers serve row by row, then drop, then wait', () => {
    const actions = new ActionSpace(2, 3)
    expect(actions.all.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(actions.serve(1, 2)).toEqual({ kind: 'serve', index: 5, variant: 1, batch: 2 })
    expect(actions.drop).toEqual({ kind: 'drop', index: 6 })
    expect(actions.wait).toEqual({ kind: 'wait', index: 7 })
    expect(actions.size).toBe(8)
  })
})

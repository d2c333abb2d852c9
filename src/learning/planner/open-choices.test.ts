import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { layOut } from './lay-out.ts'
import { SAMPLE_SHAPES, sampleProblem } from './sample-problems.fixture.ts'

describe('the choices that are open', () => {
  it.each(SAMPLE_SHAPES)('are those of the instance, by row and tier (%s)', (shape) => {
    for (let seed = 101; seed < 111; seed++) {
      const size = { devices: 30, edges: 3, goalPercent: 85 }
      const problem = sampleProblem({ ...size, shape, cascades: true }, new Random(seed))
      const { open, ...instance } = layOut(problem)
      const { devices, choices, firstEdge, firstCloud, own, loss, load, levels } = instance
      if (!open) throw new Error('loads are fractions here')
      const bounds = [0, firstEdge, firstCloud, choices]
      for (let part = 0; part < 3 * devices; part++) {
        const row = Math.floor(part / 3)
        const columns = [...Array(choices).keys()].slice(bounds[part % 3], bounds[(part % 3) + 1])
        const at = (column: number) => row * choices + column
        const isOpen = columns.filter((column) => own[at(column)] !== instance.closedMs)
        const told = <Of extends ArrayLike<number>>(values: Of) =>
          Array.from(values).slice(open.first[part], open.first[part + 1])
        expect(told(open.column)).toEqual(isOpen)
        expect(told(open.own)).toEqual(isOpen.map((column) => own[at(column)]))
        expect(told(open.loss)).toEqual(isOpen.map((column) => loss[column]))
        const units = isOpen.map((column) => load[at(column)])
        const isAtEnd = part % 3 === 0
        expect(told(open.level)).toEqual(units.map((each) => (isAtEnd ? 0 : levels.indexOf(each))))
      }
    }
  })
})

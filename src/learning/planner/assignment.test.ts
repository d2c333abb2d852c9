import { expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { Assignment } from './assignment.ts'
import { keepsGoal, totalMs } from './brute-force.fixture.ts'
import { layOut } from './lay-out.ts'
import { SAMPLE_SHAPES, sampleProblem } from './sample-problems.fixture.ts'

test.each(SAMPLE_SHAPES)(
  '%s: what it counts is what its decision says, after any moves',
  (shape) => {
    const random = new Random(5)
    const problem = sampleProblem({ devices: 30, edges: 3, goalPercent: 80, shape }, random)
    const instance = layOut(problem)
    const edgeOfRow = Array.from(instance.deviceOf, (device) => problem.edgeOf[device])
    const assignment = new Assignment(instance)
    assignment.take(Uint16Array.from({ length: 30 }, () => random.integer(instance.choices)))
    let feasible = 0
    for (let moves = 0; moves < 300; moves++) {
      const row = random.integer(30)
      // Mostly to the device itself, so that some of them meet the goal.
      const to = random.uniform() < 0.7 ? random.integer(2) : random.integer(instance.choices)
      assignment.move(row, edgeOfRow[row], to)
      const { decision } = assignment
      const expectedMs = totalMs(problem, decision)
      const meets = keepsGoal(problem, decision)
      expect(assignment.isFeasible).toBe(meets && expectedMs < Number.POSITIVE_INFINITY)
      if (assignment.isFeasible) {
        feasible++
        expect(assignment.totalMs).toBeCloseTo(expectedMs, 6)
      }
      const recounted = new Assignment(instance)
      recounted.take(assignment.column)
      expect(recounted).toEqual(assignment)
    }
    expect(feasible).toBeGreaterThan(shape === 'odd' ? 0 : 20)
  },
)

test('one edge taken from another assignment leaves the rest', () => {
  const options = { devices: 12, edges: 3, goalPercent: 80, shape: 'identical' as const }
  const instance = layOut(sampleProblem(options, new Random(1)))
  const [one, other] = [new Assignment(instance), new Assignment(instance)]
  one.take(new Uint16Array(12))
  other.take(new Uint16Array(12).fill(instance.choices - 1))
  one.takeEdge(other, 1)
  expect(one.cloudUsers).toBe(4)
  expect([0, 1, 2].map((edge) => one.cloudUsersOf(edge))).toEqual([0, 4, 0])
})

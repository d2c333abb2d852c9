import { expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { Bound } from './bound.ts'
import { withCloudUsers } from './cloud-users.ts'
import { Dual } from './dual.ts'
import { layOut } from './lay-out.ts'
import { SAMPLE_SHAPES, sampleProblem } from './sample-problems.fixture.ts'

test.each(SAMPLE_SHAPES)('%s: the cloud has as many users as asked for', (shape) => {
  const options = { devices: 60, edges: 3, goalPercent: 85, shape }
  const dual = new Dual(layOut(sampleProblem(options, new Random(2))))
  const most = dual.instance.cloudTotals.length - 1
  const bound = new Bound(dual)
  bound.ascend()
  for (const cloudUsers of [0, 1, Math.floor(most / 3), Math.floor(most / 2)]) {
    const assignment = withCloudUsers(dual, bound.ascendFor(cloudUsers), cloudUsers)
    expect(assignment.cloudUsers).toBe(cloudUsers)
    const { column } = assignment
    expect(column.filter((at) => at >= dual.instance.firstCloud)).toHaveLength(cloudUsers)
  }
})

test('those go to the cloud who lose least by it', () => {
  const choices = (['end', 'cloud'] as const).map((tier) => ({
    placement: { tier, variant: 'd0' },
    accuracyPercent: 90,
  }))
  const dual = new Dual(
    layOut({
      devices: 4,
      choices,
      ownTimesMs: Float64Array.from([100, 10, 100, 40, 100, 20, 100, 30]),
      edgeOf: new Int32Array(4),
      edgeCurvesMs: [new Float64Array(0)],
      cloudCurveMs: Float64Array.from([50, 50, 50, 50]),
      goalPercent: 0,
    }),
  )
  for (const cloudMs of [0, 75, 500]) {
    const assignment = withCloudUsers(dual, { accuracyMs: 0, cloudMs }, 2)
    expect(assignment.decision).toEqual([1, 0, 1, 0])
  }
})

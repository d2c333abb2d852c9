/** The same problem as a mixed-integer linear program: what an independent solver is asked, to compare. */

import highs from 'highs'
import { hundredthsOf, neededHundredths } from '../../fleet/goal.ts'
import { beyondMs, timeMs, usedBy } from './brute-force.fixture.ts'
import type { PlanningProblem } from './problem.ts'

// Declared as a CommonJS module, loaded as an ES module.
const { solve } = await (highs as unknown as typeof highs.default)()

/** @returns the lowest total response time, ms; undefined where HiGHS finds none within the time */
export function solveByHighs(problem: PlanningProblem, mostSeconds: number): number | undefined {
  const { Status, ObjectiveValue } = solve(linearProgram(problem), {
    mip_rel_gap: 1e-10,
    mip_abs_gap: 1e-7,
    time_limit: mostSeconds,
  })
  return Status === 'Optimal' ? ObjectiveValue : undefined
}

/**
 * In CPLEX LP format. The objective is the total response time; a binary says of each node which load it has, in users or their
 * twentieths.
 */
function linearProgram(problem: PlanningProblem): string {
  const { devices, choices, ownTimesMs, edgeCurvesMs, cloudCurveMs, goalPercent } = problem
  const perUser = choices.some(({ escalation }) => escalation) ? 20 : 1
  const objective: string[] = []
  const constraints: string[] = []
  const binaries: string[] = []
  const binary = (name: string, cost: number) => {
    binaries.push(name)
    objective.push(`${cost < 0 ? '-' : '+'} ${Math.abs(cost)} ${name}`)
    return name
  }
  const curves = [...edgeCurvesMs, cloudCurveMs]
  const usersOf = curves.map((): string[] => [])
  const accuracy: string[] = []
  for (let device = 0; device < devices; device++) {
    const taken: string[] = []
    for (const [choice, { accuracyPercent }] of choices.entries()) {
      const ownMs = ownTimesMs[device * choices.length + choice]
      const used = usedBy(problem, device, choice)
      if (ownMs === Infinity || used?.curve.length === 0) continue
      const name = binary(
        `x${device}_${choice}`,
        ownMs + (used ? beyondMs(used.curve, used.share) : 0),
      )
      taken.push(name)
      accuracy.push(`+ ${hundredthsOf(accuracyPercent)} ${name}`)
      if (used) {
        const units = Math.round(used.share * perUser)
        usersOf[curves.indexOf(used.curve)]?.push(units === 1 ? name : `${units} ${name}`)
      }
    }
    constraints.push(`one${device}: ${taken.join(' + ')} = 1`)
  }
  constraints.push(`goal: ${accuracy.join(' ')} >= ${neededHundredths(goalPercent, devices)}`)
  for (const [node, users] of usersOf.entries()) {
    const curve = curves[node] ?? new Float64Array(0)
    if (users.length === 0) continue
    const counts = Array.from({ length: curve.length * perUser + 1 }, (_, units) => {
      const load = units / perUser
      return binary(`n${node}_${units}`, units === 0 ? 0 : load * timeMs(curve, load))
    })
    constraints.push(`count_${node}: ${counts.join(' + ')} = 1`)
    const counted = counts.slice(1).map((name, index) => ` - ${index + 1} ${name}`)
    constraints.push(`users_${node}: ${users.join(' + ')}${counted.join('')} = 0`)
  }
  return `Minimize\n ${objective.join('\n ')}\nSubject To\n${constraints.map((row) => ` ${row.replaceAll(' + ', '\n + ')}`).join('\n')}\nBinary\n ${binaries.join('\n ')}\nEnd\n`
}

/** The same problem as a mixed-integer linear program: what an independent solver is asked, to compare. */

import highs from 'highs'
import { hundredthsOf, neededHundredths } from '../../fleet/goal.ts'
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

/** In CPLEX LP format. The objective is the total response time; a binary says of each node how many users it has. */
function linearProgram(problem: PlanningProblem): string {
  const { devices, choices, ownTimesMs, edgeOf, edgeCurvesMs, cloudCurveMs, goalPercent } = problem
  const objective: string[] = []
  const constraints: string[] = []
  const binaries: string[] = []
  const binary = (name: string, cost: number) => {
    binaries.push(name)
    objective.push(`${cost < 0 ? '-' : '+'} ${Math.abs(cost)} ${name}`)
    return name
  }
  const usersOf = new Map<string, string[]>()
  const accuracy: string[] = []
  for (let device = 0; device < devices; device++) {
    const taken: string[] = []
    for (const [choice, { placement, accuracyPercent }] of choices.entries()) {
      const ownMs = ownTimesMs[device * choices.length + choice]
      if (ownMs === Infinity) continue
      const name = binary(`x${device}_${choice}`, ownMs)
      taken.push(name)
      accuracy.push(`+ ${hundredthsOf(accuracyPercent)} ${name}`)
      const node = placement.tier === 'edge' ? `e${edgeOf[device]}` : placement.tier
      if (node !== 'end') usersOf.set(node, [...(usersOf.get(node) ?? []), name])
    }
    constraints.push(`one${device}: ${taken.join(' + ')} = 1`)
  }
  constraints.push(`goal: ${accuracy.join(' ')} >= ${neededHundredths(goalPercent, devices)}`)
  for (const [node, users] of usersOf) {
    const curve = node === 'cloud' ? cloudCurveMs : (edgeCurvesMs[Number(node.slice(1))] ?? [])
    const counts = [binary(`${node}_0`, 0)]
    for (const [index, ms] of curve.entries())
      counts.push(binary(`${node}_${index + 1}`, (index + 1) * ms))
    constraints.push(`count_${node}: ${counts.join(' + ')} = 1`)
    const counted = counts.slice(1).map((name, index) => ` - ${index + 1} ${name}`)
    constraints.push(`users_${node}: ${users.join(' + ')}${counted.join('')} = 0`)
  }
  return `Minimize\n ${objective.join('\n ')}\nSubject To\n${constraints.map((row) => ` ${row.replaceAll(' + ', '\n + ')}`).join('\n')}\nBinary\n ${binaries.join('\n ')}\nEnd\n`
}

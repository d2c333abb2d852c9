/**
 * Loads that are a fraction of a user. What escalates a share p of its requests to a node is p of a user there. With B requests of
 * others it expects p · E g(1 + B); on a straight curve that is p · g(1 + W - p), W the load of all together, so for all users of a node
 *
 *     sum_i p_i g(1 + W - p_i) = W · g(W) + slope · sum_i p_i (1 - p_i)
 *
 * The first term is all that couples the devices, the second is each device's own. Below one user the curve goes on as the straight line
 * through g(1) and g(2). Loads count in whole units: users where every load is one, else twentieths of a user. What rounding p to w units
 * leaves out goes into the device's own part, p · g(1) - w · g(w): so whoever is alone at a node takes exactly p · g(1).
 *
 * Users count alike whatever they run. At a node that shares its processor two requests meet for as long as the shorter of them, so where
 * small variants share a node a plan promises too much time, and no weight by size makes that exact (`paper/escalation/pairs.ts`).
 */
import { loadedTier, loadOf } from '../../fleet/choice.ts'
import type { PlanningProblem } from './problem.ts'

/** Of a user, where loads are not whole. */
const FRACTIONS = 20

/** The share of a device's requests that a choice sends to its node; 0 at the device itself. */
export function shareOf(
  { choices, loads }: Pick<PlanningProblem, 'choices' | 'loads'>,
  device: number,
  choice: number,
): number {
  if (loadedTier(choices[choice]) === 'end') return 0
  return loads?.[device * choices.length + choice] ?? loadOf(choices[choice])
}

/** 1, or how many units a user is where some choice loads a node with less than one. */
export function unitsPerUser(problem: Pick<PlanningProblem, 'choices' | 'loads'>): number {
  const { choices, loads } = problem
  const isShared = choices.map((choice) => loadedTier(choice) !== 'end')
  const isFraction = (share: number, at: number) => share !== 1 && isShared[at % choices.length]
  const hasFraction = loads ? loads.some(isFraction) : choices.map(loadOf).some(isFraction)
  return hasFraction ? FRACTIONS : 1
}

/** Whole units of a share, one at least. */
export function unitsOf(share: number, perUser: number): number {
  return Math.max(1, Math.round(share * perUser))
}

/** g at so many units, ms; not a number beyond the curve. */
export function curveAt(curveMs: Float64Array, units: number, perUser: number): number {
  const users = Math.floor(units / perUser)
  const part = units / perUser - users
  const below = curveMs[users - 1]
  if (part === 0 || (users >= 1 && below === undefined)) return below ?? Number.NaN
  if (users === 0) {
    const [first = Number.NaN, second = first] = curveMs
    return first - (1 - part) * (second - first)
  }
  return below + part * ((curveMs[users] ?? Number.NaN) - below)
}

/** W · g(W) by units from 0. Shape [most users · units + 1]. */
export function totalsOf(curveMs: Float64Array, mostUsers: number, perUser: number): Float64Array {
  const most = Math.min(curveMs.length, mostUsers) * perUser
  return Float64Array.from({ length: most + 1 }, (_, units) =>
    units === 0 ? 0 : (units / perUser) * curveAt(curveMs, units, perUser),
  )
}

/** A device's own part: what it takes alone at the node less what its units add to the total there, ms; 0 of a whole user. */
export function surchargeMs(curveMs: Float64Array, share: number, perUser: number): number {
  const units = unitsOf(share, perUser)
  if (share === 1 || curveMs.length === 0) return 0
  return share * curveMs[0] - (units / perUser) * curveAt(curveMs, units, perUser)
}

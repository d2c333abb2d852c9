/** How far a live node and the simulator agree. */
import type { PolicyOutcome } from '../../simulation/node/policy-outcome.ts'

/** Both of one policy. */
export interface Agreeing {
  readonly live: Pick<PolicyOutcome, 'policy' | 'effectiveAccuracyPercent'>
  readonly simulated: Pick<PolicyOutcome, 'effectiveAccuracyPercent'>
}

/** Points of effective accuracy: further apart, the simulator does not tell what happens here. */
const MOST_POINTS = 3
/** A lead of less, live or simulated, tells no order: runs differ by as much. */
const LEAST_LEAD_POINTS = 0.5

/** Live − simulated for every policy, with a warning where that is much; then the verdict on their order. */
export function agreement(policies: readonly Agreeing[]): string {
  const gaps = policies.map(({ live, simulated }) => {
    return { policy: live.policy, points: lead(live, simulated) }
  })
  const told = gaps.map(({ policy, points }) => `${policy} ${signed(points)}`).join(', ')
  const far = gaps.filter(({ points }) => Math.abs(points) > MOST_POINTS)
  const lines = [`live − simulated, points of effective accuracy: ${told}`]
  if (far.length > 0) {
    const names = far.map(({ policy }) => policy).join(', ')
    lines.push(
      `Warning: more than ${MOST_POINTS} points apart (${names}): other programs took the processor, or services take other times than the node has profiled. Trust the live figures.`,
    )
  }
  return [...lines, order(policies)].join('\n')
}

function order(policies: readonly Agreeing[]): string {
  const pairs = policies.flatMap((a, index) =>
    policies.slice(index + 1).map((b) => {
      const [live, simulated] = [lead(a.live, b.live), lead(a.simulated, b.simulated)]
      const isOpen = Math.min(Math.abs(live), Math.abs(simulated)) < LEAST_LEAD_POINTS
      const text = `${a.live.policy} against ${b.live.policy}: ${signed(live)} points live, ${signed(simulated)} simulated`
      return { isOpen, agrees: live * simulated > 0, text }
    }),
  )
  if (pairs.length === 0) return 'One policy alone tells nothing of an order.'
  const settled = pairs.filter(({ isOpen }) => !isOpen)
  const wrong = settled.filter(({ agrees }) => !agrees)
  const verdict = `Order: ${settled.length - wrong.length} of ${pairs.length} pairs as in the simulator, ${wrong.length} the other way round, ${pairs.length - settled.length} too close to tell (a lead below ${LEAST_LEAD_POINTS} points).`
  return [verdict, ...wrong.map(({ text }) => text)].join('\n')
}

function lead(
  a: Pick<PolicyOutcome, 'effectiveAccuracyPercent'>,
  b: Pick<PolicyOutcome, 'effectiveAccuracyPercent'>,
): number {
  return a.effectiveAccuracyPercent - b.effectiveAccuracyPercent
}

function signed(points: number): string {
  return `${points > 0 ? '+' : ''}${points.toFixed(1)}`
}

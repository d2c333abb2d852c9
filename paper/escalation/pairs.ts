/**
 * What a plan leaves out: how long a request meets another at a shared node depends on both their services. A plan counts every user of
 * a node as one, whatever variant it runs there.
 *
 * Where k requests run at 1 / (α k + 1 − α) of the speed of a lone one, two that are there together take α times the shorter of their
 * services longer, each; more of them pair by pair. So requests that arrive at once take, exactly,
 *
 *     sum_i p_i s_i + α sum_{i ≠ j} p_i p_j min(s_i, s_j)        p: the share that is sent there   s: alone
 *
 * on average, where a plan has the node's own s in place of the minimum. No sum of loads is the minimum: a planner would have to count
 * the users of every size of service at every node, one number for each in place of one. Even so, it leaves out that not all arrive
 * at once: what escalates comes when its first answer is there, and may find whoever came before it gone.
 */
import { formatChoice, stagesOf } from '../../src/fleet/choice.ts'
import { legOf, nodeOf, shareIn, type World } from '../../src/simulation/world.ts'

/** What a device takes by itself, and what it is expected to send to a shared node. */
interface Sent {
  readonly ownMs: number
  /** Undefined: nothing. */
  readonly node: Float64Array | undefined
  readonly share: number
  /** Alone. */
  readonly serviceMs: number
}

/** Average response time over the devices, ms, by the law above. @param decision choices as `formatChoice` writes them */
export function pairedMs(world: World, decision: readonly string[]): number {
  const sent = sentBy(world, decision)
  const times = sent.map((one) => {
    const { ownMs, node, share, serviceMs } = one
    if (node === undefined) return ownMs
    const [alone = 1, together = alone] = node
    const others = sent.filter((other) => other !== one && other.node === node)
    const metMs = sum(others.map((other) => other.share * Math.min(other.serviceMs, serviceMs)))
    return ownMs + share * (serviceMs + (together / alone - 1) * metMs)
  })
  return sum(times) / times.length
}

function sentBy(world: World, decision: readonly string[]): Sent[] {
  const { choices } = world
  const { own, curvesMs } = world.times(world.start)
  const stages = stagesOf(choices)
  const names = choices.map(formatChoice)
  return own.map((row, device) => {
    const choice = names.indexOf(decision[device] ?? '')
    const time = (index: number) => row[index] ?? { computeMs: Number.NaN, linkMs: Number.NaN }
    const stage = stages[choice]
    const first = stage ? time(stage.first) : { computeMs: 0, linkMs: 0 }
    const { computeMs, linkMs } = stage ? legOf(row, stage.first, stage.second) : time(choice)
    const share = shareIn(world, device, choice)
    const node = curvesMs[nodeOf(world, device, choice) - own.length]
    const ownMs = first.computeMs + first.linkMs + share * (linkMs + (node ? 0 : computeMs))
    return { ownMs, node, share, serviceMs: (node?.[0] ?? 0) + computeMs }
  })
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

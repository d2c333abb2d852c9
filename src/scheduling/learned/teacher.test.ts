import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import type { Action } from '../action.ts'
import type { Observation } from '../observation.ts'
import { NetworkPolicy } from '../policies/network.ts'
import { createLearnedNetwork, networkShape } from './network/learned-network.ts'
import { parameterCount } from './network/shape.ts'
import { PAIRS_NODE, pairs } from './pairs.fixture.ts'
import { type LabelOptions, labelTrace, type Teacher } from './teacher.ts'

/** Of no parameters but its prior: decides as uniform-fit does. */
function untrained(recurrent = 0): NetworkPolicy {
  const node = { variants: 3, batches: 1, workers: 1, windows: 4 }
  const design = { node, deadlineMs: 4.3, frames: 1, recurrent, hidden: 2 }
  const parameters = new Array(parameterCount(networkShape(design))).fill(0)
  return new NetworkPolicy(
    createLearnedNetwork({ ...design, trainedBy: 'hand', priorLogit: 3, parameters }),
  )
}

/** Likes variants by their number; remembers what it was asked. */
class CountingTeacher implements Teacher {
  readonly asked: { readonly head: number; readonly slackMs: number }[] = []

  worth({ slackMs }: Observation, head: number, action: Action): number {
    this.asked.push({ head, slackMs: slackMs[0] })
    return action.kind === 'serve' ? 10 * action.variant : -1e6
  }
}

const { arrivalsMs: arrivals } = pairs(200, new Random(1))
const label = (options: LabelOptions, random = new Random(2)) => {
  const teacher = new CountingTeacher()
  const labels: number[][] = []
  const policy = untrained()
  labelTrace(arrivals, PAIRS_NODE, policy, teacher, options, random, (_, advantages) =>
    labels.push([...advantages]),
  )
  return { teacher, labels }
}

describe('labelTrace', () => {
  it('tells advantages relative to the best allowed action, in answers of the most accurate', () => {
    const { labels } = label({ followRule: true, share: 1 })
    // Fresh heads may have any variant, late ones only smaller ones; drop and wait are not allowed.
    const kinds = new Set(labels.map((advantages) => JSON.stringify(advantages)))
    expect([...kinds].toSorted()).toEqual(
      ['[-0.1,0,0,0,0]', '[-0.2,-0.1,0,0,0]', '[0,0,0,0,0]'].filter((kind) => kinds.has(kind)),
    )
    expect(kinds).toContain('[-0.2,-0.1,0,0,0]')
  })

  it('tells them by what a violation costs, so that a high price is not cut off', () => {
    const of = (violationPrice: number) =>
      label({ followRule: true, share: 1, violationPrice }).labels.map((each) => Math.min(...each))
    const [free, dear] = [of(0), of(4)]
    expect(dear).toEqual(free.map((advantage) => expect.closeTo(advantage / 5, 9)))
  })

  it('knows which request is at the head, though others expire', () => {
    const { teacher } = label({ followRule: true, share: 1 })
    expect(teacher.asked.length).toBeGreaterThan(150)
    let previous = 0
    for (const { head, slackMs } of teacher.asked) {
      expect(slackMs).toBeLessThanOrEqual(PAIRS_NODE.deadlineMs + 1e-9)
      expect(head).toBeGreaterThanOrEqual(previous)
      previous = head
    }
    // Firsts of pairs are served at once: their whole deadline is left.
    const fresh = teacher.asked.filter(({ slackMs }) => slackMs > PAIRS_NODE.deadlineMs - 1e-6)
    expect(fresh.every(({ head }) => head % 2 === 0)).toBe(true)
  })

  it('says nothing of the end of the trace', () => {
    const { teacher } = label({ followRule: true, share: 1 })
    const endMs = (arrivals.at(-1) as number) - 4 * PAIRS_NODE.deadlineMs
    const heads = teacher.asked.map(({ head }) => arrivals[head])
    expect(Math.max(...heads)).toBeLessThan(endMs)
  })

  it('labels a share of the decisions', () => {
    const all = label({ followRule: true, share: 1 }).labels.length
    const some = label({ followRule: true, share: 0.3 }).labels.length
    expect(some / all).toBeGreaterThan(0.15)
    expect(some / all).toBeLessThan(0.45)
    expect(label({ followRule: true, share: 0 }).labels).toEqual([])
  })

  it('replays from its seed', () => {
    const first = label({ followRule: false, share: 0.5 }).teacher.asked
    expect(label({ followRule: false, share: 0.5 }).teacher.asked).toEqual(first)
    expect(label({ followRule: false, share: 0.5 }, new Random(9)).teacher.asked).not.toEqual(first)
  })

  it('hands over what recurrent units remembered before the decision', () => {
    const policy = untrained(2)
    const states: number[][] = []
    const teacher = new CountingTeacher()
    const options = { followRule: true, share: 1 }
    labelTrace(arrivals, PAIRS_NODE, policy, teacher, options, new Random(2), (state) =>
      states.push([...state]),
    )
    expect(states[0]).toEqual([0, 0])
  })
})

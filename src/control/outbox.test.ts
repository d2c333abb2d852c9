import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { Outbox, type Outgoing } from './outbox.ts'

function message(
  topic: string,
  payload: string,
  retain: boolean,
  settled: string[] = [],
): Outgoing {
  return { topic, payload, retain, qos: 1, settle: () => settled.push(payload) }
}

const drain = (outbox: Outbox): string[] => {
  const payloads: string[] = []
  for (let next = outbox.take(); next; next = outbox.take()) payloads.push(next.payload)
  return payloads
}

describe('outbox', () => {
  it('keeps the newest message of a retained topic, and settles the one it replaces', () => {
    const settled: string[] = []
    const outbox = new Outbox(10)
    outbox.add(message('a', 'a1', true, settled))
    outbox.add(message('b', 'b1', true, settled))
    outbox.add(message('a', 'a2', true, settled))
    expect(settled).toEqual(['a1'])
    expect(outbox.size).toBe(2)
    expect(drain(outbox).sort()).toEqual(['a2', 'b1'])
    expect(outbox.dropped).toBe(0)
  })

  it('drops the oldest of the others over its limit, counts and settles them', () => {
    const settled: string[] = []
    const outbox = new Outbox(3)
    for (let count = 0; count < 5; count++) outbox.add(message('o', `${count}`, false, settled))
    expect(settled).toEqual(['0', '1'])
    expect(outbox.dropped).toBe(2)
    expect(drain(outbox)).toEqual(['2', '3', '4'])
  })

  it('sends retained messages first', () => {
    const outbox = new Outbox(3)
    outbox.add(message('o', 'observation', false))
    outbox.add(message('d', 'decision', true))
    expect(drain(outbox)).toEqual(['decision', 'observation'])
    expect(outbox.take()).toBeUndefined()
  })

  it('stays within its bound and settles or hands out everything once, whatever comes', () => {
    const random = new Random(9)
    const outbox = new Outbox(20)
    const seen: string[] = []
    let added = 0
    for (let step = 0; step < 5000; step++) {
      if (random.uniform() < 0.6) {
        const retain = random.uniform() < 0.3
        outbox.add(message(`t${random.integer(5)}`, `${added++}`, retain, seen))
      } else {
        const taken = outbox.take()
        if (taken) seen.push(taken.payload)
      }
      expect(outbox.size).toBeLessThanOrEqual(25)
    }
    seen.push(...drain(outbox))
    expect(seen.map(Number).sort((a, b) => a - b)).toEqual([...Array(added).keys()])
  })
})

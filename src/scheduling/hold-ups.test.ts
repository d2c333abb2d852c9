import { describe, expect, it } from 'vitest'
import { HoldUps } from './hold-ups.ts'

function observeAll(holdUps: HoldUps, beyondMs: readonly number[]): HoldUps {
  for (const ms of beyondMs) holdUps.observe(ms)
  return holdUps
}

describe('HoldUps', () => {
  it('keeps nothing before anything was held up', () => {
    const holdUps = new HoldUps()
    expect(holdUps.reserveMs).toBe(0)
    expect(observeAll(holdUps, Array(100).fill(-0.5)).reserveMs).toBe(0)
  })

  it('keeps what 98 of 100 services stay within', () => {
    // 256 services, 1 to 256 ms too long: 251 of them are 98 %.
    const beyondMs = Array.from({ length: 256 }, (_, index) => ((97 * index) % 256) + 1)
    expect(observeAll(new HoldUps(), beyondMs).reserveMs).toBe(251)
  })

  it('is read after every sixteenth service', () => {
    const holdUps = observeAll(new HoldUps(), Array(15).fill(7))
    expect(holdUps.reserveMs).toBe(0)
    holdUps.observe(7)
    expect(holdUps.reserveMs).toBe(7)
  })

  it('counts one of fifty services as chance, and two as usual', () => {
    const held = (every: number) =>
      Array.from({ length: 256 }, (_, index) => (index % every === 0 ? 20 : 0))
    expect(observeAll(new HoldUps(), held(64)).reserveMs).toBe(0)
    expect(observeAll(new HoldUps(), held(25)).reserveMs).toBe(20)
  })

  it('forgets what is 256 services ago', () => {
    const holdUps = observeAll(new HoldUps(), Array(256).fill(20))
    expect(observeAll(holdUps, Array(250).fill(0)).reserveMs).toBe(20)
    expect(observeAll(holdUps, Array(6).fill(0)).reserveMs).toBe(0)
  })
})

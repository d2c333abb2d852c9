import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { ArrivalRates } from './arrival-rates.ts'
import { CongestionForecast, type Work } from './congestion.ts'

const BACKLOGS = Array.from({ length: 9 }, (_, index) => index / 8)

type Event =
  | { readonly kind: 'arrival'; readonly work: Work }
  | { readonly kind: 'decision'; readonly nowMs: number }

function forecastAfter(
  events: readonly Event[],
  { nowMs, workers = 1 }: { readonly nowMs: number; readonly workers?: number },
): CongestionForecast {
  const rates = new ArrivalRates([10, 40, 200, 1000])
  const congestion = new CongestionForecast(rates, workers)
  for (const event of events) {
    if (event.kind === 'decision') congestion.decide(event.nowMs)
    else {
      rates.arrive(event.work.nowMs)
      congestion.arrive(event.work)
    }
  }
  congestion.decide(nowMs)
  return congestion
}

/** A request of 1 ms every so often, with 8 ms of room, and a decision right after each. */
function regular(everyMs: number, requests: number): Event[] {
  return Array.from({ length: requests }, (_, index) => index * everyMs).flatMap((nowMs) => [
    { kind: 'arrival', work: { nowMs, workMs: 1, roomMs: 8 } },
    { kind: 'decision', nowMs },
  ])
}

/** What the 64 requests that follow lose when so much waits before them, told one by one, and what waits in the end. */
function after(backlogMs: number, fromMs: number, following: readonly Work[], workers: number) {
  let waitingMs = backlogMs
  let beforeMs = fromMs
  let lostMs = 0
  for (const { nowMs, workMs, roomMs } of following.slice(0, 64)) {
    waitingMs = Math.max(0, waitingMs - workers * (nowMs - beforeMs)) + workMs
    lostMs += Math.max(0, waitingMs - roomMs)
    waitingMs = Math.min(waitingMs, roomMs)
    beforeMs = nowMs
  }
  return { lostMs, waitingMs }
}

describe('a forecast of congestion', () => {
  it('is nothing before anything is known', () => {
    const congestion = forecastAfter(regular(0.5, 8), { nowMs: 4 })
    for (const backlog of BACKLOGS) expect(congestion.lostMs(backlog)).toBe(0)
  })

  it('is nothing where workers keep up and what waits has room', () => {
    const congestion = forecastAfter(regular(2, 400), { nowMs: 800 })
    for (const backlog of BACKLOGS.slice(0, 8)) expect(congestion.lostMs(backlog)).toBe(0)
  })

  it('is all that waits where more comes than can be served, but what is done until the next comes', () => {
    const congestion = forecastAfter(regular(0.4, 3000), { nowMs: 1200 })
    expect(congestion.lostMs(0.25)).toBeCloseTo(2 - 0.4, 1)
    expect(congestion.lostMs(0.75)).toBeCloseTo(6 - 0.4, 1)
    expect(congestion.lostMs(2)).toBe(congestion.lostMs(1))
    expect(congestion.lostMs(-1)).toBe(0)
  })

  it('tells loads apart: when nothing has come for long, little is lost', () => {
    const lostAt = (nowMs: number) => forecastAfter(regular(0.4, 1000), { nowMs }).lostMs(0.5)
    expect(lostAt(400)).toBeGreaterThan(3)
    expect(lostAt(500)).toBeLessThan(1)
  })

  it('is the mean of what each second decision would have lost', () => {
    const random = new Random(17)
    for (let trial = 0; trial < 20; trial++) {
      const workers = 1 + random.integer(3)
      const works: Work[] = []
      const decisions: { readonly nowMs: number; readonly from: number }[] = []
      const events: Event[] = []
      // From the 300th on so many have come within 10 ms that all loads are of the last class.
      for (let nowMs = 0, i = 0; i < 500; i++, nowMs += 0.08 * random.uniform()) {
        const work = { nowMs, workMs: 1 + random.uniform(), roomMs: 6 + 6 * random.uniform() }
        works.push(work)
        events.push({ kind: 'arrival', work })
        if (i < 300 || random.uniform() < 0.5) continue
        events.push({ kind: 'decision', nowMs: nowMs + 1e-6 })
        decisions.push({ nowMs: nowMs + 1e-6, from: works.length })
      }
      const endMs = works.at(-1)?.nowMs ?? Number.NaN
      const congestion = forecastAfter(events, { nowMs: endMs, workers })
      const backlog = random.integer(9) / 8
      const all = decisions.flatMap(({ nowMs, from }, index) => {
        const following = works.slice(from)
        const roomMs = following[0]?.roomMs ?? Number.NaN
        const of = (share: number) => after(share * roomMs, nowMs, following, workers)
        const haveMet = of(1).waitingMs - of(0).waitingMs < 1e-9
        const isKnown = index % 2 === 1 && (haveMet || following.length >= 64)
        return isKnown ? [of(backlog).lostMs - of(0).lostMs] : []
      })
      const sum = all.reduce((total, loss) => total + loss, 0)
      const told = congestion.lostMs(backlog)
      expect(all.length).toBeGreaterThan(10)
      expect(told).toBeCloseTo(sum / (all.length + 3), 6)
    }
  })
})

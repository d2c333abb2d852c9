import { beforeEach, expect, test } from 'vitest'
import { emptyFleet } from './fleet.ts'
import { chartedRounds, createReceiver, droppedMessages, fleet } from './store.ts'

/** Frames that come when the test says so. */
function frames() {
  let pending: ((timeMs: number) => void)[] = []
  return {
    schedule: (draw: (timeMs: number) => void) => void pending.push(draw),
    run(timeMs: number) {
      const due = pending
      pending = []
      for (const draw of due) draw(timeMs)
    },
    get count() {
      return pending.length
    },
  }
}

function goal(accuracyPercent: number): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ accuracyPercent }))
}

beforeEach(() => {
  fleet.value = emptyFleet
  chartedRounds.value = []
  droppedMessages.value = 0
})

test('messages between two frames are drawn together', () => {
  const page = frames()
  const receive = createReceiver(page.schedule)
  receive('tierwise/goal', goal(80))
  receive('tierwise/goal', goal(85))
  expect(fleet.value).toBe(emptyFleet)
  expect(page.count).toBe(1)
  page.run(0)
  expect(fleet.value.goal?.accuracyPercent).toBe(85)
  expect(page.count).toBe(0)
})

test('the page is drawn at most every 200 ms', () => {
  const page = frames()
  const receive = createReceiver(page.schedule)
  receive('tierwise/goal', goal(80))
  page.run(1000)
  receive('tierwise/goal', goal(85))
  page.run(1016)
  page.run(1199)
  expect(fleet.value.goal?.accuracyPercent).toBe(80)
  page.run(1200)
  expect(fleet.value.goal?.accuracyPercent).toBe(85)
})

/** The joint decision that closed a round. */
function closing(round: number): Uint8Array {
  const shared = { agent: 'hybrid', goalPercent: 85, placements: {}, accuracyPercent: 88 }
  const closed = { ...shared, round, responseTimesMs: {}, responseTimeMs: 300, violated: false }
  const progress = { realSteps: round, plannedSteps: 0, updates: 0 }
  const joint = { ...shared, session: 's', round: round + 1, progress, goalViolations: 0, closed }
  return new TextEncoder().encode(JSON.stringify(joint))
}

test('charts are drawn at most every second, and the last round is not forgotten', () => {
  const page = frames()
  const receive = createReceiver(page.schedule)
  receive('tierwise/decision', closing(1))
  page.run(0)
  expect(chartedRounds.value).toHaveLength(1)
  receive('tierwise/decision', closing(2))
  page.run(300)
  expect(fleet.value.rounds).toHaveLength(2)
  expect(chartedRounds.value).toHaveLength(1)
  page.run(999)
  expect(chartedRounds.value).toHaveLength(1)
  page.run(1000)
  expect(chartedRounds.value).toHaveLength(2)
  expect(page.count).toBe(0)
})

test('a malformed message is counted and changes nothing', () => {
  const page = frames()
  const receive = createReceiver(page.schedule)
  receive('tierwise/goal', new TextEncoder().encode('{{'))
  receive('tierwise/goal', goal(101))
  receive('tierwise/telemetry/edge', new Uint8Array())
  expect(droppedMessages.value).toBe(2)
  expect(page.count).toBe(0)
})

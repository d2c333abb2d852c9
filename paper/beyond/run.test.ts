import { expect, test } from 'vitest'
import type { BeyondOutcome } from './kinds.ts'
import type { PhasesOutcome } from './run/drift.ts'
import type { LearningOutcome } from './run/learning.ts'
import type { TrafficOutcome } from './run/traffic.ts'
import { experiment } from './run.ts'
import type {
  BeyondSettings,
  DriftSettings,
  LearningSettings,
  MembershipSettings,
  TrafficSettings,
} from './settings.ts'

const BASE = {
  study: 'fleets',
  agent: 'factored',
  fleet: 'classes',
  users: 4,
  goal: 85,
  noise: 0.08,
  seed: 7,
} as const
const LEARNING: LearningSettings = { ...BASE, part: 'learning', steps: 60, horizon: 40 }
const DRIFT: DriftSettings = {
  ...BASE,
  part: 'drift',
  stepsEach: 30,
  event: { what: 'devices', factor: 3 },
  observed: true,
}
const MEMBERSHIP: MembershipSettings = {
  ...BASE,
  part: 'membership',
  stepsEach: 25,
  carriesOver: true,
}
const TRAFFIC: TrafficSettings = {
  ...BASE,
  part: 'traffic',
  hears: 'answers',
  seconds: 30,
  pauseMs: 200,
}

interface Outcomes {
  readonly learning: LearningOutcome
  readonly drift: PhasesOutcome
  readonly membership: PhasesOutcome
  readonly traffic: TrafficOutcome
}

const context = { signal: new AbortController().signal, onProgress: async () => undefined }

async function outcomeOf<Settings extends BeyondSettings>(settings: Settings) {
  const outcome: BeyondOutcome = await experiment.run(settings, context)
  return outcome as Outcomes[Settings['part']]
}

/** What does not depend on the machine. */
async function repeatable(run: BeyondSettings) {
  return { ...(await outcomeOf(run)), computationSeconds: 0 }
}

test.each([LEARNING, DRIFT, MEMBERSHIP, TRAFFIC])(
  'a run of $part repeats itself from its seed',
  async (run) => {
    const first = await repeatable(run)
    expect(await repeatable(run)).toEqual(first)
    expect(await repeatable({ ...run, seed: 8 })).not.toEqual(first)
    expect(first.violations).toBe(0)
  },
)

test('an agent learns a fleet, and its regret is what it took above the optimum', async () => {
  const outcome = await outcomeOf(LEARNING)
  expect(outcome.lastMs).toBeGreaterThanOrEqual(outcome.optimumMs - 1e-9)
  expect(outcome.settledAt['5 %']).toBeLessThanOrEqual(outcome.settledAt['1 %'] ?? 40)
  expect(outcome.extraPercent.all).toBeCloseTo((100 * outcome.regretMs) / outcome.optimumMs / 60, 9)
  expect(outcome.convergedAt).toBeNull()
})

test('a fixed decision never settles, breaks the goal at every check, and its regret is known', async () => {
  const outcome = await outcomeOf({ ...LEARNING, agent: 'fixed:end/d7', fleet: 'A', steps: 10 })
  // All devices take 58.6 + 41 · 0.332 ms, which is faster than what meets the goal.
  const localMs = 58.6 + 41 * 0.332
  expect(outcome.lastMs).toBeCloseTo(localMs, 9)
  expect(outcome.regretMs).toBeCloseTo(10 * (localMs - outcome.optimumMs), 6)
  expect(outcome.violations).toBe(22)
  const slow = await outcomeOf({ ...LEARNING, agent: 'fixed:edge/d0', fleet: 'A', steps: 10 })
  expect(slow.settledAt).toEqual({ '1 %': null, '2 %': null, '5 %': null })
  expect(slow.violations).toBe(0)
})

test('pushed decisions are faster on weak links and the same on regular ones', async () => {
  const optimum = async (fleet: 'A' | 'D', decisions: 'pushed' | 'consulted') =>
    (await outcomeOf({ ...LEARNING, agent: 'fixed:end/d0', fleet, decisions, steps: 1 })).optimumMs
  expect(await optimum('A', 'pushed')).toBe(await optimum('A', 'consulted'))
  expect(await optimum('D', 'pushed')).toBeLessThan(0.9 * (await optimum('D', 'consulted')))
})

test('what changes comes and goes, and an agent that decides the same all the time is hit', async () => {
  const outcome = await outcomeOf({ ...DRIFT, agent: 'fixed:end/d0', observed: false })
  const [before, during, after] = outcome.phases
  expect(outcome.isHit).toBe(true)
  expect(during?.regretMs).toBeGreaterThan((before?.regretMs ?? 0) + 1)
  expect(after).toEqual(before)
})

test('devices join and leave: the optimum is that of those present', async () => {
  const { phases } = await outcomeOf(MEMBERSHIP)
  expect(phases).toHaveLength(3)
  expect(new Set(phases.map(({ optimumMs }) => optimumMs)).size).toBe(3)
})

test('flipped links can be kept from the agent', async () => {
  const links = { ...DRIFT, event: { what: 'links', factor: 1 } } as const
  const [told, untold] = [await outcomeOf(links), await outcomeOf({ ...links, observed: false })]
  expect(untold.phases[1]?.optimumMs).toBe(told.phases[1]?.optimumMs)
  expect(untold.phases[1]?.regretMs).not.toBe(told.phases[1]?.regretMs)
})

test('a hidden slowdown is found; what tells nothing has found nothing', async () => {
  const hidden = { ...DRIFT, stepsEach: 60, observed: false, goal: 85, seed: 9 }
  expect((await outcomeOf(hidden)).foundAfter).toBeLessThan(30)
  expect(await outcomeOf({ ...hidden, agent: 'fixed:end/d0' })).not.toHaveProperty('foundAfter')
})

test.each(['answers', 'rounds'] as const)('an agent learns in traffic from %s', async (hears) => {
  const outcome = await outcomeOf({ ...TRAFFIC, seconds: 90, hears })
  expect(outcome.lastMs).toBeLessThan(1.05 * outcome.bestMs)
  expect(outcome.bestMs).toBeLessThanOrEqual(outcome.plannedMs)
  expect(outcome.averagesMs).toHaveLength(10)
  expect(outcome.averagesMs.at(-1)).toBeLessThan(outcome.averagesMs[0] ?? 0)
  // Four devices with about 200 ms of service and of pause each.
  expect(outcome.answers).toBeGreaterThan(400)
  // Every half second, or when the slowest device has answered.
  expect(outcome.decisionsTaken).toBeLessThanOrEqual(181)
  expect(outcome.decisionsTaken).toBeGreaterThan(30)
})

test('a fixed decision in traffic is what it is in the long run', async () => {
  const outcome = await outcomeOf({ ...TRAFFIC, agent: 'fixed:end/d0', noise: 0 })
  for (const averageMs of outcome.averagesMs) expect(averageMs).toBeCloseTo(outcome.lastMs, 6)
  expect(outcome.lastMs).toBeGreaterThan(outcome.bestMs)
})

test('a run ends when telling of its progress fails', async () => {
  const onProgress = () => Promise.reject(new Error('enough'))
  for (const settings of [LEARNING, DRIFT, MEMBERSHIP, TRAFFIC]) {
    const running = async () => experiment.run(settings, { ...context, onProgress })
    await expect(running).rejects.toThrow('enough')
  }
})

import { expect, it } from 'vitest'
import { runSchedule } from './schedule.ts'

/** Schedules that once found a fault, whatever number they had then, are among them. */
const SCHEDULES = 500

it(`holds in ${SCHEDULES} schedules`, { timeout: 600_000 }, async () => {
  const violations: string[] = []
  let rounds = 0
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const { violation, ...counts } = await runSchedule(seed)
    rounds += counts.rounds
    if (violation === undefined) continue
    violations.push(
      `${violation}; again: npm run simulate:control -- --from ${seed} --seeds 1 --trace`,
    )
  }
  expect(violations).toEqual([])
  expect(rounds).toBeGreaterThan(20 * SCHEDULES)
})

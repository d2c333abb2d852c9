/** What `npm run bench -- kill` does, a few times: real processes, killed at random moments under load. */
import { expect, it } from 'vitest'
import { describeKills, measureKills } from '../bench/kill/kills.ts'

it('loses no promise and no request outside of the process that is killed', async () => {
  const { signal } = new AbortController()
  const result = await measureKills({ times: 2, seed: 7, signal })
  expect(result.kills).toHaveLength(2)
  expect(result.acknowledged).toBeGreaterThan(0)
  expect(result.answered).toBeGreaterThan(0)
  expect(result).toMatchObject({ promisesLost: 0, unanswered: [] })
  expect(result.aboveGoalPercent).toBeGreaterThanOrEqual(0)
  for (const { firstDecisionMs } of result.kills) expect(firstDecisionMs).not.toBeNull()
  expect(describeKills(result)[0]).toMatch(/^2 kills \(seed 7\): /)
}, 180_000)

it('ends when it is interrupted before it has anything to tell', async () => {
  const interrupted = measureKills({ times: 3, seed: 7, signal: AbortSignal.timeout(1) })
  await expect(interrupted).rejects.toMatchObject({ code: 'interrupted' })
}, 60_000)

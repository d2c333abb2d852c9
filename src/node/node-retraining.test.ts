import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLadder } from '../scheduling/ladder.ts'
import { KeptPolicy } from '../serving/policy/kept-policy.ts'
import { networkServing } from '../serving/policy/simulated-node.fixture.ts'
import type { SchedulingReport } from '../serving/scheduling-report.ts'
import { fashionCatalogue } from './fashion.fixture.ts'
import { silent, TestNodes } from './start-node.fixture.ts'

const nodes = new TestNodes()
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tierwise-node-retraining-'))
})
afterEach(async () => {
  await nodes.closeAll()
  await rm(folder, { recursive: true })
})

async function startRetraining(policy = 'anticipating-fit') {
  const said: string[] = []
  const logger = pino({ level: 'info' }, { write: (line) => said.push(JSON.parse(line).msg) })
  const node = await nodes.start({
    ...{ name: 'edge', tier: 'edge', catalogue: await fashionCatalogue(), logger },
    // Of two, noise at the start may leave one on the ladder.
    ...{ stateFolder: folder, variants: ['large'], dilation: { variant: 'large', targetMs: 20 } },
    scheduling: { policy, retrainEveryMs: 3_600_000 },
  })
  await node.ready
  const response = await fetch(`${node.url}/v2/tierwise/scheduling`)
  return { said, report: (await response.json()) as SchedulingReport }
}

it('takes up what it learned before a restart', async () => {
  const large = { name: 'large', accuracyPercent: 90.39, serviceTimesMs: [20] }
  const policy = JSON.stringify(networkServing(0, createLadder([large])))
  await new KeptPolicy(folder, silent).write({ origin: 'anticipating-fit', policy })
  const { report, said } = await startRetraining()
  expect(report).toMatchObject({
    policy: 'network',
    policyReason: 'learned from own arrivals before the restart',
    retraining: { now: 'waiting', newArrivals: 0, candidates: { swapped: 0, failed: 0 } },
  })
  expect(said).toContain('scheduling: the policy learned from own arrivals decides again')
})

it('starts and serves where what it learned is damaged', async () => {
  await writeFile(join(folder, 'scheduling-policy'), 'no policy')
  const { report, said } = await startRetraining()
  expect(report.policy).toBe('anticipating-fit')
  expect(said).toContainEqual(expect.stringContaining('tierwise-kept-policy-1 not usable'))
})

it('does not start where a policy was asked for that nothing learned may replace', async () => {
  await expect(startRetraining('slack-fit')).rejects.toThrow(
    'scheduling.retrainEveryMs: slack-fit was asked for',
  )
})

import { mkdtemp, rm } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, expect, it } from 'vitest'
import { encodeInferRequest } from '../protocol/codec.ts'
import { type TrainPolicy, trainInProcess } from '../serving/policy/training-process.ts'
import type { SchedulingReport } from '../serving/scheduling-report.ts'
import { fashionCatalogue, requestOf } from './fashion.fixture.ts'
import type { RunningNode } from './node-options.ts'
import { post, TestNodes } from './start-node.fixture.ts'

const nodes = new TestNodes()
const folder = await mkdtemp(join(tmpdir(), 'tierwise-node-retraining-'))
afterAll(async () => {
  await nodes.closeAll()
  await rm(folder, { recursive: true })
})

const wire = encodeInferRequest(
  { ...requestOf({ pixels: new Uint8Array(28 * 28), label: 0 }), parameters: { deadline_ms: 60 } },
  { binary: true },
)

/** A quick training at the usual priority; without a lead of the rule, so that it is tried out whatever it has learned. */
const train: TrainPolicy = async (task, signal) => {
  const quick = { ...task, rounds: 1, requests: 200 }
  const { leads: _, ...network } = await trainInProcess(
    quick,
    signal,
    constants.priority.PRIORITY_NORMAL,
  )
  return network
}

async function retrainingOf({ url }: RunningNode) {
  const response = await fetch(`${url}/v2/tierwise/scheduling`)
  const { retraining } = (await response.json()) as SchedulingReport
  if (retraining === undefined) throw new Error('it does not retrain')
  return retraining
}

/** Sends more than can be served, a few at a time, until … */
async function sendUntil(node: RunningNode, isEnough: () => Promise<boolean>): Promise<void> {
  while (!(await isEnough())) {
    for (let batch = 0; batch < 20; batch++) {
      await Promise.all(Array.from({ length: 8 }, () => post(node, 'large', wire)))
    }
  }
}

it('trains on its own arrivals, tries the policy out, and says what became of it', async () => {
  const said: string[] = []
  const logger = pino({ level: 'info' }, { write: (line) => said.push(JSON.parse(line).msg) })
  // `train` is for the service: not among the options of a node.
  const options = {
    ...{ name: 'edge', tier: 'edge' as const, catalogue: await fashionCatalogue(), logger, train },
    ...{ stateFolder: folder, dilation: { variant: 'large', targetMs: 20 } },
    scheduling: { policy: 'anticipating-fit', retrainEveryMs: 1000 },
  }
  const node = await nodes.start(options)
  await node.ready
  await sendUntil(node, async () => (await retrainingOf(node)).now !== 'waiting')
  await sendUntil(node, async () => {
    const { candidates } = await retrainingOf(node)
    return candidates.swapped + candidates.lost > 0
  })
  const { candidates } = await retrainingOf(node)
  expect(candidates, said.join('\n')).toMatchObject({ useless: 0, overtaken: 0 })
  const saidOf = (text: string) => said.filter((line) => line.includes(text))
  const verdicts = saidOf('a policy learned from own arrivals')
  expect(verdicts).toHaveLength(candidates.swapped + candidates.lost)
  // Refused only where service times have changed since the training; the next one is learned by the new times.
  const refusals = saidOf('learning from own arrivals failed')
  expect(refusals).toHaveLength(candidates.failed)
  for (const refusal of refusals) expect(refusal).toMatch(/trained for variant .* here .* takes/)
  // A machine that does much else may take too long to decide.
  const judged = /points (above|below) anticipating-fit over \d+ requests$|it takes .* to decide/
  for (const verdict of verdicts) expect(verdict).toMatch(judged)
  const page = await (await fetch(`${node.url}/metrics`)).text()
  for (const [outcome, count] of Object.entries(candidates))
    expect(page).toContain(`tierwise_policy_candidates_total{outcome="${outcome}"} ${count}\n`)
}, 600_000)

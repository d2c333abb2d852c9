import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Timers } from '../../clock.ts'
import { createLadder } from '../../scheduling/ladder.ts'
import type { LearnedNetwork } from '../../scheduling/learned/network/learned-network.ts'
import type { TrainingTask } from '../../scheduling/learned/own-arrivals.ts'
import { ArrivalLog } from '../arrival-log.ts'
import { KeptPolicy } from './kept-policy.ts'
import { Retraining } from './retraining.ts'
import { networkServing, simulatedNode } from './simulated-node.fixture.ts'

/** So alike that the guard gives up none of them. */
const ladder = createLadder(
  [98, 99, 100].map((accuracyPercent, index) => {
    return { name: `d${index}`, accuracyPercent, serviceTimesMs: [2 ** index] }
  }),
)
const EVERY_MS = 60_000

let folder: string
let said: string[]
const opened: Retraining[] = []
const logger = pino({ level: 'info' }, { write: (line) => said.push(JSON.parse(line).msg) })
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tierwise-retraining-'))
  said = []
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((retraining) => retraining.close()))
  await rm(folder, { recursive: true })
})

/** A clock that moves when told. */
class ManualTimers implements Timers {
  private now = 0
  private readonly waiting = new Map<() => void, number>()

  nowMs = () => this.now
  sleep = (ms: number) => new Promise<void>((resolve) => void this.after(ms, resolve))

  after(ms: number, act: () => void): () => void {
    this.waiting.set(act, this.now + ms)
    return () => void this.waiting.delete(act)
  }

  pass(ms: number): void {
    this.now += ms
    for (const [act, atMs] of this.waiting) {
      if (atMs > this.now) continue
      this.waiting.delete(act)
      act()
    }
  }
}

interface Setup {
  readonly policy?: string
  /** Of the policy file, if there is one. */
  readonly file?: LearnedNetwork
  readonly train?: () => Promise<LearnedNetwork>
}

/** A node in simulated time that retrains. */
async function retrainingNode({ policy = 'anticipating-fit', file, train }: Setup = {}) {
  const arrivals = new ArrivalLog()
  const timers = new ManualTimers()
  const tasks: TrainingTask[] = []
  const signals: AbortSignal[] = []
  const node = simulatedNode(policy, { ladder, onGivenUp: () => retraining.givenUp() })
  const { inForce, scheduler } = node
  if (file) inForce.replaceBy(JSON.stringify(file), 'from policy.json')
  const kept = new KeptPolicy(folder, logger)
  const retraining = new Retraining({
    ...{ everyMs: EVERY_MS, policy: inForce, arrivals, workers: 1, kept, timers, logger },
    times: scheduler.times,
    train: (task, signal) => {
      tasks.push(task)
      signals.push(signal)
      return train?.() ?? Promise.resolve(networkServing(2, ladder))
    },
  })
  opened.push(retraining)
  await retraining.start()
  let sent = 0
  const send = (requests: number) => {
    for (const end = sent + requests; sent < end; sent++) {
      arrivals.note(10 * sent, 20, 5)
      node.serve(10 * sent)
    }
  }
  /** Lets the time pass, and a training end. */
  const passTraining = async () => {
    timers.pass(EVERY_MS)
    await vi.waitFor(() => expect(retraining.report.now).not.toBe('training'))
  }
  const outcome = (name: keyof typeof retraining.report.candidates) =>
    vi.waitFor(() => expect(retraining.report.candidates[name]).toBe(1))
  return { inForce, retraining, send, passTraining, outcome, tasks, signals, timers, kept }
}

/** Of a node whose policy file serves by the middle variant, where the candidate, by the largest, wins. */
async function swapped() {
  const node = await retrainingNode({ file: networkServing(1, ladder) })
  node.send(2000)
  await node.passTraining()
  node.send(2100)
  await node.outcome('swapped')
  await vi.waitFor(async () => expect(await readdir(folder)).toContain('scheduling-policy'))
  await vi.waitFor(() => expect(node.retraining.report.now).toBe('waiting'))
  return node
}

describe('retraining', () => {
  it('takes the candidate that won in place of the policy it went on from', async () => {
    const { inForce, tasks } = await swapped()
    expect(inForce.reason).toBe(
      'learned from 2000 own arrivals, 1.00 points above network over 2000 requests',
    )
    expect(said).toEqual([
      'scheduling: a policy learned from own arrivals decides now: 1.00 points above network over 2000 requests',
    ])
    expect(tasks).toHaveLength(1)
    expect(tasks[0]).toMatchObject({ workers: 1, deadlineMs: 20, seed: 1 })
    expect(tasks[0]?.from?.parameters).toEqual(networkServing(1, ladder).parameters)
    expect(tasks[0]?.arrivalsMs).toHaveLength(2000)
    expect(tasks[0]?.ladder.variants.map(({ name }) => name)).toEqual(['d0', 'd1', 'd2'])
  })

  it('drops the candidate that did not win', async () => {
    const { inForce, send, passTraining, outcome, tasks } = await retrainingNode({
      train: async () => networkServing(1, ladder),
    })
    send(2000)
    await passTraining()
    send(2100)
    await outcome('lost')
    expect(tasks[0]).not.toHaveProperty('from')
    expect(inForce.name).toBe('anticipating-fit')
    expect(said).toEqual([
      'scheduling: anticipating-fit stays, a policy learned from own arrivals was dropped (lost): 1.00 points below anticipating-fit over 2000 requests',
    ])
    expect(await readdir(folder)).toEqual([])
  })

  it('tries nothing out that learned nothing', async () => {
    const leads = [1000, 1000, 1000, 1000]
    const { send, passTraining, outcome, inForce } = await retrainingNode({
      train: async () => ({ ...networkServing(2, ladder), leads }),
    })
    send(2000)
    await passTraining()
    await outcome('useless')
    expect(inForce.name).toBe('anticipating-fit')
  })

  it('drops a candidate whose opponent was replaced meanwhile', async () => {
    const { inForce, send, passTraining, outcome } = await retrainingNode()
    send(2000)
    await passTraining()
    inForce.replaceBy('{"policy": "smallest"}', 'from policy.json')
    await outcome('overtaken')
    expect(inForce.name).toBe('smallest')
  })
})

describe('a training', () => {
  it('begins with 2000 arrivals, and the next with as many again', async () => {
    const { send, passTraining, outcome, tasks, timers } = await retrainingNode({
      file: networkServing(1, ladder),
    })
    send(1999)
    timers.pass(EVERY_MS)
    expect(tasks).toEqual([])
    send(1)
    await passTraining()
    send(1999)
    // Still tried out.
    timers.pass(EVERY_MS)
    send(100)
    await outcome('swapped')
    await passTraining()
    expect(tasks.map(({ seed }) => seed)).toEqual([1, 2])
  })

  it('leaves alone a policy that was asked for by name', async () => {
    const { send, tasks, timers } = await retrainingNode({ policy: 'largest' })
    send(2000)
    timers.pass(EVERY_MS)
    expect(tasks).toEqual([])
  })

  it.each([
    [
      'a training that fails',
      () => Promise.reject(new Error('no ONNX Runtime')),
      'no ONNX Runtime',
    ],
    [
      'a policy for another node',
      async () => networkServing(0, createLadder(ladder.variants.slice(1))),
      'the network was trained for 2 variants, this node has 3',
    ],
  ])('serves on after %s, and trains again', async (_name, train, reason) => {
    const { inForce, send, passTraining, outcome, tasks } = await retrainingNode({ train })
    send(2000)
    await passTraining()
    await outcome('failed')
    expect(said).toEqual([
      expect.stringContaining(
        `scheduling: anticipating-fit stays, learning from own arrivals failed: ${reason}`,
      ),
    ])
    expect(inForce.name).toBe('anticipating-fit')
    send(2000)
    await passTraining()
    expect(tasks).toHaveLength(2)
  })
})

it('ends a training when it is stopped, and says nothing', async () => {
  const never = new Promise<LearnedNetwork>(() => {})
  const { retraining, send, signals, timers, tasks } = await retrainingNode({
    train: () => never,
  })
  send(2000)
  timers.pass(EVERY_MS)
  expect(retraining.report.now).toBe('training')
  retraining.stop()
  expect(signals[0]?.aborted).toBe(true)
  send(2000)
  timers.pass(EVERY_MS)
  expect(tasks).toHaveLength(1)
  expect(said).toEqual([])
})

describe('what was learned', () => {
  const again = 'scheduling: the policy learned from own arrivals decides again'
  const middle = networkServing(1, ladder)

  it('outlives a restart', async () => {
    await swapped()
    said = []
    const { inForce } = await retrainingNode({ file: middle })
    expect(inForce.network?.parameters).toEqual(networkServing(2, ladder).parameters)
    expect(said).toEqual([again])
  })

  it('gives way to another policy file', async () => {
    await swapped()
    const { inForce } = await retrainingNode({ file: networkServing(0, ladder) })
    expect(inForce.network?.parameters).toEqual(networkServing(0, ladder).parameters)
    expect(said).not.toContain(again)
  })

  it('is watched, and does not come back once it was given up', async () => {
    const { kept, inForce: before } = await swapped()
    const slower = ladder.variants.map(({ serviceTimesMs: [ms = 0], ...variant }) => {
      return { ...variant, serviceTimesMs: [3 * ms] }
    })
    const policy = JSON.stringify(networkServing(2, createLadder(slower)))
    await kept.write({ origin: before.origin, policy })
    const { inForce, send } = await retrainingNode({ file: middle })
    // Then service times are known well enough to be held against those of the training.
    send(200)
    expect(inForce.reason).toContain('was given up: the network was trained for variant')
    await vi.waitFor(async () => expect(await kept.read()).not.toHaveProperty('policy'))
    said = []
    const next = await retrainingNode({ file: middle })
    expect(next.inForce.network?.parameters).toEqual(middle.parameters)
    expect(said).toEqual([])
  })

  it('costs a warning, and no start, where its file is damaged', async () => {
    await swapped()
    await writeFile(join(folder, 'scheduling-policy'), 'tierwise-kept-policy-1 damaged')
    said = []
    const { inForce } = await retrainingNode({ file: middle })
    expect(inForce.network?.parameters).toEqual(middle.parameters)
    expect(said).toEqual(['tierwise-kept-policy-1 not usable: trying the one before'])
  })

  it('costs a warning where it is for another node', async () => {
    const { kept, inForce } = await swapped()
    const policy = JSON.stringify(networkServing(0, createLadder(ladder.variants.slice(1))))
    await kept.write({ origin: inForce.origin, policy })
    said = []
    const next = await retrainingNode({ file: middle })
    expect(next.inForce.network?.parameters).toEqual(middle.parameters)
    expect(said).toEqual([expect.stringContaining('2 variants, this node has 3')])
  })

  it('costs a warning where it cannot be written', async () => {
    await writeFile(join(folder, 'file'), '')
    await new KeptPolicy(join(folder, 'file'), logger).write({ origin: '' })
    expect(said).toEqual([expect.stringContaining('lost with this process')])
  })
})

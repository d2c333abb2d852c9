/** `kill -9` of a real cloud node at seeded moments: what it acknowledged holds. Real processes, a real broker. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { freePorts } from '../../src/cli/up/fleet-settings.ts'
import { Random } from '../../src/random.ts'

const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
/** As many seeds as asked for; each kills several times. */
const SEEDS = Number(process.env['KILL_SEEDS'] ?? 1)
const KILLS = 3

let folder: string
let broker: string
let ports: number[]
let cloud: ChildProcess | undefined

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-kill-'))
})
afterEach(kill)
afterAll(() => rmSync(folder, { recursive: true }))

/** Resolves when the cloud listens: its orchestrator answers soon after. */
async function startCloud(state: string): Promise<void> {
  const [port, brokerPort] = ports
  broker = `mqtt://127.0.0.1:${brokerPort}`
  const flags = ['--port', String(port), '--broker-port', String(brokerPort), '--state', state]
  const child = spawn(process.execPath, [main, 'node', '--tier', 'cloud', '--goal', '88', ...flags])
  cloud = child
  await new Promise<void>((resolve, reject) => {
    let log = ''
    child.stderr.on('data', (chunk) => {
      log = `${log}${chunk}`.slice(-2000)
      if (log.includes('listening at')) resolve()
    })
    child.once('exit', () => reject(new Error(`the cloud ended: ${log}`)))
  })
}

async function kill(): Promise<void> {
  const child = cloud
  cloud = undefined
  if (child?.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

/** What the command printed, or its error. */
function tierwise(...args: string[]): Promise<{ status: number | null; text: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args, '--broker', broker])
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        text += chunk
      })
    child.once('close', (status) => resolve({ status, text }))
  })
}

/** Not the sockets by which a folder is one process's. */
function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}

test.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
  'nothing that was acknowledged is lost (seed %i)',
  { timeout: 900_000 },
  async (seed) => {
    const random = new Random(seed)
    ports = await freePorts(2)
    const state = join(folder, `state-${seed}`)
    let goal = 88
    let isReverted = false
    for (let round = 0; round < KILLS; round++) {
      await startCloud(state)
      const kept = await tierwise('goal')
      expect(kept.text).toContain(`goal ${goal} %`)
      expect(kept.text.includes('reverted')).toBe(isReverted)
      const wished = 70 + random.integer(15)
      const { status, text } = await tierwise('goal', String(wished))
      expect(text).toContain(`goal ${wished} %`)
      expect(status).toBe(0)
      goal = wished
      const turned = await tierwise(isReverted ? 'resume' : 'revert')
      expect(turned).toMatchObject({ status: 0 })
      isReverted = !isReverted
      await sleep(random.integer(300))
      await kill()
    }
    for (const name of filesIn(state)) writeFileSync(join(state, name), 'damaged')
    await startCloud(state)
    expect((await tierwise('goal')).text).toContain('goal 88 %')
    const refused = await tierwise('goal', '99.9')
    expect(refused.status).not.toBe(0)
    expect(refused.text).toMatch(/refused: .*99\.9.*the goal is 88 %/s)
  },
)

/** A whole fleet of real processes: it serves, survives the death of its edge and of its cloud, and recovers. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtCatalogue } from '../../src/cli/models-on-disk.ts'
import { PAPER } from '../../src/cli/settings/kinds.ts'
import { upSettings } from '../../src/cli/settings/up.ts'
import { type FleetSettings, fleetSettings } from '../../src/cli/up/fleet-settings.ts'
import { FleetProcesses } from '../../src/cli/up/processes.ts'
import { InferenceClient } from '../../src/protocol/client.ts'
import { encodeInferRequest } from '../../src/protocol/codec.ts'
import type { WireBody } from '../../src/protocol/messages.ts'
import { loadPictures } from '../../src/serving/shipped-pictures.ts'
import { openChromium } from '../chromium.ts'

const TIMEOUT_MS = 1000
/** A node starts and warms up, on a machine that does other things, too. */
const BACK_MS = 60_000

let folder: string
let fleet: FleetSettings
let processes: FleetProcesses
let clients: InferenceClient[]
let picture: WireBody
let model: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-e2e-'))
  const { file, catalogue } = await builtCatalogue(PAPER, () => {})
  const settings = upSettings.parse({
    devices: 2,
    port: 0,
    hardware: 'equal',
    agent: 'fixed:edge/d0',
    goal: 80,
    requestTimeoutMs: TIMEOUT_MS,
    emulation: { timeScale: 0.1 },
  })
  const { variants } = catalogue
  fleet = await fleetSettings(settings, { catalogue: file, variants, realMs: {}, folder })
  processes = new FleetProcesses(fleet.nodes, join(folder, 'logs'), () => {})
  await processes.start(() => {})
  clients = fleet.applications.map(
    ({ url }) => new InferenceClient(url, { timeoutMs: 5 * TIMEOUT_MS, connections: 2 }),
  )
  const [first] = await loadPictures(catalogue)
  if (!first) throw new Error('no picture to send')
  picture = encodeInferRequest({ inputs: [first] }, { binary: true })
  model = catalogue.model
}, 60_000)

afterAll(async () => {
  for (const client of clients) await client.close()
  await processes.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** One request on every device; how each was served and how long it took. */
async function ask(): Promise<{ servedBy: string | undefined; tookMs: number }[]> {
  return Promise.all(
    clients.map(async (client) => {
      const begin = performance.now()
      const { headers } = await client.forward(model, picture, {})
      return { servedBy: headers['x-tierwise-decision'], tookMs: performance.now() - begin }
    }),
  )
}

/** Asks until every device is served so. @returns requests it took */
async function askUntilServedBy(placement: string, limitMs: number): Promise<number> {
  const end = performance.now() + limitMs
  for (let requests = 1; performance.now() < end; requests++) {
    const answers = await ask()
    if (answers.every(({ servedBy }) => servedBy === placement)) return requests
    await sleep(50)
  }
  throw new Error(`not served by ${placement} within ${limitMs} ms`)
}

function kill(node: string): void {
  const pid = processes.pids()[node]
  if (pid === undefined) throw new Error(`${node} is not running`)
  process.kill(pid, 'SIGKILL')
}

test('the orchestrator’s decision reaches the devices and directs their requests', async () => {
  await askUntilServedBy('edge/d0', BACK_MS)
})

test('the page of the cloud node shows the fleet as it serves', async () => {
  const browser = await openChromium()
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    await page.goto(fleet.pageUrl)
    const asking = setInterval(() => void ask().catch(() => {}), 100)
    try {
      await page.getByTestId('connection').getByText('Live').waitFor()
      for (const { device } of fleet.applications) {
        await page.getByTestId(`decision-${device}`).getByText('edge/d0').waitFor()
      }
      await page.getByTestId('chart-response-time').locator('canvas').waitFor()
      await page.getByTestId('fact-speeds').getByText('Emulated').waitFor()
    } finally {
      clearInterval(asking)
    }
    expect(errors).toEqual([])
  } finally {
    await browser.close()
  }
}, 60_000)

test('the edge dies: every request is answered on the device within one time-out, and the edge serves again when it is back', async () => {
  const inFlight = ask()
  await sleep(10)
  kill('edge')
  for (const { servedBy } of await inFlight) expect(servedBy).toMatch(/^(end|edge)\//)
  for (let round = 0; round < 5; round++) {
    for (const { servedBy, tookMs } of await ask()) {
      expect(servedBy).toMatch(/^(end|cloud)\//)
      expect(tookMs).toBeLessThan(2 * TIMEOUT_MS)
    }
  }
  await askUntilServedBy('edge/d0', BACK_MS)
})

test('the cloud dies with orchestrator and broker: devices follow their last decision, and rounds go on when it is back', async () => {
  const before = await ask()
  kill('cloud')
  for (let round = 0; round < 5; round++) {
    for (const { servedBy } of await ask()) expect(servedBy).toBe(before[0]?.servedBy)
  }
  const deadline = performance.now() + BACK_MS
  const url = `${fleet.pageUrl}v2/tierwise/decision/device-1`
  let answered = false
  while (!answered && performance.now() < deadline) {
    await ask()
    answered = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
    await sleep(100)
  }
  expect(answered).toBe(true)
  await askUntilServedBy('edge/d0', BACK_MS)
})

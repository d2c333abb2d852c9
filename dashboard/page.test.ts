import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AedesPublishPacket } from 'aedes'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Random } from '../src/random.ts'
import { openChromium } from '../test/chromium.ts'
import { FakeFleet, introduce, playRound } from './fake-fleet.fixture.ts'

let pageFolder: string
let browser: Browser
let fleet: FakeFleet
let page: Page
let problems: string[]

beforeAll(async () => {
  pageFolder = await mkdtemp(join(tmpdir(), 'tierwise-page-'))
  await build({
    configFile: 'vite.config.ts',
    logLevel: 'warn',
    build: { outDir: pageFolder, emptyOutDir: true },
  })
  browser = await openChromium()
})

afterAll(async () => {
  await browser?.close()
  await rm(pageFolder, { recursive: true, force: true })
})

beforeEach(async () => {
  fleet = await FakeFleet.start(pageFolder)
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  problems = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
})

afterEach(async () => {
  await page.close()
  await fleet.close()
})

/** Busy machines draw late. */
const POLL = { timeout: 10_000 }

/** Waits until the element says the text. */
async function waitForText(testId: string, text: string): Promise<void> {
  await page.getByTestId(testId).filter({ hasText: text }).waitFor({ timeout: 25_000 })
}

async function play(rounds: number, goalPercent = 87): Promise<number> {
  const random = new Random(7)
  await introduce(fleet, goalPercent)
  let violations = 0
  for (let round = 0; round < rounds; round++) {
    violations = await playRound(fleet, round, goalPercent, violations, random)
  }
  return violations
}

test('an empty fleet gives an empty page without errors', async () => {
  await page.goto(fleet.url)
  await waitForText('connection', 'Connected')
  await page.getByText('Waiting for the first node to report').waitFor()
  expect(await page.getByTestId('tile-response-time').textContent()).toContain('–')
  expect(problems).toEqual([])
})

test('five devices, their decisions, the figures and the charts', async () => {
  await page.goto(fleet.url)
  await waitForText('connection', 'Connected')
  const violations = await play(200)
  await waitForText('tile-rounds', '200')
  for (const [name, decision] of [
    ['device-1', 'end/d4'],
    ['device-2', 'end/d6'],
    ['device-3', 'edge/d0'],
    ['device-4', 'end/d4'],
    ['device-5', 'cloud/d0'],
  ] as const) {
    expect(await page.getByTestId(`device-${name}`).textContent()).toContain('ready')
    expect(await page.getByTestId(`decision-${name}`).textContent()).toBe(decision)
  }
  expect(await page.getByTestId('device-device-5').textContent()).toContain('Weak')
  expect(await page.getByTestId('node-edge').textContent()).toContain('ready')
  expect(violations).toBeGreaterThan(0)
  expect(await page.getByTestId('tile-violations').textContent()).toContain(String(violations))
  expect(await page.getByTestId('tile-response-time').textContent()).toMatch(/\d+ ms.*−\d+ % from/)
  expect(await page.getByTestId('tile-speeds').textContent()).toMatch(/Emulated.*1\.4 %/)
  for (const chart of ['response-time', 'accuracy', 'steps']) {
    const canvas = await page.getByTestId(`chart-${chart}`).locator('canvas').boundingBox()
    expect(canvas?.width).toBeGreaterThan(300)
    expect(canvas?.height).toBeGreaterThan(150)
  }
  expect(await page.locator('.request').count()).toBeGreaterThan(0)
  expect(problems).toEqual([])
})

test('everything fits a phone', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(fleet.url)
  await play(20)
  await waitForText('tile-rounds', '20')
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  expect(problems).toEqual([])
})

test('a new goal is published, retained', async () => {
  await play(5)
  await page.goto(fleet.url)
  const input = page.getByTestId('goal-input')
  await expect.poll(() => input.inputValue(), POLL).toBe('87')
  const published = new Promise<AedesPublishPacket>((resolve) => {
    fleet.broker.on('publish', (packet) => packet.topic === 'tierwise/goal' && resolve(packet))
  })
  await input.fill('82.5')
  await page.getByTestId('goal-apply').click()
  const packet = await published
  expect(JSON.parse(String(packet.payload))).toEqual({ accuracyPercent: 82.5 })
  expect(packet.retain).toBe(true)
  await waitForText('tile-accuracy', '82.5 %')
  expect(problems).toEqual([])
})

test('the gap, a shadow and a fixed rule in force are shown, and the agent goes on at a click', async () => {
  await play(3)
  await page.goto(fleet.url)
  await waitForText('tile-rounds', '3')
  expect(await page.getByTestId('tile-gap').count()).toBe(0)
  expect(await page.getByTestId('tile-shadow').count()).toBe(0)
  await playRound(fleet, 3, 87, 0, new Random(7), {
    explanation: { responseTimeMs: 301, lowerBoundMs: 300, gapPercent: 0.33, inForce: true },
    shadow: {
      agent: 'hybrid',
      rounds: 100,
      agreementPercent: 40,
      savingPercent: -2.5,
      judgeErrorPercent: 6,
      goalViolations: 2,
    },
    revert: { rule: 'fixed:end/d4', reason: 'asked for' },
  })
  await waitForText('tile-gap', '≤ 0.3 %')
  await waitForText('tile-gap', 'none below 300 ms, by what is learned')
  await waitForText('tile-shadow', 'Shadow hybrid')
  await waitForText('tile-shadow', '+2.5 %')
  await waitForText('tile-shadow', 'predicted (± 6.0 %), 40 % agree, 2 below goal')
  await waitForText('revert', 'Reverted to fixed:end/d4: asked for')
  const goals: unknown[] = []
  fleet.broker.on('publish', ({ topic, payload }) => {
    if (topic === 'tierwise/goal') goals.push(JSON.parse(String(payload)))
  })
  await page.getByTestId('revert-button').click()
  await expect.poll(() => goals, POLL).toEqual([{ accuracyPercent: 87, revert: false }])
  await playRound(fleet, 4, 87, 0, new Random(7))
  await waitForText('revert-button', 'Revert to the fixed rule')
  await page.getByTestId('revert-button').click()
  await expect.poll(() => goals.at(-1), POLL).toEqual({ accuracyPercent: 87, revert: true })
  expect(problems).toEqual([])
})

test('a picture is posted as it is, and its label and the way it was served are shown', async () => {
  await play(1)
  await page.goto(fleet.url)
  const posted: (Buffer | null)[] = []
  let status = 200
  await page.route('**/v2/models/d0/infer', async (route) => {
    posted.push(route.request().postDataBuffer())
    const parameters = { label: 'Ankle boot', class: 9, probability: 0.9876 }
    await route.fulfill({
      status,
      headers: { 'x-tierwise-decision': 'cloud/d0', 'x-tierwise-response-ms': '12.4' },
      json: status === 200 ? { parameters } : { error: 'cannot be decoded' },
    })
  })
  const file = { name: 'boot.png', mimeType: 'image/png', buffer: Buffer.from('\x89PNG…') }
  await page.getByTestId('picture').setInputFiles(file)
  await waitForText('picture-answer', 'Ankle boot 98.8 %, cloud/d0, 12 ms')
  expect(posted).toEqual([file.buffer])
  status = 400
  // A browser logs every refused request.
  const before = problems.length
  await page.getByTestId('picture').setInputFiles(file)
  await page.getByText('cannot be decoded').waitFor()
  expect(await page.getByTestId('picture-answer').textContent()).toBe('')
  expect(problems.slice(before)).toEqual([expect.stringContaining('400')])
})

test('a fallback is shown beside the decision that it replaced', async () => {
  await play(200)
  await page.goto(fleet.url)
  await waitForText('decision-device-3', 'edge/d0')
  await fleet.publish('observation', {
    device: 'device-3',
    session: 'story',
    round: 400,
    decided: { tier: 'edge', variant: 'd0' },
    served: { tier: 'end', variant: 'd4' },
    accuracyPercent: 88.9,
    responseTimeMs: 1215,
    queueMs: 0,
    computeMs: 215,
    networkMs: 1000,
    decisionMs: 0,
    failed: false,
  })
  await waitForText('device-device-3', 'fell back to → end/d4')
  expect(await page.getByTestId('decision-device-3').textContent()).toBe('edge/d0')
  expect(problems).toEqual([])
})

/** Two devices are to escalate; the second doubts its accuracy. */
async function decideToEscalate(): Promise<void> {
  for (const [device, variant, tier, margin] of [
    ['device-1', 'd4', 'edge', 0.51],
    ['device-2', 'd6', 'end', 0.4],
  ] as const) {
    await fleet.publish('decision', {
      session: 'story',
      epoch: 1,
      round: 6,
      device,
      placement: { tier: 'end', variant },
      escalation: { to: { tier, variant: 'd0' }, margin, share: 0.2 },
      fallbackAccuracyPercent: 80,
    })
  }
  const seen = { judged: 90, plannedPercent: 20, seenPercent: 17, audited: 50, agreed: 49 }
  const inService = { ...seen, labelled: 400, right: 368 }
  const telling = (node: string, told: object) =>
    fleet.publish('telemetry', {
      alive: true,
      node,
      tier: 'end',
      url: 'http://127.0.0.1:8000',
      ready: true,
      variants: [],
      state: { processor: 0, memory: 0, bandwidth: 0 },
      measured: { backgroundProcessorPercent: 3, memoryUsedPercent: 41 },
      service: { requests: 0, failedRequests: 0, queueDepth: 0 },
      inService: { ...inService, ...told },
    })
  await telling('device-1', {})
  await telling('device-2', { inDoubt: 'far more answers are unsure than the 20 % planned' })
}

/** The first of them escalates. */
function answerEscalated(): Promise<void> {
  return fleet.publish('observation', {
    device: 'device-1',
    session: 'story',
    round: 6,
    decided: { tier: 'end', variant: 'd4' },
    served: { tier: 'edge', variant: 'd0' },
    escalation: { escalated: true, margin: 0.3, firstMs: 4.2 },
    accuracyPercent: 92,
    responseTimeMs: 60,
    queueMs: 0,
    computeMs: 20,
    networkMs: 30,
    decisionMs: 0,
    failed: false,
  })
}

test('a device that escalates shows its first answer, the share that is unsure, its audits, and a doubt', async () => {
  await play(5)
  await decideToEscalate()
  await page.goto(fleet.url)
  await waitForText('decision-device-1', 'end/d4>edge/d0@0.51')
  await answerEscalated()
  await waitForText('answers-device-1', 'first 4.2 ms, margin 0.30 · right by labels 92.0 %')
  await waitForText('answers-device-1', 'unsure 17 %, planned 20 % · audits agree 98 %')
  await waitForText('answers-device-2', 'in doubt · unsure 17 %')
  expect(await page.getByTestId('device-device-1').textContent()).not.toContain('fell back')
  expect(await page.getByTestId('answers-device-3').count()).toBe(0)
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 900 })
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
    const card = await page.getByTestId('device-device-1').boundingBox()
    const answers = await page.getByTestId('answers-device-1').boundingBox()
    expect((answers?.x ?? 0) + (answers?.width ?? 999)).toBeLessThanOrEqual(
      (card?.x ?? 0) + (card?.width ?? 0),
    )
    expect((answers?.y ?? 0) + (answers?.height ?? 999)).toBeLessThanOrEqual(
      (card?.y ?? 0) + (card?.height ?? 0) + 1,
    )
  }
  expect(problems).toEqual([])
})

test('a dead node is shown dead, and a malformed message is counted', async () => {
  await play(5)
  await page.goto(fleet.url)
  await waitForText('node-edge', 'ready')
  await fleet.publish('telemetry', { alive: false, node: 'edge', tier: 'edge' })
  await waitForText('node-edge', 'dead')
  await fleet.publishText('tierwise/telemetry/device-1', '{"alive": "perhaps"')
  await page.getByText('1 malformed message dropped').waitFor()
  expect(await page.getByTestId('device-device-1').textContent()).toContain('ready')
  expect(problems).toEqual([])
})

test('without the broker the page says so and takes no goal', async () => {
  await play(5)
  await page.goto(fleet.url)
  await waitForText('connection', 'Connected')
  await fleet.close()
  await waitForText('connection', 'Disconnected')
  expect(await page.getByTestId('goal-apply').isDisabled()).toBe(true)
  expect(await page.getByTestId('goal-input').isDisabled()).toBe(true)
  fleet = await FakeFleet.start(pageFolder)
})

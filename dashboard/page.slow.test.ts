import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Random } from '../src/random.ts'
import { openChromium } from '../test/chromium.ts'
import { PageServer } from './page-server.fixture.ts'
import { exampleBeliefs, exampleReport } from './states.fixture.ts'
import { Story } from './story.fixture.ts'
import { exampleTests } from './test-answers.fixture.ts'

let pageFolder: string
let browser: Browser
let server: PageServer
let page: Page
let problems: string[]
let nowMs: number

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
  nowMs = Date.now() - 300_000
  server = await PageServer.start(pageFolder, () => nowMs)
  nowMs = Date.now()
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  page.setDefaultTimeout(25_000)
  problems = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
})

afterEach(async () => {
  await page.close()
  await server.close()
})

/** Seconds that the fleet has run. */
function play(devices = 5, seconds = 100): Story {
  const story = new Story(server.record, new Random(7), { devices })
  nowMs = Date.now() - 1000 * seconds
  story.introduce()
  story.announce()
  for (let second = 0; second < seconds; second++) {
    nowMs += 1000
    story.playRound()
    if (second % 5 === 0) story.introduce()
  }
  nowMs = Date.now()
  story.introduce()
  return story
}

const heading = (name: string | RegExp) => page.getByRole('heading', { name })
const says = (testId: string, text: string | RegExp) =>
  page.getByTestId(testId).filter({ hasText: text }).waitFor()

test('before anybody has said anything, nothing is claimed', async () => {
  await page.goto(server.url)
  await heading('Waiting for the orchestrator').waitFor()
  await page.getByText('Waiting for the first node to report').waitFor()
  for (const fact of ['goal', 'agent', 'speeds']) await says(`fact-${fact}`, 'Unknown')
  for (const figure of ['response-time', 'accuracy', 'requests', 'violations']) {
    await says(`figure-${figure}`, 'Not known yet')
  }
  expect(problems).toEqual([])
})

test('while nodes start, links and speeds are unknown', async () => {
  const story = new Story(server.record, new Random(7), { devices: 3 })
  const weak = { state: { processor: 0, memory: 0, bandwidth: 1 } as const, ready: false }
  const measured = { backgroundProcessorPercent: 3, memoryUsedPercent: 41, roundTripMs: 80 }
  for (const name of story.names) story.tell(name, { ...weak, measured })
  await page.goto(server.url)
  await says('device-camera-1', 'starting')
  await says('fact-speeds', 'Unknown')
  expect(await page.getByText('weak link').count()).toBe(0)
  for (let time = 0; time < 5; time++) story.tell('camera-1', { ...weak, ready: true, measured })
  await says('device-camera-1', 'weak link')
  expect(problems).toEqual([])
})

test('what is in force, what it comes to, and every device with its decision', async () => {
  play(5, 200)
  await page.goto(server.url)
  await heading('All is well').waitFor()
  await says('fact-goal', '≥ 87 %')
  await says('fact-agent', /factored.*learning while it serves/)
  await says('fact-speeds', /Emulated.*1\.4 %/)
  await says('figure-response-time', /\d+ ms.*95 % within \d+ ms/)
  await says('figure-accuracy', /\d\d\.\d %.*points above the goal of 87 %/)
  await says('figure-requests', /\d+\.\d a second.*on the device/)
  await says('figure-violations', /of 200 rounds/)
  await says('decision-camera-3', 'edge/d0')
  await says('device-camera-2', 'weak link')
  for (const chart of ['response-time', 'accuracy', 'requests']) {
    const canvas = await page.getByTestId(`chart-${chart}`).locator('canvas').boundingBox()
    expect(canvas?.width).toBeGreaterThan(300)
    expect(canvas?.height).toBeGreaterThan(100)
  }
  expect(problems).toEqual([])
})

test('a refused goal changes nothing that is shown, and its reason stays', async () => {
  const story = play()
  const reason = 'no decision reaches 99 %: 89.9 % is the most'
  server.onGoal = ({ id = '', accuracyPercent }) => {
    const refusedWish = { accuracyPercent, reason }
    story.announce({ answered: [{ id, refused: reason }], refusedWish })
  }
  await page.goto(server.url)
  await page.getByRole('button', { name: 'Change goal' }).click()
  await page.getByLabel('At least, percent').fill('99')
  await page.getByRole('button', { name: 'Apply' }).click()
  await page.getByRole('dialog').getByText(`Refused: ${reason}`).waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await says('attention', `A goal of 99 % was refused: ${reason}. In force: 87 %`)
  await says('fact-goal', '≥ 87 %')
  await says('events', /Refused.*goal 99 %/)
  // A browser logs every refused request.
  expect(problems).toEqual([expect.stringContaining('409')])
})

test('goal, agent, budget, revert and resume are asked for, and in force once they are acknowledged', async () => {
  const story = play()
  const asked: unknown[] = []
  server.onGoal = ({ id = '', ...wish }) => {
    asked.push(wish)
    const { accuracyPercent, agent = 'factored', revert, explorationBudgetPercent } = wish
    const reverted = revert ? { reverted: 'asked for' } : {}
    const budget = explorationBudgetPercent !== undefined && { explorationBudgetPercent }
    const news = { goalPercent: accuracyPercent, agent, ...reverted, ...budget }
    story.announce({ ...news, answered: [{ id }] })
  }
  const change = async (button: string, label?: string, text = '') => {
    await page.getByRole('button', { name: button }).click()
    if (label !== undefined) await page.getByLabel(label, { exact: true }).fill(text)
    await page.getByRole('button', { name: /^(Apply|Yes)$/ }).click()
    await page.getByRole('dialog').getByText('In force now.').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
  }
  await page.goto(server.url)
  await change('Change goal', 'At least, percent', '82.5')
  await says('fact-goal', '≥ 82.5 %')
  await change('Change agent', 'Agent', 'hybrid')
  await says('fact-agent', 'hybrid')
  await says('fact-budget', 'Unbounded')
  const budget = 'At most, percent; empty for no bound'
  await change('Change budget', budget, '2.5')
  await says('fact-budget', '≤ 2.5 % more')
  await says('events', 'Exploring may cost 2.5 % more response time, before: any response time')
  await change('Change budget', budget)
  await change('Revert to the fixed rule')
  await says('attention', 'A fixed rule is in the agent’s place: asked for')
  await change('Let the agent go on')
  const wishes = [
    {},
    { agent: 'hybrid' },
    { explorationBudgetPercent: 2.5 },
    { explorationBudgetPercent: 'unbounded' },
    { revert: true },
    { revert: false },
  ]
  expect(asked).toEqual(wishes.map((wish) => ({ accuracyPercent: 82.5, ...wish })))
  expect(problems).toEqual([])
})

test('a run that has ended says so and shows its report, also when its node is gone', async () => {
  play()
  await page.goto(server.url)
  await heading('All is well').waitFor()
  server.record.end(exampleReport)
  await heading('The run has ended').waitFor()
  await says('connection', 'Run ended')
  await says('figure-response-time', /236 ms.*Saves 41 % against.*end\/d4, 402 ms measured/)
  await says('figure-response-time', '1.3 % above the oracle')
  await page.getByRole('row', { name: /learned 236 ms 88.2 % 87.6 % kept/ }).waitFor()
  await page.getByRole('row', { name: 'end/d4 402 ms 88.9 % – kept 1.70 × faster' }).waitFor()
  await server.close()
  await page.waitForTimeout(1500)
  await says('connection', 'Run ended')
  expect(await page.getByTestId('device-camera-1').textContent()).toContain('ready')
  server = await PageServer.start(pageFolder)
})

test('without its node the page says how old is what it shows, and takes no wish', async () => {
  play()
  await page.goto(server.url)
  await says('connection', 'Live')
  await server.close()
  await says('connection', /Reconnecting… what you see is \d+ s old/)
  await heading('Last known: All is well').waitFor()
  expect(await page.getByRole('button', { name: 'Change goal' }).isDisabled()).toBe(true)
  server = await PageServer.start(pageFolder)
})

test('two hundred devices are a table of fixed height: searched, filtered and sorted', async () => {
  play(200, 10)
  await page.goto(server.url)
  const rows = page.getByTestId('device-table').getByRole('row')
  await page.getByText('200 of 200 devices', { exact: true }).waitFor()
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThan(2000)
  expect(await rows.count()).toBeLessThan(40)
  await page.getByRole('row', { name: 'Edge edge-1 50 devices' }).waitFor()
  await page.getByLabel('Search by name, edge or decision').fill('camera-19')
  await page.getByText('11 of 200 devices', { exact: true }).waitFor()
  await page.getByLabel('Search by name, edge or decision').fill('')
  await page.getByLabel('By site and edge').uncheck()
  await page.getByRole('button', { name: 'Took' }).click()
  await page.getByRole('button', { name: 'Took' }).click()
  const [slowest = 0, second = 0] = await page
    .getByTestId('device-table')
    .locator('td:nth-child(4)')
    .evaluateAll((cells) => cells.slice(1).map((cell) => Number.parseFloat(cell.textContent ?? '')))
  expect(slowest).toBeGreaterThanOrEqual(second)
  await page.getByRole('region', { name: 'Devices, scrollable' }).evaluate((view) => {
    view.scrollTop = view.scrollHeight
  })
  await expect.poll(async () => (await rows.last().textContent()) ?? '').toMatch(/camera-\d+/)
  expect(problems).toEqual([])
})

test('a device has a page of its own, by its address: why it is decided so, and its requests', async () => {
  play(5, 200)
  server.beliefs = exampleBeliefs
  await page.goto(`${server.url}#/devices/camera-1`)
  await heading('camera-1').waitFor()
  await says('alternatives', 'this is the best for the fleet’s average')
  await page.getByRole('row', { name: /end\/d6 84.4 %.*would break the goal/ }).waitFor()
  await page
    .getByRole('row', { name: /end\/d4 end\/d4 \d+ ms/ })
    .first()
    .waitFor()
  await page.getByTestId('chart-device').locator('canvas').waitFor()
  await page.getByRole('link', { name: 'All devices' }).click()
  await page.getByRole('link', { name: 'camera-3' }).click()
  await heading('camera-3').waitFor()
  expect(page.url()).toContain('#/devices/camera-3')
  await page.goto(`${server.url}#/devices/nobody`)
  await page.getByText('"nobody" was never heard of').waitFor()
})

test('the goal of a device is changed on its page, and taken back', async () => {
  const story = play()
  const asked: unknown[] = []
  server.onGoal = ({ id = '', deviceGoal }) => {
    asked.push(deviceGoal)
    if (deviceGoal === undefined) return
    const { device, goalPercent } = deviceGoal
    story.announce({ deviceGoals: { [device]: { goalPercent } }, answered: [{ id }] })
  }
  const change = async (button: string, text: string) => {
    await page.getByRole('button', { name: button }).click()
    await page.getByLabel('At least, percent; empty for none', { exact: true }).fill(text)
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByRole('dialog').getByText('In force now.').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
  }
  await page.goto(`${server.url}#/devices/camera-3`)
  await change('Give it a goal', '89.5')
  await says('own-goal', /own goal 89.5 %.*asked for in place of none/)
  await change('Change its goal', '')
  await page.getByRole('button', { name: 'Give it a goal' }).waitFor()
  expect(asked).toEqual([
    { device: 'camera-3', goalPercent: 89.5 },
    { device: 'camera-3', goalPercent: 'none' },
  ])
  expect(problems).toEqual([])
})

test('events are told, and lead the charts to their time', async () => {
  const story = play(5, 200)
  server.record.hearTelemetry({ alive: false, node: 'edge', tier: 'edge' })
  await page.goto(server.url)
  await heading('One thing needs you').waitFor()
  await says('node-edge', 'down')
  await says('events', /Down.*edge left/)
  await page.getByTestId('events').getByRole('button').first().click()
  await says('events', 'of the part zoomed into')
  await page.getByRole('button', { name: 'Show all', exact: true }).click()
  await says('events', 'of the time in the charts')
  story.tell('edge', { tier: 'edge' })
  await says('events', /Back.*edge is back/)
  expect(problems).toEqual([])
})

test('a fallback is shown beside the decision that it replaced', async () => {
  const story = play(5, 200)
  story.answer('camera-3', 'edge/d0', 1215, 'end/d4')
  await page.goto(server.url)
  await says('device-camera-3', 'fell back to end/d4')
  await says('decision-camera-3', 'edge/d0')
})

test('colours are switched, and stay so', async () => {
  await page.goto(server.url)
  await page.getByRole('button', { name: 'Switch to dark colours' }).click()
  await page.reload()
  await page.getByRole('button', { name: 'Switch to light colours' }).waitFor()
})

test('everything fits a phone', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  play()
  server.beliefs = exampleBeliefs
  const width = () => page.evaluate(() => document.documentElement.scrollWidth)
  await page.goto(server.url)
  await heading('All is well').waitFor()
  expect(await width()).toBe(390)
  await page.getByRole('link', { name: 'camera-1' }).click()
  await says('alternatives', 'this is the best')
  expect(await width()).toBe(390)
  server.record.tests = exampleTests
  server.record.end(exampleReport)
  await page.getByRole('link', { name: 'All devices' }).click()
  await heading('The run has ended').waitFor()
  await page.getByTestId('test-answers').waitFor()
  expect(await width()).toBe(390)
})

test('a picture is posted as it is, and its label and the way it was served are shown', async () => {
  play()
  await page.goto(server.url)
  const posted: (Buffer | null)[] = []
  await page.route('**/v2/models/d0/infer', async (route) => {
    posted.push(route.request().postDataBuffer())
    await route.fulfill({
      headers: { 'x-tierwise-decision': 'cloud/d0', 'x-tierwise-response-ms': '12.4' },
      json: { parameters: { label: 'Ankle boot', class: 9, probability: 0.9876 } },
    })
  })
  const file = { name: 'boot.png', mimeType: 'image/png', buffer: Buffer.from('\x89PNG…') }
  await page.getByTestId('picture').setInputFiles(file)
  await says('picture-answer', 'Ankle boot 98.8 %, cloud/d0, 12 ms')
  expect(posted).toEqual([file.buffer])
  expect(problems).toEqual([])
})

test('pictures of a demonstration stand beside their answers, of the fleet and of a device; else nothing does', async () => {
  play()
  await page.goto(server.url)
  await heading('All is well').waitFor()
  expect(await page.getByTestId('test-answers').count()).toBe(0)
  server.record.tests = exampleTests
  const answers = page.getByTestId('test-answers')
  const boot = answers.getByRole('img', { name: 'Ankle boot' })
  await boot.waitFor()
  expect(
    await boot.evaluate((image) => image instanceof HTMLImageElement && image.naturalWidth),
  ).toBe(28)
  expect(await answers.getByRole('listitem').count()).toBe(6)
  await says('test-answers', 'T-shirt/top 54.2 %✕ wrong: labelled Shirt')
  await says('test-answers', 'unsure (margin 0.12, below 0.51); then d0 at the edge')
  await says('figure-accuracy', '87.6 % measured by 1\u202f240 labels (95 %: 85.6 to 89.3 %)')
  await says('figure-accuracy', 'the goal of 87 % is within that')
  await answers.getByRole('link', { name: 'camera-1' }).first().click()
  await heading('camera-1').waitFor()
  await answers.getByRole('img', { name: 'Trouser' }).waitFor()
  expect(await answers.getByRole('listitem').count()).toBe(4)
  expect(problems).toEqual([])
})

test('the first load is at most 120 kB, and served compressed', async () => {
  const assets = join(pageFolder, 'assets')
  const zipped = (await readdir(assets)).filter((name) => name.endsWith('.gz'))
  const sizes = await Promise.all(
    zipped.map(async (name) => (await readFile(join(assets, name))).length),
  )
  expect(sizes).toHaveLength(2)
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(120_000)
  const script = zipped.find((name) => name.endsWith('.js.gz'))?.slice(0, -3)
  const answer = await fetch(`${server.url}assets/${script}`, {
    headers: { 'accept-encoding': 'gzip' },
  })
  expect(answer.headers.get('content-encoding')).toBe('gzip')
})

/** The page of a fleet that has an authority, as nobody, as a viewer and as an operator; and of one that is open to everybody. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { BrokerGuard } from '../src/access/broker-guard.ts'
import { clientTls, serverTls } from '../src/access/credentials.ts'
import { hostCheck } from '../src/access/hosts.ts'
import type { NodeAccess } from '../src/access/node-access.ts'
import { guardRoutes } from '../src/access/route-guard.ts'
import { type Broker, startBroker } from '../src/control/broker.ts'
import type { ControlPlane } from '../src/control/control-plane.ts'
import type { Goal, OrchestratorNews } from '../src/control/messages.ts'
import { connectControlPlane } from '../src/control/mqtt-control-plane.ts'
import { DoublingHandler } from '../src/protocol/doubling-handler.fixture.ts'
import { createInferenceServer, type InferenceServer } from '../src/protocol/server.ts'
import { FleetRecord } from '../src/views/fleet-record.ts'
import { addViews } from '../src/views/routes.ts'
import { type Caller, recording, type TestFleet, testFleet } from './access.fixture.ts'
import { openChromium } from './chromium.ts'

let pageFolder: string
let browser: Browser
let fleet: TestFleet
let access: NodeAccess
let context: BrowserContext
let page: Page
let problems: string[]
const served: { server: InferenceServer; broker: Broker; control: ControlPlane }[] = []

beforeAll(async () => {
  pageFolder = await mkdtemp(join(tmpdir(), 'tierwise-page-'))
  await build({
    configFile: 'vite.config.ts',
    logLevel: 'warn',
    build: { outDir: pageFolder, emptyOutDir: true },
  })
  browser = await openChromium()
  fleet = await testFleet()
  access = await fleet.access('cloud')
})
beforeEach(async () => {
  // Chromium does not know the fleet's authority.
  context = await browser.newContext({ ignoreHTTPSErrors: true })
  page = await context.newPage()
  problems = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    const isRefusal = message.text().includes('status of 401')
    if (message.type() === 'error' && !isRefusal) problems.push(message.text())
  })
})
afterEach(async () => {
  await context.close()
  for (const { server, broker, control } of served.splice(0)) {
    await control.close()
    await broker.close()
    await server.close()
  }
})
afterAll(async () => {
  await browser?.close()
  expect(fleet.leaks()).toEqual([])
  await fleet.close()
  await rm(pageFolder, { recursive: true, force: true })
})

/** The page and its broker, as a cloud node serves them. */
async function serve(guarded: { readonly insecure?: boolean; readonly access?: NodeAccess }) {
  const { access: own, insecure = false } = guarded
  const tls = own && serverTls(own.credentials)
  const options = { bodyLimitBytes: 1000, port: 0, ...(tls && { tls }) }
  const server = createInferenceServer(new DoublingHandler(), options)
  const checkHost = hostCheck([])
  guardRoutes(server.app, { checkHost, insecure, ...(own && { gate: own.gate }) })
  await server.app.register(fastifyStatic, { root: pageFolder, wildcard: false })
  const broker = await startBroker({
    ...{ port: 0, host: '127.0.0.1', logger: recording },
    ...(tls && own && { tls, door: new BrokerGuard(own.gate) }),
  })
  const control = await orchestratorsPlane(broker, own)
  const record = new FleetRecord()
  await record.follow(control)
  const beliefs = { alternatives: async () => undefined, bestFixed: async () => undefined }
  addViews(server.app, { record, control, mode: 'pushed', beliefs })
  served.push({ server, broker, control })
  await server.listen()
  return { url: server.url, control }
}

const caller = (title: string) => fleet.callers.find((one) => one.title === title) as Caller

async function signIn(title: string): Promise<void> {
  await page.getByTestId('token-input').fill(caller(title).token ?? '')
  await page.getByTestId('token-enter').click()
}

/** As the orchestrator of the cloud node that serves the page. */
function orchestratorsPlane(broker: Broker, own: NodeAccess | undefined): Promise<ControlPlane> {
  const { name = 'cloud-orchestrator', password = '' } = own?.credentials.orchestrator ?? {}
  const login = own && { username: name, password, tls: clientTls(own.credentials) }
  return connectControlPlane({ url: broker.url, clientId: name, logger: recording, ...login })
}

/** The orchestrator says what is in force, and grants whatever is asked of it. */
async function orchestrate(control: ControlPlane): Promise<Goal[]> {
  const goals: Goal[] = []
  let news: OrchestratorNews = {
    ...{ session: 's', epoch: 1, goalPercent: 85, agent: 'factored', answered: [] },
  }
  await control.subscribe('goal', (goal) => {
    goals.push(goal)
    const { accuracyPercent: goalPercent, revert, id = '' } = goal
    const reverted = revert ? { reverted: 'asked for' } : {}
    news = {
      ...{ session: 's', epoch: 1, agent: 'factored' },
      goalPercent,
      answered: [{ id }],
      ...reverted,
    }
    void control.publish('orchestrator', news)
  })
  await control.publish('orchestrator', news)
  return goals
}

test('without a token the page asks for one and shows nothing; a wrong one is refused', async () => {
  const { url, control } = await serve({ access })
  await orchestrate(control)
  await page.goto(url)
  await page.getByTestId('token-form').waitFor()
  await signIn('otto, revoked')
  await page.getByText('the token is unknown here, ended, or revoked').waitFor()
  expect(await page.getByTestId('fact-goal').count()).toBe(0)
  await page.getByText('This fleet is shown to whom it knows').waitFor()
  expect(problems).toEqual([])
})

test('a viewer sees everything and can change nothing', async () => {
  const { url, control } = await serve({ access })
  const goals = await orchestrate(control)
  await page.goto(url)
  await signIn('vera, viewer')
  await page.getByTestId('identity').filter({ hasText: 'vera, viewer' }).waitFor()
  await page.getByTestId('fact-goal').filter({ hasText: '≥ 85 %' }).waitFor()
  for (const name of ['Change goal', 'Change agent', 'Revert to the fixed rule']) {
    expect(await page.getByRole('button', { name }).isDisabled()).toBe(true)
  }
  expect(goals).toEqual([])
  expect(problems).toEqual([])
})

test('an operator changes the goal, stays known when the page is loaded again, and a new tab asks anew', async () => {
  const { url, control } = await serve({ access })
  const goals = await orchestrate(control)
  await page.goto(url)
  await signIn('alice, operator')
  await page.getByTestId('fact-goal').waitFor()
  await page.reload()
  await page.getByTestId('identity').filter({ hasText: 'alice, operator' }).waitFor()
  await page.getByRole('button', { name: 'Change goal' }).click()
  await page.getByLabel('At least, percent').fill('80')
  await page.getByRole('button', { name: 'Apply' }).click()
  await page.getByText('In force now.').waitFor()
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByTestId('fact-goal').filter({ hasText: '≥ 80 %' }).waitFor()
  await page.getByRole('button', { name: 'Revert to the fixed rule' }).click()
  await page.getByRole('button', { name: 'Yes' }).click()
  await expect
    .poll(() => goals)
    .toMatchObject([{ accuracyPercent: 80 }, { accuracyPercent: 80, revert: true }])
  const other = await context.newPage()
  await other.goto(url)
  await other.getByTestId('token-form').waitFor()
  expect(problems).toEqual([])
})

test('without an authority nothing is asked; where other machines are let in, it says so', async () => {
  const { url } = await serve({})
  await page.goto(url)
  await page.getByTestId('connection').filter({ hasText: 'Live' }).waitFor()
  expect(await page.getByTestId('token-form').count()).toBe(0)
  expect(await page.getByTestId('insecure').count()).toBe(0)
  const open = await serve({ insecure: true })
  await page.goto(open.url)
  await page.getByTestId('insecure').waitFor()
  expect(problems).toEqual([])
})

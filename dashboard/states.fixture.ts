/** The states that the page can be in, for its pictures and for the tests of its accessibility. */
import type { Page } from 'playwright-core'
import type { JointDecision } from '../src/control/messages.ts'
import type { ViewsOptions } from '../src/views/routes.ts'

import type { Reason, RunReport } from '../src/views/schemas.ts'
import type { PageServer } from './page-server.fixture.ts'
import type { Story } from './story.fixture.ts'
import { exampleTests } from './test-answers.fixture.ts'

/** One state of the page. */
export interface PageState {
  readonly devices: number
  /** So long the fleet has run. */
  readonly seconds?: number
  readonly path?: string
  /** Its time goes on once the story has been told. */
  readonly goesOn?: boolean
  readonly beside?: Partial<JointDecision>
  /** When the story has been told. */
  readonly end?: (story: Story, server: PageServer) => void
  /** When the page is open. */
  readonly act?: (page: Page) => Promise<void>
}

const believed: Partial<JointDecision> = {
  explanation: {
    responseTimeMs: 309,
    lowerBoundMs: 307.7,
    gapPercent: 0.43,
    inForce: true,
  },
}

/** As `tierwise up` tells it. */
export const exampleReport: RunReport = {
  goalPercent: 87,
  agent: 'factored',
  rounds: 240,
  requests: 2400,
  failedRequests: 0,
  seconds: 60,
  firstMs: 412,
  lastMs: 236,
  accuracyPercent: 88.2,
  measured: { answers: 1240, accuracyPercent: 87.6, interval: [85.6, 89.3] },
  goalViolations: 0,
  oracleMs: 233,
  strategies: [
    {
      ...{ name: 'end/d0', responseTimeMs: 471, accuracyPercent: 89.9, meetsGoal: true },
      measuredAccuracyPercent: 90.4,
    },
    { name: 'end/d4', responseTimeMs: 402, accuracyPercent: 88.9, meetsGoal: true },
    { name: 'end/d6', responseTimeMs: 121, accuracyPercent: 84.4, meetsGoal: false },
  ],
  text: 'Average response time   412.0 ms at first → 236.0 ms at last   (oracle 233.0 ms, gap 1.3 %)',
}

/** Of one device, in the words of an agent with a model. */
const exampleAlternatives: readonly Reason[] = [
  {
    choice: 'end/d4',
    accuracyPercent: 88.9,
    responseTimeMs: 217,
    spreadMs: 4,
    fleetMs: 236,
    inForce: true,
  },
  {
    choice: 'edge/d0',
    accuracyPercent: 89.9,
    responseTimeMs: 360,
    spreadMs: 21,
    fleetMs: 265,
    inForce: false,
  },
  {
    choice: 'cloud/d0',
    accuracyPercent: 89.9,
    responseTimeMs: 391,
    spreadMs: 30,
    fleetMs: 271,
    inForce: false,
  },
  {
    ...{ choice: 'end/d6', accuracyPercent: 84.4, responseTimeMs: 120, spreadMs: 3, fleetMs: 217 },
    ...{ inForce: false, closed: 'would break the goal: 86.3 % for all devices' },
  },
]

/** What such an agent believes. */
export const exampleBeliefs: ViewsOptions['beliefs'] = {
  alternatives: async () => exampleAlternatives,
  bestFixed: async () => ({ choice: 'end/d4', responseTimeMs: 402 }),
}

const driftText = 'camera-2 serves slower than it did: the agent learns it anew'

/** By name. */
export const STATES: Readonly<Record<string, PageState>> = {
  five: {
    devices: 5,
    beside: believed,
    end: (_, server) => {
      server.beliefs = exampleBeliefs
    },
  },
  pictures: {
    devices: 5,
    beside: believed,
    end: (_, { record }) => {
      record.tests = exampleTests
    },
  },
  start: {
    devices: 5,
    seconds: 0,
    end: (story) => {
      for (const name of story.names) story.tell(name, { ready: false })
      story.tell('edge', { tier: 'edge', ready: false })
      story.tell('cloud', { tier: 'cloud', ready: false })
    },
  },
  trouble: {
    devices: 5,
    beside: believed,
    end: (story, { record }) => {
      record.hearTelemetry({ alive: false, node: 'edge', tier: 'edge' })
      story.answer('camera-3', 'edge/d0', 1215, 'end/d4')
      const refusedWish = {
        accuracyPercent: 99,
        reason: 'no decision reaches 99 %: the most accurate choice open to all devices has 89.9 %',
      }
      story.announce({ reverted: 'asked for', refusedWish })
    },
  },
  ended: {
    devices: 5,
    beside: believed,
    end: (_, { record }) => {
      record.tests = exampleTests
      record.end(exampleReport)
    },
  },
  lost: {
    devices: 5,
    beside: believed,
    act: async (page) => {
      await page.route('**/v2/**', (route) => route.abort())
      await page.waitForTimeout(2500)
    },
  },
  refused: {
    devices: 5,
    beside: believed,
    act: async (page) => {
      await page.route('**/v2/tierwise/goal', (route) =>
        route.fulfill({
          status: 409,
          json: {
            error:
              'no decision reaches 99 %: the most accurate choice open to all devices has 89.9 %',
          },
        }),
      )
      await page.getByRole('button', { name: 'Change goal' }).click()
      await page.getByLabel('At least, percent').fill('99')
      await page.getByRole('button', { name: 'Apply' }).click()
      await page.getByText('Refused:').waitFor()
    },
  },
  // The agent found that a camera changed, and somebody asks for a budget.
  budget: {
    devices: 5,
    beside: believed,
    end: (story, { record }) => {
      story.announce({ explorationBudgetPercent: 4 })
      record.events.add('drift', driftText, Date.now(), 'camera-2')
    },
    act: async (page) => {
      await page.getByRole('button', { name: 'Change budget' }).click()
    },
  },
  twenty: { devices: 20, beside: believed },
  'two-hundred': { devices: 200 },
  'two-thousand': { devices: 2000, seconds: 60 },
  device: {
    devices: 5,
    path: '#/devices/camera-1',
    end: (_, server) => {
      server.beliefs = exampleBeliefs
      server.record.tests = exampleTests
    },
  },
}

/** Pages of results, one of each kind: light and dark, wide and narrow, against what axe-core checks; and what their reader may choose. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { EXAMPLE_RUN } from '../paper/example-run.fixture.ts'
import { filesOf } from '../paper/files.ts'
import { forestOf } from '../paper/forest.ts'
import { overviewOf } from '../paper/page.ts'
import type { Comparison, Report } from '../paper/report.ts'
import { schedule } from '../src/cli/schedule.fixture.ts'
import { reportOf } from '../src/cli/up/outcome.ts'
import { rounds, run, settings, unsure } from '../src/cli/up/report.fixture.ts'
import { reportPage } from '../src/cli/up/report-page.ts'
import { brokenRules } from './axe.ts'
import { openChromium } from './chromium.ts'

let browser: Browser
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tierwise-pages-'))
  browser = await openChromium()
})

afterAll(async () => {
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

afterEach(() => {
  vi.restoreAllMocks()
})

const COMPARISONS = ['hybrid', 'dqn'].map(
  (learner): Comparison => ({
    ...{ measure: 'steps', cell: { users: '5', learner, goal: '85 %' } },
    ...{ paper: 6000, ours: 97.5, low: 90, high: null, note: 'of 2 runs' },
    verdict: 'better',
  }),
)

const REPORT: Report = {
  method: ['Counted.'],
  summary: 'All is well.',
  claims: ['holds', 'fails'].map((claim) => ({
    ...{ claim, measured: '5 steps', holds: claim === 'holds' },
  })),
  comparisons: COMPARISONS,
  charts: forestOf(COMPARISONS, {
    ...{ name: 'steps', caption: 'Steps.', title: 'Steps to convergence' },
    ...{ row: 'users', column: 'goal', line: 'learner', axisLabel: 'real steps' },
  }),
}

function experimentPage(): string | undefined {
  const files = filesOf(REPORT, {
    ...{ name: 'x', title: 'Table X', command: 'tierwise reproduce x', quick: true },
    runs: [EXAMPLE_RUN],
  })
  return files.find(({ name }) => name === 'index.html')?.text
}

async function schedulePage(...args: string[]): Promise<string> {
  const plot = join(folder, 'plot.html')
  const ladder = join(import.meta.dirname, '../examples/schedule/ladder.yaml')
  const load = ['--deadline', '20', '--duration', '1s', '--plot', plot]
  await schedule('compare', '--ladder', ladder, ...load, ...args)
  return readFile(plot, 'utf8')
}

const PAGES: Readonly<Record<string, () => string | undefined | Promise<string>>> = {
  'an experiment': experimentPage,
  'all experiments': () =>
    overviewOf([{ ...REPORT, name: 'x', title: 'Table X', seeds: 2 }], true).text,
  'a run of the fleet': () => reportPage(reportOf(run), rounds, settings, [unsure]),
  schedules: () => schedulePage('--policies', 'uniform-fit,slack-fit'),
}

test.each(Object.entries(PAGES))(
  '%s: no rule is broken, and nothing is wider than the screen',
  async (_, html) => {
    const text = (await html()) ?? ''
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1440, 390]) {
        const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
        await page.setContent(text)
        expect(await brokenRules(page)).toEqual([])
        const widest = await page.evaluate('document.documentElement.scrollWidth')
        expect(widest).toBeLessThanOrEqual(width)
        await page.close()
      }
    }
  },
)

/** Names at the ends of lines that can be seen in one panel, from above. @param panel accuracy is the second */
async function namesIn(page: Page, panel = 1): Promise<{ name: string; top: number }[]> {
  const texts = page.locator('.lines svg').nth(panel).locator('[class^=policy-] text')
  const seen: { name: string; top: number }[] = []
  for (const text of await texts.all()) {
    const box = await text.boundingBox()
    if (await text.isVisible())
      seen.push({ name: (await text.textContent()) ?? '', top: box?.y ?? 0 })
  }
  return seen.sort((a, b) => a.top - b.top)
}

test('of many policies a reader chooses by the keyboard which are drawn, at most five', async () => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.setContent(await schedulePage())
  const names = (await namesIn(page)).map(({ name }) => name)
  expect(names).toHaveLength(5)
  expect(names).not.toContain('largest')
  const wanted = page.getByLabel('largest', { exact: true })
  expect(await wanted.isDisabled()).toBe(true)
  await page.getByLabel(names[0] ?? '', { exact: true }).press('Space')
  await wanted.press('Space')
  const chosen = await namesIn(page)
  expect(chosen.map(({ name }) => name).sort()).toEqual([...names.slice(1), 'largest'].sort())
  const apart = chosen.slice(1).map(({ top }, index) => top - (chosen[index]?.top ?? 0))
  expect(Math.min(...apart)).toBeGreaterThan(11)
  await page.close()
})

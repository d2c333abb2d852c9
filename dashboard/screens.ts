/**
 * Pictures of the page in its states: `npx tsx dashboard/screens.ts FOLDER [STATE…]`. Build the page first (`npx vite build`). They are
 * for somebody to look at.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { Random } from '../src/random.ts'
import { openChromium } from '../test/chromium.ts'
import { PageServer } from './page-server.fixture.ts'
import { STATES } from './states.fixture.ts'
import { Story } from './story.fixture.ts'

const PAGE_FOLDER = join(import.meta.dirname, '..', 'dist', 'dashboard')
const WIDTHS = [
  [1440, 900],
  [1024, 768],
  [390, 844],
] as const
const THEMES = ['light', 'dark'] as const
const SECONDS = 240

async function main(folder = 'screens', wanted: readonly string[] = []): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const browser = await openChromium()
  for (const [name, state] of Object.entries(STATES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    await drawState(browser, folder, name, state)
  }
  await browser.close()
}

async function drawState(
  browser: Browser,
  folder: string,
  name: string,
  state: (typeof STATES)[string],
): Promise<void> {
  let nowMs = Date.now() - 1000 * SECONDS
  const server = await PageServer.start(PAGE_FOLDER, () => nowMs)
  const story = new Story(server.record, new Random(7), { devices: state.devices })
  for (let second = 0; second <= (state.seconds ?? SECONDS); second++) {
    nowMs = Date.now() - 1000 * ((state.seconds ?? SECONDS) - second)
    if (second === 0) story.introduce()
    if (second === 1) story.announce()
    if (second > 1) story.playRound(state.beside)
    if (second % 5 === 0) story.introduce()
  }
  nowMs = Date.now()
  state.end?.(story, server)
  for (const theme of THEMES) {
    for (const [width, height] of WIDTHS) {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme })
      await page.goto(`${server.url}${state.path ?? ''}`)
      await page.waitForTimeout(700)
      await state.act?.(page, server)
      const path = join(folder, `${name}-${width}-${theme}.png`)
      await page.screenshot({ path, fullPage: true })
      await page.close()
    }
  }
  await server.close()
}

const [folder, ...wanted] = process.argv.slice(2)
await main(folder, wanted)

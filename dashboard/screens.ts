/**
 * Pictures of the page in its states: `npx tsx dashboard/screens.ts FOLDER [STATE…]`. Build the page first (`npx vite build`). They are
 * for somebody to look at.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { openChromium } from '../test/chromium.ts'
import { openState } from './open-state.fixture.ts'
import { type PageState, STATES } from './states.fixture.ts'

const PAGE_FOLDER = join(import.meta.dirname, '..', 'dist', 'dashboard')
const WIDTHS = [
  [1440, 900],
  [1024, 768],
  [390, 844],
] as const
const THEMES = ['light', 'dark'] as const

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
  state: PageState,
): Promise<void> {
  const { server, open } = await openState(browser, PAGE_FOLDER, state)
  for (const colorScheme of THEMES) {
    for (const [width, height] of WIDTHS) {
      const page = await open({ viewport: { width, height }, colorScheme })
      const path = join(folder, `${name}-${width}-${colorScheme}.png`)
      await page.screenshot({ path, fullPage: true })
      await page.close()
    }
  }
  await server.close()
}

const [folder, ...wanted] = process.argv.slice(2)
await main(folder, wanted)

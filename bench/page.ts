/** How smooth the live page is with 2,000 devices at one update a second, and how much of it a browser has to load. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { openState } from '../dashboard/open-state.fixture.ts'
import { openChromium } from '../test/chromium.ts'

const DEVICES = 2000
/** The first load is over. */
const SETTLED_MS = 4000
const UPDATES = 20
const UPDATE_MS = 1000
/** Somebody scrolls so far with every update, CSS pixels. */
const SCROLL = 700
/** Longer tasks of a page are felt. */
const MOST_TASK_MS = 50
/** Of all scripts and styles, compressed. */
const MOST_BYTES = 120_000

/** Tasks over 50 ms by kind of moment, and what is loaded. */
export async function measurePage() {
  const folder = mkdtempSync(join(tmpdir(), 'tierwise-page-'))
  const outDir = { outDir: folder, emptyOutDir: true }
  await build({ configFile: 'vite.config.ts', logLevel: 'warn', build: outDir })
  const assets = join(folder, 'assets')
  const zipped = readdirSync(assets).filter((name) => name.endsWith('.gz'))
  const bytes = zipped.reduce((sum, name) => sum + statSync(join(assets, name)).size, 0)
  const browser = await openChromium()
  const state = { devices: DEVICES, seconds: 30 }
  const { server, story, open } = await openState(browser, folder, state)
  try {
    const page = await open({ viewport: { width: 1440, height: 900 } })
    await page.waitForTimeout(SETTLED_MS)
    await page.evaluate(watchTasks)
    for (let update = 0; update < UPDATES; update++) {
      story.introduce()
      story.playRound()
      await scroll(page)
      await page.waitForTimeout(UPDATE_MS)
    }
    const tasksMs = await page.evaluate((): number[] => Reflect.get(globalThis, 'longTasksMs'))
    return { devices: DEVICES, updates: UPDATES, bytes, longTasksMs: tasksMs }
  } finally {
    await browser.close()
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** In the page. */
function watchTasks(): void {
  const tasks: number[] = []
  Reflect.set(globalThis, 'longTasksMs', tasks)
  const observer = new PerformanceObserver((list) => {
    tasks.push(...list.getEntries().map(({ duration }) => duration))
  })
  // Only browsers know of this kind.
  observer.observe({ type: 'longtask' as 'measure' })
}

async function scroll(page: Page): Promise<void> {
  const table = page.getByRole('region', { name: 'Devices, scrollable' })
  await table.evaluate((view, by) => view.scrollBy({ top: by }), SCROLL)
}

/** @throws Error where a task is felt, or the page is too large */
export function describePage(result: Awaited<ReturnType<typeof measurePage>>): string[] {
  const { devices, updates, bytes, longTasksMs } = result
  const longest = Math.max(0, ...longTasksMs)
  if (longest > MOST_TASK_MS || bytes > MOST_BYTES) {
    throw new Error(
      `the page is not smooth: its longest task took ${longest} ms (at most ${MOST_TASK_MS}), its scripts and styles have ${bytes} bytes (at most ${MOST_BYTES})`,
    )
  }
  return [
    `Page: ${(bytes / 1000).toFixed(1)} kB of scripts and styles; with ${devices} devices and ${updates} updates, one a second, no task took over ${MOST_TASK_MS} ms.`,
  ]
}

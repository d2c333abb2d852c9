/** How smooth the live page is with 2,000 devices at one update a second, and how much of it a browser has to load. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { z } from 'zod'
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

/** The longest task of the page, and what is loaded. */
export async function measurePage() {
  const folder = mkdtempSync(join(tmpdir(), 'tierwise-page-'))
  const outDir = { outDir: folder, emptyOutDir: true }
  await build({ configFile: 'vite.config.ts', logLevel: 'warn', build: outDir })
  const assets = join(folder, 'assets')
  const zipped = readdirSync(assets).filter((name) => name.endsWith('.gz'))
  const bytes = zipped.reduce((sum, name) => sum + statSync(join(assets, name)).size, 0)
  const browser = await openChromium()
  const state = { devices: DEVICES, seconds: 30, goesOn: true }
  const { server, story, open } = await openState(browser, folder, state)
  try {
    const page = await open({ viewport: { width: 1440, height: 900 } })
    await page.waitForTimeout(SETTLED_MS)
    await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-lighthouse'] })
    for (let update = 0; update < UPDATES; update++) {
      story.introduce()
      story.playRound()
      await scroll(page)
      await page.waitForTimeout(UPDATE_MS)
    }
    const tasks = tasksOf(await browser.stopTracing())
    return { devices: DEVICES, updates: UPDATES, bytes, ...longestOf(tasks) }
  } finally {
    await browser.close()
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A task of the page's own thread, ms. */
interface Task {
  readonly wallMs: number
  /** Of the processor: what it would take where nobody else wants the processor. */
  readonly processorMs: number
}

const trace = z.object({
  traceEvents: z.array(
    z.looseObject({
      name: z.string(),
      pid: z.number(),
      tid: z.number(),
      dur: z.number().optional(),
      tdur: z.number().optional(),
      args: z.looseObject({ name: z.unknown() }).partial().optional(),
    }),
  ),
})

/** @param traced as Chromium writes it, times in µs */
function tasksOf(traced: Buffer): Task[] {
  const { traceEvents } = trace.parse(JSON.parse(traced.toString()))
  const isMain = (name: string, of: unknown) => name === 'thread_name' && of === 'CrRendererMain'
  const threads = new Set(
    traceEvents.filter(({ name, args }) => isMain(name, args?.name)).map(threadOf),
  )
  return traceEvents
    .filter((event) => /RunTask$/.test(event.name) && threads.has(threadOf(event)))
    .map(({ dur = 0, tdur = 0 }) => ({ wallMs: dur / 1000, processorMs: tdur / 1000 }))
}

function threadOf({ pid, tid }: { readonly pid: number; readonly tid: number }): string {
  return `${pid}/${tid}`
}

function longestOf(tasks: readonly Task[]) {
  const longest = (of: (task: Task) => number) => Math.max(0, ...tasks.map(of))
  return {
    tasks: tasks.length,
    longestMs: longest(({ wallMs }) => wallMs),
    longestProcessorMs: longest(({ processorMs }) => processorMs),
  }
}

async function scroll(page: Page): Promise<void> {
  const table = page.getByRole('region', { name: 'Devices, scrollable' })
  await table.evaluate((view, by) => view.scrollBy({ top: by }), SCROLL)
}

/** @throws Error where a task is felt, or the page is too large */
export function describePage(result: Awaited<ReturnType<typeof measurePage>>): string[] {
  const { devices, updates, bytes, tasks, longestMs, longestProcessorMs } = result
  if (tasks === 0) throw new Error('the browser told of no task: its trace is another one')
  const told = `its longest task took ${longestProcessorMs.toFixed(1)} ms of the processor (at most ${MOST_TASK_MS}), ${longestMs.toFixed(1)} ms by the clock; its scripts and styles have ${(bytes / 1000).toFixed(1)} kB (at most ${MOST_BYTES / 1000})`
  if (longestProcessorMs > MOST_TASK_MS || bytes > MOST_BYTES) {
    throw new Error(`the page is not smooth: ${told}`)
  }
  return [`Page with ${devices} devices, ${updates} updates, one a second: ${told}.`]
}

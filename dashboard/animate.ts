/**
 * One short animated picture of the page, for the README: `npx tsx dashboard/animate.ts FILE.gif`. Build the page first (`npx vite
 * build`). A fleet learns, its edge dies, and comes back.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import gifenc from 'gifenc'
import sharp from 'sharp'
import { Random } from '../src/random.ts'
import { openChromium } from '../test/chromium.ts'
import { PageServer } from './page-server.fixture.ts'
import { Story } from './story.fixture.ts'
import { exampleTests } from './test-answers.fixture.ts'

const PAGE_FOLDER = join(import.meta.dirname, '..', 'dist', 'dashboard')
const WIDTH = 960
const VIEWPORT = { width: 1280, height: 860 }
const COLOURS = 160
const FRAME_MS = 700
/** The page asks once a second. */
const ASKED_MS = 1300
const FRAMES = 16
/** Of the story, between two frames. */
const FRAME_SECONDS = 12
const EDGE = { dies: 9, returns: 12 }

async function main(file: string): Promise<void> {
  let nowMs = Date.now() - 1000 * FRAMES * FRAME_SECONDS
  const server = await PageServer.start(PAGE_FOLDER, () => nowMs)
  const browser = await openChromium()
  const page = await browser.newPage({ viewport: VIEWPORT, colorScheme: 'light' })
  const story = new Story(server.record, new Random(7), { devices: 5, settlingRounds: 25 })
  server.beliefs = {
    alternatives: async () => undefined,
    bestFixed: async () => ({ choice: 'end/d4', responseTimeMs: 402 }),
  }
  story.introduce()
  story.announce()
  server.record.tests = exampleTests
  await page.goto(server.url)
  const gif = gifenc.GIFEncoder()
  for (let frame = 0; frame < FRAMES; frame++) {
    if (frame === EDGE.dies)
      server.record.hearTelemetry({ alive: false, node: 'edge', tier: 'edge' })
    const isDown = frame >= EDGE.dies && frame < EDGE.returns
    for (let second = 0; second < FRAME_SECONDS; second++) {
      nowMs += 1000
      story.introduce(isDown ? 'edge' : undefined)
      story.playRound({}, isDown ? ['edge/d0'] : [])
    }
    await page.waitForTimeout(ASKED_MS)
    gif.writeFrame(...(await frameOf(await page.screenshot())))
    process.stderr.write(`frame ${frame + 1} of ${FRAMES}\n`)
  }
  gif.finish()
  writeFileSync(file, gif.bytes())
  await browser.close()
  await server.close()
}

async function frameOf(png: Buffer) {
  const { data, info } = await sharp(png)
    .resize({ width: WIDTH })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const palette = gifenc.quantize(data, COLOURS)
  const pixels = gifenc.applyPalette(data, palette)
  return [pixels, info.width, info.height, { palette, delay: FRAME_MS }] as const
}

const [file = 'page.gif'] = process.argv.slice(2)
await main(file)

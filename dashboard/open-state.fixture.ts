/** Opens the page in one of its states, for tests and for pictures. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { Random } from '../src/random.ts'
import { PageServer } from './page-server.fixture.ts'
import type { PageState } from './states.fixture.ts'
import { Story } from './story.fixture.ts'

/** What stories take where a state does not say. */
const SECONDS = 240
/** The page asks once a second, and draws. */
const DRAWN_MS = 700

/** A fleet in a state, and how to open its page. */
export interface OpenState {
  readonly server: PageServer
  readonly story: Story
  readonly open: (options: BrowserContextOptions) => Promise<Page>
}

/** Tells the story of a state, as if it ended now. @param pageFolder the built page */
export async function openState(
  browser: Browser,
  pageFolder: string,
  state: PageState,
): Promise<OpenState> {
  const { seconds = SECONDS, devices, beside } = state
  const startMs = Date.now() - 1000 * seconds
  let nowMs: number | undefined = startMs
  const server = await PageServer.start(pageFolder, () => nowMs ?? Date.now())
  const story = new Story(server.record, new Random(7), { devices })
  for (let second = 0; second <= seconds; second++) {
    nowMs = startMs + 1000 * second
    if (second % 5 === 0) story.introduce()
    if (second === 1) story.announce()
    if (second > 1) story.playRound(beside)
  }
  // Else nodes that say nothing any more would soon be shown as silent.
  nowMs = state.goesOn ? undefined : Date.now()
  if (seconds > 0) story.introduce()
  state.end?.(story, server)
  const open = async (options: BrowserContextOptions) => {
    const page = await browser.newPage(options)
    await page.goto(`${server.url}${state.path ?? ''}`)
    await page.waitForTimeout(DRAWN_MS)
    await state.act?.(page)
    return page
  }
  return { server, story, open }
}

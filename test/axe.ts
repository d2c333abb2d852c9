/** What axe-core finds wrong with an open page: the rules of WCAG 2.2 AA that a machine can check. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

/** Levels A and AA. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** @returns a line for every rule that is broken */
export async function brokenRules(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) {
    await page.evaluate(await readFile(AXE, 'utf8'))
  }
  const { violations } = await page.evaluate(
    (values): Promise<AxeResults> =>
      Reflect.get(globalThis, 'axe').run({ runOnly: { type: 'tag', values } }),
    RULES,
  )
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`)
}

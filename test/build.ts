/**
 * Compiles `src/` before the tests, so that worker threads run the code under test and not an older build. Type errors
 * do not stop the tests here: `npm test` has built before, and stopped at them.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export function setup(): void {
  const tsc = fileURLToPath(new URL('../node_modules/.bin/tsc', import.meta.url))
  spawnSync(tsc, ['-b'], { stdio: 'ignore' })
}

// `npm test`: installs what the tests need (npm packages, and Chromium for the page tests), builds, runs them all.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { become, ensureBuilt, ensureInstalled, root, run } from './setup.mjs'

async function ensureChromium() {
  if (existsSync(process.env.CHROMIUM ?? '/usr/bin/chromium')) return
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  for (const step of [
    ['apt-get', 'update', '-qq'],
    ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium'],
  ]) {
    const [command, ...args] = [...asRoot, ...step]
    await run(command, args, { what: 'installing Chromium for the page tests (once)' })
  }
}

await ensureInstalled()
await ensureChromium()
await ensureBuilt()
become(join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...process.argv.slice(2))

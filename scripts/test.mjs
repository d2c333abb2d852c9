// `npm test`: installs what the tests need (npm packages, and Chromium for the page tests), builds, runs them all.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { become, ensureBuilt, ensureInstalled, root, run } from './setup.mjs'

function ensureChromium() {
  if (existsSync(process.env.CHROMIUM ?? '/usr/bin/chromium')) return
  process.stderr.write('tierwise: installing Chromium for the page tests (once)…\n')
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  for (const step of [
    ['apt-get', 'update', '-qq'],
    ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium'],
  ]) {
    const [command, ...args] = [...asRoot, ...step]
    run(command, args)
  }
}

ensureInstalled()
ensureChromium()
ensureBuilt()
become(join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...process.argv.slice(2))

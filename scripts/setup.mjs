// What every command of this repository needs first, done only when something is missing or stale. Node alone suffices.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const buildStamp = join(root, 'dist', '.built')

/** Runs a command with its output on standard error; on failure prints what it said and exits. */
export function run(command, args, { quiet = true } = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    stdio: quiet ? 'pipe' : ['ignore', 2, 2],
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  })
  if (status === 0) return
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`)
  process.stderr.write(
    `tierwise: "${[command, ...args].join(' ')}" failed${error ? `: ${error.message}` : ''}\n`,
  )
  process.exit(1)
}

/** Goes on as Node with other arguments, in the repository's folder. */
export function become(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  process.exit(status ?? 1)
}

const modifiedMs = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0)

function newestMs(path) {
  if (!statSync(path).isDirectory()) return modifiedMs(path)
  return Math.max(modifiedMs(path), ...readdirSync(path).map((name) => newestMs(join(path, name))))
}

/**
 * Installs the locked packages when they are missing or the lock file is newer than they are. Not by `npm ci`: it insists on
 * lock entries for the optional binaries of every other platform, which not every registry mirror has.
 */
export function ensureInstalled() {
  const installed = modifiedMs(join(root, 'node_modules', '.package-lock.json'))
  if (installed >= modifiedMs(join(root, 'package-lock.json'))) return
  process.stderr.write('tierwise: installing packages (once)…\n')
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund'])
}

/** Compiles the sources and the page when any of them is newer than the last build. */
export function ensureBuilt() {
  const sources = [
    'src',
    'paper',
    'dashboard',
    'package-lock.json',
    'tsconfig.json',
    'vite.config.ts',
  ]
  if (modifiedMs(buildStamp) >= Math.max(...sources.map((name) => newestMs(join(root, name)))))
    return
  process.stderr.write('tierwise: building…\n')
  run('npm', ['run', '--silent', 'build'])
  writeFileSync(buildStamp, '')
}

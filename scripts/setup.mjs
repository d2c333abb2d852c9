// What every command of this repository needs first, done only when something is missing or stale. Node alone suffices.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const buildStamp = join(root, 'dist', '.built')

/** How often a command that takes long says how far it is. */
const SAID_EVERY_MS = 3000

/**
 * Runs a command; on failure prints what it said and exits.
 * @param what it does, for people: said at once, and every few seconds with how far it is
 * @param soFar what is done of it, as a text
 */
export async function run(command, args, { what, soFar = () => '', env = {} } = {}) {
  const startMs = performance.now()
  const say = () => {
    const seconds = Math.round((performance.now() - startMs) / 1000)
    process.stderr.write(`tierwise: ${what}… ${seconds} s${soFar()}\n`)
  }
  if (what) process.stderr.write(`tierwise: ${what}…\n`)
  const saying = what && setInterval(say, SAID_EVERY_MS)
  const { status, output } = await outcomeOf(command, args, env)
  clearInterval(saying)
  if (status === 0) return
  process.stderr.write(`${output}tierwise: "${[command, ...args].join(' ')}" failed\n`)
  process.exit(1)
}

/** @returns its exit status, and all that it said */
function outcomeOf(command, args, env) {
  return new Promise((resolve) => {
    let output = ''
    const keep = (chunk) => {
      output += chunk
    }
    const options = { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] }
    const child = spawn(command, args, { ...options, env: { ...process.env, ...env } })
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.once('error', (error) => resolve({ status: 1, output: `${error.message}\n` }))
    child.once('close', (status) => resolve({ status, output }))
  })
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

/** One file of each locked package that this platform takes. */
function lockedFiles() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const isOurs = ({ os = [process.platform], cpu = [process.arch] }) =>
    os.includes(process.platform) && cpu.includes(process.arch)
  return Object.entries(packages).flatMap(([path, entry]) =>
    path !== '' && isOurs(entry) ? [join(root, path, 'package.json')] : [],
  )
}

/**
 * Installs the locked packages when they are missing or the lock file is newer than they are. Not by `npm ci`: it insists on
 * lock entries for the optional binaries of every other platform, which not every registry mirror has.
 */
export async function ensureInstalled() {
  const installed = modifiedMs(join(root, 'node_modules', '.package-lock.json'))
  if (installed >= modifiedMs(join(root, 'package-lock.json'))) return
  const wanted = lockedFiles()
  const there = () => wanted.filter((file) => existsSync(file)).length
  await run('npm', ['install', '--no-save', '--no-audit', '--no-fund'], {
    what: 'installing packages (once)',
    soFar: () => `, ${there()} of ${wanted.length} packages`,
    // ONNX Runtime's own set-up would fetch CUDA libraries, from outside the registry.
    env: { ONNXRUNTIME_NODE_INSTALL: process.env.ONNXRUNTIME_NODE_INSTALL ?? 'skip' },
  })
}

/** Compiles the sources and the page when any of them is newer than the last build. */
export async function ensureBuilt() {
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
  await run('npm', ['run', '--silent', 'build'], { what: 'building' })
  writeFileSync(buildStamp, '')
}

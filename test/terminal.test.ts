/** The command as a process: what a shell sees of it. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageFile, packageVersion } from '../src/package-files.ts'

const main = packageFile('dist/src/cli/main.js')

test.each(['-v', '--version'])('%s tells the version', (flag) => {
  const output = execFileSync(process.execPath, [main, flag], { encoding: 'utf8' })
  expect(output).toBe(`${packageVersion()}\n`)
})

test.each([
  ['plan', '--profile', packageFile('examples/plan/fleet.yaml')],
  ['simulate', '--users', '1', '--agent', 'fixed:end/d0', '--goal', '0', '--steps', '20'],
  ['--help'],
])('%s %s ends quietly when nobody reads it', async (...args) => {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let said = ''
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString()
  })
  const [code] = await once(child, 'close')
  expect(said).not.toContain('EPIPE')
  expect(code).toBe(0)
})

test.skipIf(!existsSync('/dev/full'))('a full disk is told in a sentence', () => {
  const profile = packageFile('examples/plan/fleet.yaml')
  const full = openSync('/dev/full', 'w')
  const { status, stderr } = spawnSync(process.execPath, [main, 'plan', '--profile', profile], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  })
  closeSync(full)
  expect(stderr).toMatch(/^tierwise: the output cannot be written: ENOSPC.*\n$/)
  expect(status).toBe(1)
})

test('the examples of --help work from any folder', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'tierwise else where '))
  const run = (command: string) => execFileSync('bash', ['-c', command], { cwd, encoding: 'utf8' })
  const tierwise = `${process.execPath} ${main}`
  const help = run(`${tierwise} plan --help`)
  const [, example = ''] = /Example:\n {2}(tierwise .*)/.exec(help) ?? []
  expect(run(example.replace('tierwise', tierwise))).toContain('response time')
})

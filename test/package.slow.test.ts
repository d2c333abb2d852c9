import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { packageFile } from '../src/package-files.ts'

const MB = 1e6
const folder = mkdtempSync(join(tmpdir(), 'tierwise-packed-'))
const isReached = spawnSync('npm', ['ping', '--fetch-retries=0'], { timeout: 20_000 }).status === 0
if (!isReached) console.warn('the package registry cannot be reached: nothing is installed')

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(command: string, args: readonly string[], cwd = folder): SpawnSyncReturns<string> {
  return spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 64 * MB })
}

function bytesIn(path: string): number {
  return readdirSync(path, { withFileTypes: true }).reduce((sum, entry) => {
    const inner = join(path, entry.name)
    if (entry.isDirectory()) return sum + bytesIn(inner)
    return sum + (entry.isFile() ? statSync(inner).size : 0)
  }, 0)
}

it.skipIf(!isReached)(
  'installs from its tarball into an empty folder, is no larger than 250 MB, and runs a fleet',
  { timeout: 600_000 },
  () => {
    // The test run has built it.
    const packed = run(
      'npm',
      ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
      packageFile('.'),
    )
    expect(packed.stderr).not.toContain('npm error')
    const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
    const installed = run('npm', [
      'install',
      '--omit=dev',
      '--no-audit',
      '--no-fund',
      `./${tarball}`,
    ])
    expect([installed.status, installed.stderr]).toEqual([0, expect.not.stringContaining('error')])
    expect(bytesIn(join(folder, 'node_modules'))).toBeLessThan(250 * MB)
    expect(readdirSync(join(folder, 'node_modules', 'tierwise', 'examples'))).toContain(
      'tierwise.yaml',
    )
    const up = run('npx', ['tierwise', 'up', '--for', '10s', '--no-compare', '--port', '0'])
    expect([up.status, up.stdout]).toEqual([
      0,
      expect.stringMatching(/Requests +[1-9]\d*, failed 0/),
    ])
    const report = run('npx', ['tierwise', 'reproduce', 'table-5', '--quick'])
    expect(report.status).toBe(1)
    expect(report.stderr).toContain('npm install @observablehq/plot linkedom')
  },
)

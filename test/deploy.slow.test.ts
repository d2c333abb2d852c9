import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { packageFile } from '../src/package-files.ts'
import { metricsPage } from './metrics-page.fixture.ts'

const isThere = spawnSync('promtool', ['--version']).status === 0
if (!isThere) console.warn('promtool is not installed (Debian: prometheus): its checks are skipped')

function promtool(args: readonly string[], input?: string) {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' })
  return { status, said: stdout + stderr }
}

it.skipIf(!isThere)('has metrics that promtool finds nothing wrong with', async () => {
  expect(promtool(['check', 'metrics'], await metricsPage())).toEqual({ status: 0, said: '' })
})

it.skipIf(!isThere)('has rules and a configuration that promtool takes', () => {
  const rules = promtool(['check', 'rules', packageFile('deploy/tierwise-alerts.yml')])
  expect(rules).toMatchObject({
    status: 0,
    said: expect.stringMatching(/SUCCESS: [1-9]\d* rules found/),
  })
  const config = promtool(['check', 'config', packageFile('deploy/prometheus.yml')])
  expect(config).toMatchObject({ status: 0, said: expect.stringContaining('SUCCESS') })
})

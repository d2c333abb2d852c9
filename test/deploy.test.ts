import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { packageFile } from '../src/package-files.ts'
import { metricsPage } from './metrics-page.fixture.ts'

const read = (file: string) => readFileSync(packageFile(`deploy/${file}`), 'utf8')

/** Metrics that a text names, a histogram by any of its series. */
function namedIn(text: string): string[] {
  const names = text.match(/\b(tierwise|process|nodejs)_\w+/g) ?? []
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, '')))]
}

let known: ReadonlySet<string>

beforeAll(async () => {
  const types = (await metricsPage()).matchAll(/^# TYPE (\w+) /gm)
  known = new Set([...types].map(([, name = '']) => name))
})

describe.each(['grafana-dashboard.json', 'tierwise-alerts.yml', 'README.md'])('%s', (file) => {
  it('names no metric that the code has not', () => {
    const named = namedIn(read(file))
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((name) => !known.has(name))).toEqual([])
  })
})

it('would be told of a metric that is gone', () => {
  const named = namedIn('rate(tierwise_gone_total[5m]) + tierwise_request_duration_seconds_bucket')
  expect(named.filter((name) => !known.has(name))).toEqual(['tierwise_gone_total'])
})

it('lets every panel ask Prometheus something, and none lie over another', () => {
  const { panels } = JSON.parse(read('grafana-dashboard.json')) as {
    panels: {
      type: string
      title: string
      targets?: { expr: string }[]
      gridPos: { x: number; y: number; w: number; h: number }
    }[]
  }
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
  for (const { type, targets = [] } of panels) {
    if (type !== 'row') expect(targets.every(({ expr }) => namedIn(expr).length > 0)).toBe(true)
  }
})

it('has Prometheus read the alerts from the file beside it', () => {
  expect(parse(read('prometheus.yml'))).toMatchObject({ rule_files: ['tierwise-alerts.yml'] })
})

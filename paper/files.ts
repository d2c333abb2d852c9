/** A report as files: JSON and CSV to compute with, SVG pictures, one HTML page to read. The runs themselves stay in `runs*.jsonl`. */
import { csvOf } from '../src/report/csv.ts'
import { htmlOf, type ReportFile, type Reproduction } from './page.ts'
import type { Comparison, Report } from './report.ts'
import { distinct } from './runs.ts'

/** All files of a report but its runs. */
export function filesOf(report: Report, reproduction: Reproduction): ReportFile[] {
  const { name: experiment, command, quick, runs } = reproduction
  const { summary, claims, method, comparisons, charts } = report
  const json = {
    experiment,
    command,
    quick,
    commits: distinct(runs.map(({ provenance }) => provenance.commit)),
    machines: distinct(runs.map(({ provenance }) => provenance.machine)),
    seeds: distinct(runs.map(({ settings }) => settings.seed)),
    summary,
    claims,
    method,
    comparisons,
  }
  return [
    { name: 'results.json', text: `${JSON.stringify(json, null, 2)}\n` },
    { name: 'results.csv', text: csvOf(rowsOf(comparisons)) },
    ...charts.map(({ name, svg }) => ({ name: `${name}.svg`, text: `${svg}\n` })),
    { name: 'index.html', text: htmlOf(report, reproduction) },
  ]
}

/** A head and a row for each; every name of a cell has a column. */
function rowsOf(comparisons: readonly Comparison[]): string[][] {
  const cellNames = distinct(comparisons.flatMap(({ cell }) => Object.keys(cell)))
  const head = ['measure', ...cellNames, 'paper', 'ours', 'low', 'high', 'verdict', 'note']
  const rows = comparisons.map(({ measure, cell, paper, ours, low, high, verdict, note }) => [
    measure,
    ...cellNames.map((name) => cell[name] ?? ''),
    ...[paper, ours, low, high].map((value) => value?.toString() ?? ''),
    verdict,
    note,
  ])
  return [head, ...rows]
}

/** A report as files: JSON and CSV to compute with, SVG pictures, one HTML page to read. The runs themselves stay in `runs*.jsonl`. */
import type { AnyFinishedRun, Comparison, Report } from './experiment.ts'
import { htmlOf } from './html.ts'

/** Where the numbers come from. */
export interface Provenance {
  readonly experiment: string
  readonly command: string
  /** A quick sweep: few cells, few seeds. */
  readonly quick: boolean
  readonly runs: readonly AnyFinishedRun[]
}

export interface ReportFile {
  readonly name: string
  readonly text: string
}

export function filesOf(report: Report, provenance: Provenance): ReportFile[] {
  const { runs, ...origin } = provenance
  const json = {
    ...origin,
    commits: distinct(runs.map(({ commit }) => commit)),
    machines: distinct(runs.map(({ machine }) => machine)),
    seeds: distinct(runs.map(({ seed }) => seed)),
    summary: report.summary,
    claims: report.claims,
    method: report.method,
    comparisons: report.comparisons,
  }
  return [
    { name: 'results.json', text: `${JSON.stringify(json, null, 2)}\n` },
    { name: 'results.csv', text: csvOf(report.comparisons) },
    ...report.charts.map(({ name, svg }) => ({ name: `${name}.svg`, text: `${svg}\n` })),
    { name: 'index.html', text: htmlOf(report, provenance) },
  ]
}

/** Every cell of the paper's table has a column; quoted as RFC 4180 asks. */
export function csvOf(comparisons: readonly Comparison[]): string {
  const cellNames = distinct(comparisons.flatMap(({ cell }) => Object.keys(cell)))
  const head = ['measure', ...cellNames, 'paper', 'ours', 'low', 'high', 'verdict', 'note']
  const rows = comparisons.map(({ measure, cell, paper, ours, low, high, verdict, note }) => [
    measure,
    ...cellNames.map((name) => cell[name] ?? ''),
    ...[paper, ours, low, high].map((value) => value?.toString() ?? ''),
    verdict,
    note,
  ])
  return [head, ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('')
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}

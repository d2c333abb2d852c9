/** The report as one HTML page that needs no other file and no network. */
import { escaped, pageOf } from '../src/report/page.ts'
import type { Run } from './experiment.ts'
import type { Claim, Comparison, Report } from './report.ts'
import { distinct, grouped } from './runs.ts'

/** Which experiment was run, and how. */
export interface Reproduction {
  readonly name: string
  readonly title: string
  readonly command: string
  /** A quick sweep: few cells, few seeds. */
  readonly quick: boolean
  readonly runs: readonly Run[]
}

export interface ReportFile {
  readonly name: string
  readonly text: string
}

/** A report, and the experiment it is of. */
export type NamedReport = Report & Pick<Reproduction, 'name' | 'title'>

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2937; background: #fff; max-width: 78rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2.5rem }
.summary { font-size: 1.05rem; max-width: 60rem }
.quick { background: #fef3c7; padding: .5rem .75rem; border-radius: .25rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #e5e7eb; vertical-align: top }
th { font-weight: 600 } thead th { border-bottom-color: #9ca3af; position: sticky; top: 0; background: #fff }
.numbers td { font-variant-numeric: tabular-nums; font-size: .92rem }
.claims td:first-child { width: 48% } .claims td:last-child { width: 44% }
.interval { color: #4b5563; white-space: nowrap }
.reproduced, .better, .holds { color: #0f766e; font-weight: 600 } .worse, .fails { color: #b91c1c; font-weight: 600 }
.note, footer, figcaption { color: #4b5563; font-size: .82rem; line-height: 1.35 }
.method { max-width: 60rem }
figure { margin: 1.5rem 0 } figure svg { max-width: 100%; height: auto }
`

const QUICK_NOTE =
  '<p class="quick">A quick sweep: few cells and few seeds. It shows that everything works, and little else.</p>'

/** The report of one experiment. */
export function htmlOf(
  { summary, claims, method, comparisons, charts }: Report,
  { title, command, quick, runs }: Reproduction,
): string {
  const seeds = distinct(runs.map(({ settings }) => settings.seed))
  const listed = (name: 'commit' | 'machine') =>
    escaped(distinct(runs.map(({ provenance }) => provenance[name])).join('; '))
  const tables = grouped(comparisons, ({ measure }) => measure)
  return pageOf(
    title,
    STYLE,
    `<h1>${escaped(title)}</h1>
<p class="summary">${escaped(summary)}</p>
${quick ? QUICK_NOTE : ''}
${claims.length > 0 ? `<h2>Claims</h2>\n${tableOfClaims(claims)}` : ''}
${charts.map(({ caption, svg }) => `<figure>${svg}<figcaption>${escaped(caption)}</figcaption></figure>`).join('\n')}
${tables.map(([measure, own]) => tableOf(measure, own)).join('\n')}
<h2>Method</h2>
<ul class="method">${method.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul>
<footer>
<p>${runs.length} runs, seeds ${seeds.join(', ')}. Command: <code>${escaped(command)}</code><br>
Commit ${listed('commit')} on ${listed('machine')}</p>
</footer>`,
  )
}

/** One page that leads to the reports of several experiments, each in a folder of its name beside it. */
export function overviewOf(reports: readonly NamedReport[], quick: boolean): ReportFile {
  const sections = reports.map(
    ({ name, title, summary, claims }) =>
      `<h2><a href="${escaped(encodeURI(name))}/index.html">${escaped(title)}</a></h2>
<p>${escaped(summary)}</p>
${claims.length > 0 ? tableOfClaims(claims) : ''}`,
  )
  const body = `<h1>The papers, reproduced</h1>
${quick ? QUICK_NOTE : ''}${sections.join('\n')}`
  return { name: 'index.html', text: pageOf('The papers, reproduced', STYLE, body) }
}

function tableOfClaims(claims: readonly Claim[]): string {
  const rows = claims.map(({ claim, measured, holds }) => {
    const outcome = holds ? 'holds' : 'fails'
    return `<tr><td>${escaped(claim)}</td><td><span class="${outcome}">${outcome}</span></td><td>${escaped(measured)}</td></tr>`
  })
  return `<table class="claims"><thead><tr><th>claim</th><th></th><th>measured</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>`
}

/** The last name of a cell heads the columns, those before it the rows. */
function tableOf(measure: string, comparisons: readonly Comparison[]): string {
  const names = Object.keys(comparisons[0]?.cell ?? {})
  const [rowNames, columnName = ''] = [names.slice(0, -1), names.at(-1)]
  const columns = distinct(comparisons.map(({ cell }) => cell[columnName] ?? ''))
  const rowOf = ({ cell }: Comparison) => JSON.stringify(rowNames.map((name) => cell[name] ?? ''))
  const rows = grouped(comparisons, rowOf).map(([, own]) => {
    const heads = rowNames.map((name) => `<th>${escaped(own[0]?.cell[name] ?? '')}</th>`)
    const cells = columns.map((column) =>
      cellOf(own.find(({ cell }) => cell[columnName] === column)),
    )
    return `<tr>${heads.join('')}${cells.join('')}</tr>`
  })
  const head = [...rowNames, ...columns.map((column) => `${columnName} ${column}`)]
  return `<h2>${escaped(measure[0]?.toUpperCase() + measure.slice(1))}</h2>
<table class="numbers"><thead><tr>${head.map((name) => `<th>${escaped(name)}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`
}

/** Ours and its interval, the paper's and the verdict, the note. */
function cellOf(comparison: Comparison | undefined): string {
  if (comparison === undefined) return '<td></td>'
  const { paper, ours, low, high, verdict, note, decimals } = comparison
  const format = (value: number | null) => formatNumber(value, decimals)
  const judged =
    paper === null
      ? ''
      : `<div>paper ${format(paper)}: <span class="${verdict}">${verdict}</span></div>`
  return `<td><div><b>${format(ours)}</b> <span class="interval">${format(low)} – ${format(high)}</span></div>${judged}<div class="note">${escaped(note)}</div></td>`
}

/** `0.0045`, `72.2`, `418.9`, `6,000`; `∞` for what is beyond all numbers. */
function formatNumber(value: number | null, decimals: number | undefined): string {
  if (value === null) return '∞'
  // Adding 0 makes a rounded −0 a 0.
  if (decimals !== undefined) return (Number(value.toFixed(decimals)) + 0).toFixed(decimals)
  if (value < 1) return value.toLocaleString('en', { maximumSignificantDigits: 2 })
  const digits = Number.isInteger(value) || value >= 1000 ? 0 : 1
  return value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

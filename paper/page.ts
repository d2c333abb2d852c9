/** The report as one HTML page that needs no other file and no network. */
import { escaped, pageOf, sectionOf, wideOf } from '../src/report/page.ts'
import { type Run, seedSetsOf } from './experiment.ts'
import { type Claim, type Comparison, outcomeOf, type Report } from './report.ts'
import { distinct, grouped } from './runs.ts'

/** Which experiment was run, and how. */
export interface Reproduction {
  readonly name: string
  readonly title: string
  readonly command: string
  /** A quick sweep: few cells, few seeds. */
  readonly quick: boolean
  readonly runs: readonly Run[]
  /** See `Experiment`. */
  readonly firstReportedSeed?: number
}

/** One file of a report, beside the others. */
export interface ReportFile {
  readonly name: string
  readonly text: string
}

/** A report, and the experiment it is of. */
export type NamedReport = Report &
  Pick<Reproduction, 'name' | 'title'> & {
    /** So many seeds that results are reported on were run. */
    readonly seeds: number
  }

const STYLE = `
.summary { max-width: 92ch; margin: 0 0 16px; color: var(--muted) }
.quick { padding: 8px 12px; border-radius: 4px; background: var(--warn-surface) }
table { width: 100%; border-collapse: collapse }
th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
thead th { color: var(--muted); font-weight: 400 }
.numbers td { font-size: 14px }
.claims { min-width: 560px } .claims td:first-child { width: 46% } .claims td:last-child { width: 42% }
.interval { color: var(--muted); white-space: nowrap }
.reproduced, .better, .holds { color: var(--good); font-weight: 600 } .worse, .fails { color: var(--bad); font-weight: 600 } .open { color: var(--muted); font-weight: 600 }
.note { color: var(--muted); font-size: 13px; line-height: 1.35 }
.method { max-width: 92ch; padding-left: 18px }
`

const QUICK_NOTE =
  '<p class="quick">A quick sweep: few cells and few seeds. It shows that everything works, and little else.</p>'

/** The report of one experiment. */
export function htmlOf(
  { summary, claims, method, comparisons, charts }: Report,
  reproduction: Reproduction,
): string {
  const { title, command, quick, runs } = reproduction
  const { tuning, reported } = seedSetsOf(runs, reproduction)
  const listed = (name: 'commit' | 'machine') =>
    escaped(distinct(runs.map(({ provenance }) => provenance[name])).join('; '))
  const tables = grouped(comparisons, ({ measure }) => measure)
  const methodList = `<ul class="method">${method.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul>`
  const pictures = charts.map(
    ({ name, caption, svg }) =>
      `<figure>${wideOf(name, svg)}<figcaption>${escaped(caption)}</figcaption></figure>`,
  )
  const body = `<p class="summary">${escaped(summary)}</p>
${quick ? QUICK_NOTE : ''}
${claims.length > 0 ? sectionOf('Claims', tableOfClaims(claims, reported.run.length)) : ''}
${pictures.length > 0 ? sectionOf('Pictures', pictures.join('\n')) : ''}
${tables.map(([measure, own]) => tableOf(measure, own)).join('\n')}
${sectionOf('Method', methodList)}
<footer>
<p>${runs.length} runs, seeds ${reported.run.join(', ')}. Seeds below ${tuning.below.toLocaleString('en')} are for tuning alone: ${tuning.run.join(', ') || 'none'} run here. Command: <code>${escaped(command)}</code><br>
Commit ${listed('commit')} on ${listed('machine')}</p>
</footer>`
  const pictureFiles = charts.map(({ name }) => `${name}.svg`)
  const downloads = ['results.json', 'results.csv', ...pictureFiles]
  return pageOf({ title, style: STYLE, body, downloads })
}

/** One page that leads to the reports of several experiments, each in a folder of its name beside it. */
export function overviewOf(reports: readonly NamedReport[], quick: boolean): ReportFile {
  const sections = reports.map(
    ({ name, title, summary, claims, seeds }) =>
      `${sectionOf(
        title,
        `<p><a href="${escaped(encodeURI(name))}/index.html">The report</a></p>
<p>${escaped(summary)}</p>
${claims.length > 0 ? tableOfClaims(claims, seeds) : ''}`,
      )}`,
  )
  const body = `${quick ? QUICK_NOTE : ''}${sections.join('\n')}`
  return {
    name: 'index.html',
    text: pageOf({ title: 'The papers, reproduced', style: STYLE, body }),
  }
}

function tableOfClaims(claims: readonly Claim[], seeds: number): string {
  const rows = claims.map((claim) => {
    const outcome = outcomeOf(claim, seeds)
    const kind = outcome === 'one run only' ? 'open' : outcome
    return `<tr><td>${escaped(claim.claim)}</td><td><span class="${kind}">${outcome}</span></td><td>${escaped(claim.measured)}</td></tr>`
  })
  return wideOf(
    'claims',
    `<table class="claims"><thead><tr><th>claim</th><th>outcome</th><th>measured</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>`,
  )
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
  return sectionOf(
    measure[0]?.toUpperCase() + measure.slice(1),
    wideOf(
      measure,
      `<table class="numbers"><thead><tr>${head.map((name) => `<th>${escaped(name)}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`,
    ),
  )
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

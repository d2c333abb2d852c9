/** The report as one HTML page that needs no other file and no network. */
import type { Claim, Comparison, Report } from './experiment.ts'
import type { Provenance } from './files.ts'

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2937; background: #fff; max-width: 76rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
.summary { font-size: 1.1rem; font-weight: 600 }
.quick { background: #fef3c7; padding: .5rem .75rem; border-radius: .25rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #e5e7eb; vertical-align: top }
th { font-weight: 600; border-bottom-color: #9ca3af }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.cell, .verdict { white-space: nowrap }
.reproduced, .better { color: #0f766e; font-weight: 600 } .worse { color: #b91c1c; font-weight: 600 }
.note { min-width: 24rem }
.note, footer, figcaption { color: #4b5563; font-size: .87rem }
figure { margin: 1.5rem 0 } figure svg { max-width: 100%; height: auto }
`

export function htmlOf(
  { title, summary, claims, method, comparisons, charts }: Report,
  { command, quick, runs }: Provenance,
): string {
  const measures = [...new Set(comparisons.map(({ measure }) => measure))]
  const seeds = [...new Set(runs.map(({ seed }) => seed))]
  const listed = (values: readonly string[]) => escaped([...new Set(values)].join('; '))
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${STYLE}</style></head>
<body>
<h1>${escaped(title)}</h1>
<p class="summary">${escaped(summary)}</p>
${quick ? '<p class="quick">A quick sweep: few cells and few seeds. It shows that everything works, and little else.</p>' : ''}
${claims.length > 0 ? claimsOf(claims) : ''}
${charts.map(({ caption, svg }) => `<figure>${svg}<figcaption>${escaped(caption)}</figcaption></figure>`).join('\n')}
${measures
  .map((measure) =>
    tableOf(
      measure,
      comparisons.filter((comparison) => comparison.measure === measure),
    ),
  )
  .join('\n')}
<h2>Method</h2>
<ul>${method.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul>
<footer>
<p>${runs.length} runs, seeds ${seeds.join(', ')}. Command: <code>${escaped(command)}</code><br>
Commit ${listed(runs.map(({ commit }) => commit))} on ${listed(runs.map(({ machine }) => machine))}</p>
</footer>
</body>
</html>
`
}

function claimsOf(claims: readonly Claim[]): string {
  const rows = claims.map(
    ({ claim, measured, holds }) =>
      `<tr><td>${escaped(claim)}</td><td class="verdict ${holds ? 'better">holds' : 'worse">fails'}</td><td class="note">${escaped(measured)}</td></tr>`,
  )
  return `<h2>Claims</h2>
<table><tbody>${rows.join('\n')}</tbody></table>`
}

function tableOf(measure: string, comparisons: readonly Comparison[]): string {
  const cellNames = Object.keys(comparisons[0]?.cell ?? {})
  const head = cellNames.map((name) => `<th>${escaped(name)}</th>`).join('')
  return `<h2>${escaped(measure[0]?.toUpperCase() + measure.slice(1))}</h2>
<table><thead><tr>${head}<th class="number">paper</th><th class="number">ours</th><th class="number">95 % interval</th><th>verdict</th><th></th></tr></thead>
<tbody>${comparisons.map((comparison) => rowOf(comparison, cellNames)).join('\n')}</tbody></table>`
}

function rowOf(
  { cell, paper, ours, low, high, verdict, note }: Comparison,
  cellNames: readonly string[],
): string {
  const cells = cellNames
    .map((name) => `<td class="cell">${escaped(cell[name] ?? '')}</td>`)
    .join('')
  const interval = `${formatNumber(low, '∞')} – ${formatNumber(high, '∞')}`
  return `<tr>${cells}<td class="number">${formatNumber(paper, '–')}</td><td class="number">${formatNumber(ours, '∞')}</td><td class="number">${interval}</td><td class="verdict ${verdict.replaceAll(' ', '-')}">${verdict}</td><td class="note">${escaped(note)}</td></tr>`
}

/** Three digits at least: `72.2`, `418.9`, `6,000`. */
function formatNumber(value: number | null, missing: string): string {
  if (value === null) return missing
  const digits = Number.isInteger(value) ? 0 : 1
  return value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

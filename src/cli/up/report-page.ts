/** The report of a run as one HTML file that needs no other. */
import * as Plot from '@observablehq/plot'
import type { ClosedRound } from '../../control/messages.ts'
import { svgOf } from '../../report/chart.ts'
import { csvOf } from '../../report/csv.ts'
import { escaped, pageOf, sectionOf, wideOf } from '../../report/page.ts'
import type { TestAnswer } from '../../views/schemas-test-answers.ts'
import { answerWords, servedWords, truthWords } from '../../views/words.ts'
import type { UpSettings } from '../settings/up.ts'
import type { UpReport } from './outcome.ts'
import { factsOf, notesOf, type ReportTable, tablesOf } from './report.ts'

const STYLE = `
table { border-collapse: collapse }
th, td { padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
td:first-child { white-space: nowrap }
thead th { color: var(--muted); font-weight: 400 }
.answers { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(380px, 100%), 1fr)); gap: 16px 20px }
.answers div { display: grid; grid-template-columns: 84px 1fr; gap: 12px; font-size: 14px }
.answers div:not(:has(img)) { grid-template-columns: 1fr }
.answers p { margin: 0 }
.answers img { width: 84px; height: 84px; object-fit: contain; image-rendering: pixelated }
.answers span { display: block; color: var(--muted); font-size: 13px }
.answers .right { color: var(--good) }
.answers .wrong { color: var(--bad) }`

/** Most points of the chart. */
const POINTS = 1000
const BY_ROUND = 'Average response time by round'

/**
 * The same figures as in the terminal, and the response time round by round.
 * @param answers of the report, with their pictures where there are any
 */
export function reportPage(
  report: UpReport,
  rounds: readonly ClosedRound[],
  settings: Pick<UpSettings, 'emulation'>,
  answers: readonly TestAnswer[],
): string {
  const devices = report.devices === 1 ? '1 device' : `${report.devices} devices`
  const title = `Tierwise: ${report.agent}, ${devices}, scenario ${report.scenario}`
  const facts = factsOf(report).map(
    ([name, text]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(text)}</td></tr>`,
  )
  const parts = [
    sectionOf('Figures', wideOf('Figures', `<table><tbody>${facts.join('\n')}</tbody></table>`)),
    ...(rounds.length > 1
      ? [sectionOf(BY_ROUND, `<figure>${wideOf(BY_ROUND, chartOf(report, rounds))}</figure>`)]
      : []),
    ...tablesOf(report).map((table) =>
      sectionOf(table.title, wideOf(table.title, tableText(table))),
    ),
    ...(answers.length > 0 ? [sectionOf('Some answers', answersText(answers))] : []),
    ...notesOf(report, settings).map((note) => `<p>${escaped(note)}</p>`),
  ]
  const downloads = [
    { name: 'rounds.csv', mediaType: 'text/csv', text: csvOf(rowsOf(rounds)) } as const,
  ]
  return pageOf({ title, style: STYLE, body: parts.join('\n'), downloads })
}

function chartOf({ responseTimeMs }: UpReport, rounds: readonly ClosedRound[]): string {
  const every = Math.ceil(rounds.length / POINTS)
  const points = rounds
    .map((each, index) => ({ round: index + 1, ms: each.responseTimeMs }))
    .filter((_, index) => index % every === 0)
  const { oracle } = responseTimeMs
  return svgOf(BY_ROUND, {
    width: 900,
    height: 280,
    x: { label: 'round' },
    y: { label: 'average response time (ms)', zero: true, grid: true },
    marks: [
      Plot.line(points, { x: 'round', y: 'ms', stroke: '#0f766e' }),
      ...(oracle === undefined
        ? []
        : [
            Plot.ruleY([oracle], { stroke: '#6b7280', strokeDasharray: '4 3' }),
            Plot.text([{ ms: oracle }], {
              y: 'ms',
              text: () => 'oracle',
              frameAnchor: 'right',
              dy: -8,
            }),
          ]),
    ],
  })
}

/** A head, and a row for every round. */
function rowsOf(rounds: readonly ClosedRound[]): string[][] {
  const rows = rounds.map(({ responseTimeMs, accuracyPercent, goalPercent, violated }, index) => [
    String(index + 1),
    ...[responseTimeMs, accuracyPercent, goalPercent, violated].map(String),
  ])
  return [['round', 'response time ms', 'accuracy %', 'goal %', 'goal broken'], ...rows]
}

function answersText(answers: readonly TestAnswer[]): string {
  const cards = answers.map((answer) => {
    const { image, truth, right, device, responseTimeMs } = answer
    const picture =
      image === undefined ? '' : `<img src="${escaped(image)}" alt="${escaped(truth)}">`
    const lines = [
      `<b>${escaped(answerWords(answer))}</b>`,
      `<span class="${right ? 'right' : 'wrong'}">${escaped(truthWords(answer))}</span>`,
      `<span>${escaped(servedWords(answer))}</span>`,
      `<span>${escaped(device)}, ${responseTimeMs.toFixed(1)} ms</span>`,
    ]
    return `<div>${picture}<p>${lines.join('')}</p></div>`
  })
  return `<div class="answers">${cards.join('\n')}</div>`
}

function tableText({ head, rows }: ReportTable): string {
  const names = head.map((name) => `<th scope="col">${escaped(name)}</th>`).join('')
  const lines = rows.map(
    (row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`,
  )
  return `<table><thead><tr>${names}</tr></thead><tbody>${lines.join('\n')}</tbody></table>`
}

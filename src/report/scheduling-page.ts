/** What policies did over time as an HTML page: which of them are drawn, its reader chooses. */
import type { Ladder } from '../scheduling/ladder.ts'
import type { PolicyOutcome } from '../simulation/node/policy-outcome.ts'
import { csvOf } from './csv.ts'
import { escaped, pageOf, sectionOf, wideOf } from './page.ts'
import {
  type DrawnPolicy,
  drawnPolicies,
  endOf,
  LABEL_HEIGHT,
  linePanels,
  MOST_LINES,
  shareColours,
  sharePanel,
  timelineSvg,
  toldApart,
} from './scheduling-timeline.ts'

const STYLE = `
fieldset { margin: 0 0 12px; padding: 0; border: 0 }
legend { padding: 0; color: var(--muted) }
.key { display: inline-block; min-height: 28px; margin-right: 16px; white-space: nowrap }
.key i { display: inline-block; width: 12px; height: 12px; margin-right: 5px; border: 1px solid var(--line) }
.hidden { display: none }`

/** Shows what is chosen, no more than can be told apart, and moves names at the ends of lines from each other. */
const SCRIPT = `
const boxes = [...document.querySelectorAll('[data-policy]')]
const panels = [...document.querySelectorAll('.lines svg')].map((panel) =>
  [...panel.querySelectorAll('[class^=policy-] text')].map((text) => {
    const [x, y] = text.getAttribute('transform').match(/-?[\\d.]+/g).map(Number)
    return { text, x, y }
  }))
function place(labels) {
  const shown = labels.filter(({ text }) => !text.closest('.hidden')).sort((a, b) => b.y - a.y)
  let limit = Infinity
  for (const label of shown) limit = (label.at = Math.min(label.y, limit)) - ${LABEL_HEIGHT}
  limit = ${LABEL_HEIGHT}
  for (const label of shown.reverse()) limit = (label.at = Math.max(label.at, limit)) + ${LABEL_HEIGHT}
  for (const { text, x, at } of shown) text.setAttribute('transform', 'translate(' + x + ',' + at + ')')
}
function show() {
  const full = boxes.filter((box) => box.checked).length >= ${MOST_LINES}
  for (const box of boxes) {
    box.disabled = full && !box.checked
    for (const part of document.getElementsByClassName(box.dataset.policy)) part.classList.toggle('hidden', !box.checked)
  }
  panels.forEach(place)
}
for (const box of boxes) box.addEventListener('change', show)
show()
`

/** The table that is printed, and pictures of the policies that are chosen: at first the most accurate ones. */
export function timelinePage(
  title: string,
  table: string,
  ladder: Ladder,
  outcomes: readonly PolicyOutcome[],
): string {
  const all = drawnPolicies(outcomes)
  const shown = toldApart(all)
  const lines = linePanels(all, { areApart: false }).map(({ svg }) => svg)
  const shares = all.map((each) => {
    const picture = sharePanel(ladder, each, endOf(all)).svg
    return `<div class="${each.className}">${picture}</div>`
  })
  const body = [
    sectionOf('Figures', wideOf('Figures', `<pre>${escaped(table)}</pre>`)),
    sectionOf(
      'Over time',
      `${choiceOf(all, shown)}<figure class="lines">${wideOf('Over time', lines.join('\n'))}</figure>`,
    ),
    sectionOf(
      'Who answered',
      `<p>${keyOf(ladder)}</p><figure>${wideOf('Who answered', shares.join('\n'))}</figure>`,
    ),
    `<script>${SCRIPT}</script>`,
  ].join('\n')
  const downloads = [
    { name: 'timeline.csv', mediaType: 'text/csv', text: csvOf(rowsOf(ladder, outcomes)) },
    {
      name: 'timeline.svg',
      mediaType: 'image/svg+xml',
      text: timelineSvg(title, ladder, outcomes),
    },
  ] as const
  return pageOf({ title, style: STYLE, body, downloads })
}

/** Nothing where there is one. */
function choiceOf(all: readonly DrawnPolicy[], shown: readonly DrawnPolicy[]): string {
  if (all.length === 1) return ''
  const boxes = all.map((each) => {
    const { className, colour, outcome } = each
    const checked = shown.includes(each) ? ' checked' : ''
    return `<label class="key"><input type="checkbox" data-policy="${className}"${checked}> <i style="background:${colour}"></i>${escaped(outcome.policy)}</label>`
  })
  return `<fieldset><legend>Policies that are drawn, at most ${MOST_LINES} at once</legend>${boxes.join('\n')}</fieldset>`
}

function keyOf(ladder: Ladder): string {
  return shareColours(ladder)
    .map(
      ([name, colour]) =>
        `<span class="key"><i style="background:${colour}"></i>${escaped(name)}</span>`,
    )
    .join('\n')
}

/** A head, and a row for every policy and interval. */
function rowsOf({ variants }: Ladder, outcomes: readonly PolicyOutcome[]): string[][] {
  const names = variants.map(({ name }) => `in time by ${name}`)
  const head = ['policy', 'at ms', 'arrivals per s', 'in system', 'effective accuracy %']
  const rows = outcomes.flatMap(({ policy, timeline }) =>
    timeline.map(
      ({ atMs, arrivalsPerS, inSystem, effectiveAccuracyPercent, onTime, violations }) => [
        policy,
        ...[atMs, arrivalsPerS, inSystem].map(String),
        effectiveAccuracyPercent?.toString() ?? '',
        ...[...onTime, violations].map(String),
      ],
    ),
  )
  return [[...head, ...names, 'not in time'], ...rows]
}

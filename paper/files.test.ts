import { describe, expect, test } from 'vitest'
import { filesOf } from './files.ts'
import { overviewOf } from './page.ts'
import type { Comparison, Report } from './report.ts'

const COMPARISON: Comparison = {
  measure: 'steps',
  cell: { users: '5', goal: '85 %' },
  paper: 6000,
  ours: 97.5,
  low: 90,
  high: null,
  verdict: 'better',
  note: 'said "so", and more',
}

const REPORT: Report = {
  method: ['counted & compared'],
  summary: 'All is well.',
  claims: [
    { claim: 'needs < 7 steps', measured: '5 steps', holds: true },
    { claim: 'needs < 4 steps', measured: '5 steps', holds: false },
  ],
  comparisons: [
    COMPARISON,
    { ...COMPARISON, measure: 'ratio', paper: null, ours: null },
    { ...COMPARISON, measure: 'gain', paper: null, ours: 1, low: -0.004, high: 2.346, decimals: 2 },
  ],
  charts: [{ name: 'steps', caption: 'A picture.', svg: '<svg></svg>' }],
}

const run = (seed: number, commit: string) => {
  const provenance = { commit, machine: 'a machine' }
  return { settings: { agent: 'hybrid', seed }, result: {}, provenance }
}

const REPRODUCTION = {
  name: 'table-x',
  title: 'Table <X>',
  command: 'tierwise reproduce table-x --seeds 2',
  runs: [run(101, 'abc'), run(102, 'abc'), run(102, 'def')],
}

const files = (quick: boolean) => {
  const all = filesOf(REPORT, { ...REPRODUCTION, quick })
  return new Map(all.map(({ name, text }) => [name, text] as const))
}

test('a report is JSON, CSV, its pictures and one page', () => {
  expect([...files(false).keys()]).toEqual([
    'results.json',
    'results.csv',
    'steps.svg',
    'index.html',
  ])
})

test('the JSON says with what seeds, commits, machine and command', () => {
  const json = JSON.parse(files(false).get('results.json') ?? '')
  expect(json).toMatchObject({
    experiment: 'table-x',
    command: 'tierwise reproduce table-x --seeds 2',
    commits: ['abc', 'def'],
    machines: ['a machine'],
    seeds: [101, 102],
    seedSets: { tuning: { below: 101, run: [] }, reported: { from: 101, run: [101, 102] } },
  })
  expect(json.comparisons).toEqual(REPORT.comparisons)
})

test('the CSV quotes what needs quotes and leaves empty what is not known', () => {
  const csv = filesOf({ ...REPORT, comparisons: [COMPARISON] }, { ...REPRODUCTION, quick: false })
  expect(csv.find(({ name }) => name === 'results.csv')?.text).toBe(
    'measure,users,goal,paper,ours,low,high,verdict,note\r\n' +
      'steps,5,85 %,6000,97.5,90,,better,"said ""so"", and more"\r\n',
  )
})

describe('the page', () => {
  const page = files(false).get('index.html') ?? ''

  test('has a table for every measure: its last cell name heads the columns', () => {
    expect(page).toContain('<h2 id="steps">Steps</h2>')
    expect(page).toContain('<h2 id="ratio">Ratio</h2>')
    expect(page).toContain('<thead><tr><th>users</th><th>goal 85 %</th></tr></thead>')
  })

  test('has ours, the interval, the paper’s number and the verdict in a cell', () => {
    expect(page).toContain(
      '<tr><th>5</th><td><div><b>97.5</b> <span class="interval">90 – ∞</span></div><div>paper 6,000: <span class="better">better</span></div>',
    )
    expect(page).toContain('<td><div><b>∞</b> <span class="interval">90 – ∞</span></div><div class')
  })

  test('prints as many decimals as asked for, and no negative zero', () => {
    expect(page).toContain('<b>1.00</b> <span class="interval">0.00 – 2.35</span>')
  })

  test('judges the claims', () => {
    expect(page).toContain(
      '<td>needs &lt; 7 steps</td><td><span class="holds">holds</span></td><td>5 steps</td>',
    )
    expect(page).toContain('<td>needs &lt; 4 steps</td><td><span class="fails">fails</span></td>')
  })

  test('one run bears no claim out, though it may refute one', () => {
    const runs = [run(101, 'abc')]
    const all = filesOf(REPORT, { ...REPRODUCTION, quick: false, runs })
    const single = all.find(({ name }) => name === 'index.html')?.text
    expect(single).toContain('<span class="open">one run only</span>')
    expect(single).not.toContain('>holds<')
    expect(single).toContain('<span class="fails">fails</span>')
  })

  test('leads to its parts and to the files beside it', () => {
    expect(page).toContain('<a href="#steps">Steps</a>')
    expect(page).toContain('<a href="results.csv" download>')
    expect(page).toContain('<a href="steps.svg" download>')
  })

  test('escapes text, and holds the picture itself', () => {
    expect(page).toContain('<title>Table &lt;X></title>')
    expect(page).toContain('counted &amp; compared')
    expect(page).toMatch(/<figure><div class="wide"[^>]*><svg><\/svg>/)
  })

  test('needs nothing from elsewhere', () => {
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//)
  })

  test('says when the sweep was quick, and only then', () => {
    expect(page).not.toContain('A quick sweep')
    expect(files(true).get('index.html')).toContain('A quick sweep')
  })
})

test('the overview leads to every report and has its claims', () => {
  const reports = [
    { ...REPORT, name: 'table-6', title: 'Table <X>', seeds: 2 },
    { ...REPORT, name: 'figure-3', title: 'No claims', claims: [], seeds: 2 },
  ]
  const { name, text } = overviewOf(reports, false)
  expect(text).not.toContain('A quick sweep')
  expect(overviewOf(reports, true).text).toContain('A quick sweep')
  expect(name).toBe('index.html')
  expect(text).toContain('<a href="table-6/index.html">')
  expect(text).toContain('<a href="figure-3/index.html">')
  expect(text.match(/<span class="holds">/g)).toHaveLength(1)
  expect(text.match(/<span class="fails">/g)).toHaveLength(1)
})

test('seeds for tuning and those reported are listed by the experiment’s own bound', () => {
  const reproduction = { ...REPRODUCTION, quick: false, firstReportedSeed: 102 }
  const all = new Map(filesOf(REPORT, reproduction).map(({ name, text }) => [name, text] as const))
  expect(JSON.parse(all.get('results.json') ?? '').seedSets).toEqual({
    tuning: { below: 102, run: [101] },
    reported: { from: 102, run: [102] },
  })
  expect(all.get('index.html')).toContain(
    '3 runs, seeds 102. Seeds below 102 are for tuning alone: 101 run here.',
  )
  expect(files(false).get('index.html')).toContain('are for tuning alone: none run here.')
})

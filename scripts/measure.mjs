// `npm run measure`: the size of the house by room (lines, casts, documented exports, tests), and the bounds it keeps.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { root } from './setup.mjs'

const AREAS = ['src', 'paper', 'dashboard', 'bench', 'scripts', 'models']
const BOUNDS = {
  sourceLines: 41_500,
  casts: 250,
  testShare: 0.8,
  documentedShare: 0.8,
  fileLines: 400,
}

const isTest = (file) => /\.(test|fixture|conformance)\.tsx?$/.test(file)
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...AREAS], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.(tsx?|mjs|css|html)$/.test(file) && !file.includes('/results/'))
  .filter((file) => existsSync(join(root, file)))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
const sources = files.filter(({ file }) => !isTest(file))
const tests = files.filter(({ file }) => isTest(file))

const lineCount = (text) => text.split('\n').length - 1
const sum = (values) => values.reduce((total, value) => total + value, 0)
const lines = (list) => sum(list.map(({ text }) => lineCount(text)))

/** Type assertions; neither `as const` nor names of imports, nor prose of comments. */
function casts(text) {
  const code = text
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replace(/(import|export)\s[^'"]*?from\s+'[^']*'/g, '')
  return [...code.matchAll(/[\w)\]}>]\s+as\s+(?!const\b)[\w[{(]/g)].length
}

/** Exported declarations, and those that a docstring stands above. */
function exported(text) {
  const declared = [
    ...text.matchAll(
      /^export (?:async )?(?:function|class|interface|type|const|abstract class) \w+/gm,
    ),
  ]
  const documented = declared.filter(({ index }) => text.slice(0, index).trimEnd().endsWith('*/'))
  return { declared: declared.length, documented: documented.length }
}

function importsOf({ file, text }) {
  return [...text.matchAll(/from\s+'(\.{1,2}\/[^']+)'/g)].map(([, target]) =>
    normalize(join(dirname(file), target)),
  )
}

/** Files that import themselves by way of others; imports of types count too. Each circle once. */
function circles(list) {
  const graph = new Map(list.map((source) => [source.file, importsOf(source)]))
  const state = new Map()
  const found = []
  const visit = (file, path) => {
    if (state.get(file) === 'done' || !graph.has(file)) return
    if (path.includes(file)) {
      found.push([...path.slice(path.indexOf(file)), file])
      return
    }
    for (const target of graph.get(file)) visit(target, [...path, file])
    state.set(file, 'done')
  }
  for (const file of graph.keys()) visit(file, [])
  return found
}

const roomOf = (file) => {
  const parts = file.split('/')
  if (parts[0] !== 'src' || parts.length < 3) return parts[0] === 'src' ? 'src (nouns)' : parts[0]
  return `src/${parts[1]}`
}

function rowOf(room) {
  const own = sources.filter(({ file }) => roomOf(file) === room)
  const sizes = own.map(({ text }) => lineCount(text)).sort((a, b) => a - b)
  const declarations = own.map(({ text }) => exported(text))
  const declared = sum(declarations.map((each) => each.declared))
  const documented = sum(declarations.map((each) => each.documented))
  return {
    room,
    files: own.length,
    lines: sum(sizes),
    median: sizes[(sizes.length - 1) >> 1] ?? 0,
    largest: sizes.at(-1) ?? 0,
    casts: sum(own.map(({ text }) => casts(text))),
    documented: declared === 0 ? '–' : `${Math.round((100 * documented) / declared)} %`,
    'test lines': lines(tests.filter(({ file }) => roomOf(file) === room)),
  }
}

const rooms = [...new Set(sources.map(({ file }) => roomOf(file)))].sort()
console.table(rooms.map(rowOf))

const code = sources.filter(({ file }) => /\.tsx?$/.test(file))
const declarations = code.map(({ text }) => exported(text))
const shareDocumented =
  sum(declarations.map((each) => each.documented)) / sum(declarations.map((each) => each.declared))
const largest = files.reduce((most, one) =>
  lineCount(one.text) > lineCount(most.text) ? one : most,
)
const found = circles(code)
const totalCasts = sum(code.map(({ text }) => casts(text)))
const allTests =
  lines(tests) +
  lines(
    execFileSync('git', ['ls-files', 'test'], { cwd: root, encoding: 'utf8' })
      .split('\n')
      .filter((file) => file.endsWith('.ts'))
      .map((file) => ({ text: readFileSync(join(root, file), 'utf8') })),
  )
const checks = [
  [
    'lines of source',
    lines(sources),
    `<= ${BOUNDS.sourceLines}`,
    lines(sources) <= BOUNDS.sourceLines,
  ],
  ['casts', totalCasts, `<= ${BOUNDS.casts}`, totalCasts <= BOUNDS.casts],
  [
    'tests / source',
    (allTests / lines(sources)).toFixed(2),
    `>= ${BOUNDS.testShare}`,
    allTests / lines(sources) >= BOUNDS.testShare,
  ],
  [
    'documented exports',
    shareDocumented.toFixed(2),
    `>= ${BOUNDS.documentedShare}`,
    shareDocumented >= BOUNDS.documentedShare,
  ],
  [
    'largest file',
    `${lineCount(largest.text)} (${largest.file})`,
    `<= ${BOUNDS.fileLines}`,
    lineCount(largest.text) <= BOUNDS.fileLines,
  ],
  ['circles of imports', found.length, '0', found.length === 0],
]
console.table(checks.map(([what, measured, bound, holds]) => ({ what, measured, bound, holds })))
for (const circle of found.slice(0, 10)) console.log(circle.join(' → '))
// How long the code is, is an aim: features add to it. The others are bounds.
const bounds = checks.filter(([what]) => what !== 'lines of source')
process.exitCode = bounds.every(([, , , holds]) => holds) ? 0 : 1

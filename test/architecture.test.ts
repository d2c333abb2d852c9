/** The architecture, held against the code: rules of imports (`rooms.ts`) and of style (`biome.json`), each proven by a planted fault. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOMS, violations } from './rooms.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const importing = (path: string) => `import { x } from '${path}'\n\nexport const y = x\n`
const lines = (count: number) =>
  Array.from({ length: count }, (_, line) => `  x += ${line}\n`).join('')

/** File → its source and the words of the rule that must refuse it. */
const FAULTS: readonly (readonly [file: string, source: string, rule: string])[] = [
  ['src/learning/agents/d.ts', 'export const y = Math.random()\n', 'take a Random from the caller'],
  ['src/simulation/b.ts', 'export const y = Date.now()\n', 'take a Clock from the caller'],
  ['src/scheduling/b.ts', 'export const y = performance.now()\n', 'take a Clock from the caller'],
  ['src/trial/b.ts', 'export const y = performance.now()\n', 'take a Clock from the caller'],
  ['src/node/NotKebab.ts', 'export const y = 1\n', 'useFilenamingConvention'],
  ['src/node/d.ts', 'export default 1\n', 'noDefaultExport'],
  ['src/node/e.ts', 'export enum Tier {\n  End,\n}\n', 'noEnum'],
  ['src/node/f.ts', 'export const y = (z: any) => z\n', 'noExplicitAny'],
  ['src/node/g.ts', 'export const y = (z?: { a: 1 }) => z!.a\n', 'noNonNullAssertion'],
  ['src/node/h.ts', "console.log('printed')\n", 'noConsole'],
  ['src/node/i.ts', importing('./d'), 'useImportExtensions'],
  ['src/node/k.ts', importing('left-pad'), 'noUndeclaredDependencies'],
  ['src/node/l.ts', 'async function y() {}\ny()\n', 'noFloatingPromises'],
  [
    'src/node/long-function.ts',
    `export function y(x: number) {\n${lines(61)}}\n`,
    'noExcessiveLinesPerFunction',
  ],
  ['src/node/long-file.ts', 'export const y = 1\n'.repeat(401), 'noExcessiveLinesPerFile'],
  ['src/node/cycle-a.ts', importing('./cycle-b.ts'), 'noImportCycles'],
  [
    'src/node/cycle-b.ts',
    "import { y } from './cycle-a.ts'\n\nexport const x = y\n",
    'noImportCycles',
  ],
]

/** What must pass, so that a rule that refuses everything is noticed too. */
const ALLOWED: readonly (readonly [file: string, source: string])[] = [
  ['src/cli/a.ts', "import { x } from '../orchestration/c.ts'\n\nconsole.log(x)\n"],
]

/** Room → an import that its row of the table forbids, from a file in it. */
const FORBIDDEN: Readonly<Record<string, readonly [file: string, target: string][]>> = {
  'src/errors': [['src/errors.ts', './serving/b.ts']],
  'src/clock': [['src/clock.ts', './fleet/goal.ts']],
  'src/random': [['src/random.ts', 'node:crypto']],
  'src/unfinite': [['src/unfinite.ts', './storage/b.ts']],
  'src/client-tls': [['src/client-tls.ts', './node/b.ts']],
  'src/files': [['src/files.ts', './yaml.ts']],
  'src/silent-logger': [['src/silent-logger.ts', './node/b.ts']],
  'src/tracing': [['src/tracing.ts', './node/b.ts']],
  'src/yaml': [['src/yaml.ts', './serving/b.ts']],
  'src/package-files': [['src/package-files.ts', './node/b.ts']],
  'src/fleet': [
    ['src/fleet/a.ts', '../learning/environment/environment.ts'],
    ['src/fleet/a.ts', 'node:fs'],
  ],
  'src/protocol': [['src/protocol/a.ts', '../serving/b.ts']],
  'src/client': [
    ['src/client/a.ts', '../protocol/codec.ts'],
    ['src/client/a.ts', 'node:buffer'],
  ],
  'src/conformance': [['src/conformance/a.ts', '../protocol/codec.ts']],
  'src/storage': [['src/storage/a.ts', '../orchestration/checkpoint.ts']],
  'src/control': [['src/control/a.ts', '../node/b.ts']],
  'src/access': [['src/access/a.ts', '../node/b.ts']],
  'src/access/rights': [['src/access/rights.ts', 'node:fs']],
  'src/onnx': [['src/onnx/a.ts', '../learning/b.ts']],
  'src/learning': [
    ['src/learning/agents/a.ts', '../../orchestration/b.ts'],
    ['src/learning/agents/a.ts', '../../simulation/b.ts'],
    ['src/learning/agents/a.ts', '../../onnx/graph-builder.ts'],
    ['src/learning/agents/a.ts', 'node:fs'],
    ['src/learning/agents/a.ts', 'onnxruntime-node'],
  ],
  'src/learning/nn': [['src/learning/nn/a.ts', 'onnxruntime-node']],
  'src/learning/nn/onnx': [['src/learning/nn/onnx-a.ts', '../../serving/b.ts']],
  'src/learning/agents/own-agent-files': [
    ['src/learning/agents/own-agent-files.ts', '../../orchestration/b.ts'],
  ],
  'src/learning/environment': [['src/learning/environment/a.ts', '../agents/hybrid.ts']],
  'src/learning/planner': [['src/learning/planner/a.ts', '../model/network.ts']],
  'src/scheduling': [
    ['src/scheduling/a.ts', '../serving/b.ts'],
    ['src/scheduling/policies/a.ts', '../../learning/nn/engine.ts'],
  ],
  'src/scheduling/learned': [
    ['src/scheduling/learned/a.ts', '../../learning/agents/hybrid.ts'],
    ['src/scheduling/learned/a.ts', 'node:fs'],
    ['src/scheduling/learned/a.ts', 'onnxruntime-node'],
  ],
  'src/simulation': [
    ['src/simulation/a.ts', '../learning/agents/hybrid.ts'],
    ['src/simulation/a.ts', '../node/b.ts'],
  ],
  'src/trial': [
    ['src/trial/a.ts', '../scheduling/ladder.ts'],
    ['src/trial/a.ts', '../cli/progress.ts'],
    ['src/trial/a.ts', 'node:timers/promises'],
  ],
  'src/trial/conformance': [['src/trial/conformance/a.ts', '../../simulation/b.ts']],
  'src/serving': [
    ['src/serving/a.ts', '../orchestration/b.ts'],
    ['src/serving/a.ts', '../cli/up.ts'],
    ['src/serving/a.ts', 'onnxruntime-node'],
    ['src/serving/models/a.ts', 'onnxruntime-node'],
  ],
  'src/serving/backends': [
    ['src/serving/backends/a.ts', '../request-scheduler.ts'],
    ['src/serving/backends/a.ts', '../models/catalogue.ts'],
    ['src/serving/backends/a.ts', '../../scheduling/scheduler.ts'],
  ],
  'src/monitoring': [['src/monitoring/a.ts', '../learning/environment/environment.ts']],
  'src/orchestration': [
    ['src/orchestration/a.ts', '../node/b.ts'],
    ['src/orchestration/a.ts', 'onnxruntime-node'],
  ],
  'src/node': [
    ['src/node/a.ts', '../learning/agents/hybrid.ts'],
    ['src/node/a.ts', '../../paper/table-5/sweep.ts'],
  ],
  'src/views': [['src/views/a.ts', '../orchestration/b.ts']],
  'src/views/schemas': [['src/views/schemas.ts', 'node:fs']],
  'src/report': [['src/report/a.ts', '../learning/agents/agent.ts']],
  paper: [['paper/a.ts', '../src/cli/up.ts']],
  'src/index': [['src/index.ts', './cli/up.ts']],
  'src/cli': [['src/cli/up.ts', '../../paper/index.ts']],
  'src/cli/reproduce': [['src/cli/reproduce.ts', 'onnxruntime-node']],
}

describe('imports', () => {
  test('follow the table', () => {
    const files = ['src', 'paper']
      .flatMap((room) =>
        readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((name) =>
          join(room, name),
        ),
      )
      .filter((file) => /(?<!\.(test|fixture|conformance))\.ts$/.test(file))
    const sources = files.map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
    expect(sources.length).toBeGreaterThan(300)
    expect(sources.flatMap(violations)).toEqual([])
  })

  test('every row of the table has a planted fault', () => {
    expect(Object.keys(FORBIDDEN).toSorted()).toEqual(Object.keys(ROOMS).toSorted())
  })

  const planted = Object.entries(FORBIDDEN).flatMap(([room, imports]) =>
    imports.map(([file, target]) => ({ room, file, target })),
  )
  test.each(planted)('$room: $file may not import $target', ({ file, target }) => {
    expect(violations({ file, text: importing(target) })).toHaveLength(1)
  })

  test.each([
    ['src/learning/nn/onnx-engine.ts', 'onnxruntime-node'],
    ['src/learning/nn/onnx-engine.ts', '../../onnx/graph-builder.ts'],
    ['src/serving/backends/a.ts', 'onnxruntime-node'],
    ['src/serving/a.ts', './backends/b.ts'],
    ['src/orchestration/a.ts', '../learning/agents/agent.ts'],
    ['src/scheduling/learned/a.ts', '../../simulation/node/serving-node.ts'],
    ['src/cli/up/run.ts', '../../orchestration/a.ts'],
    ['src/node/a.ts', '../errors.ts'],
    ['paper/table-5/run.ts', '../../src/learning/agents/create.ts'],
  ])('%s may import %s', (file, target) => {
    expect(violations({ file, text: importing(target) })).toEqual([])
  })
})

let folder: string
let reports: Map<string, string>

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-faults-'))
  for (const name of [
    'biome.json',
    'no-hidden-nondeterminism.grit',
    '.gitignore',
    'package.json',
  ]) {
    copyFileSync(join(root, name), join(folder, name))
  }
  for (const [file, source] of [...FAULTS, ...ALLOWED]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), source)
  }
  execFileSync('git', ['init', '-q'], { cwd: folder })
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome')
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [biome, 'lint', '--max-diagnostics=none', '--colors=off'],
    { cwd: folder, encoding: 'utf8' },
  )
  reports = new Map()
  // Each report opens with its file at the start of a line.
  for (const report of `${stdout}\n${stderr}`.split(/^(?=src\/)/m)) {
    const file = /^[^:\s]+/.exec(report)?.[0] ?? ''
    reports.set(file, (reports.get(file) ?? '') + report)
  }
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a planted fault is reported', () => {
  test.each(FAULTS)('%s', (file, _source, rule) => {
    expect(reports.get(file) ?? 'nothing reported').toContain(rule)
  })
})

describe('what the architecture allows passes', () => {
  test.each(ALLOWED)('%s', (file) => {
    expect(reports.get(file) ?? '').not.toContain('noConsole')
  })
})

test('every file that ARCHITECTURE.md names is there', () => {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
  const named = [...text.matchAll(/`((?:src|paper|test|scripts|dashboard)\/[\w./*-]*)`/g)].map(
    ([, path = '']) => path,
  )
  expect(named.length).toBeGreaterThan(50)
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

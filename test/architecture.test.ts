/** Every rule of `biome.json` that guards the architecture, proven by a planted fault that it must report. */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const importing = (path: string) => `import { x } from '${path}'\n\nexport const y = x\n`
const lines = (count: number) =>
  Array.from({ length: count }, (_, line) => `  x += ${line}\n`).join('')

/** File → its source and the words of the rule that must refuse it. */
const FAULTS: readonly (readonly [file: string, source: string, rule: string])[] = [
  ['src/protocol/a.ts', importing('../serving/b.ts'), 'knows the Open Inference Protocol'],
  ['src/onnx/a.ts', importing('../learning/b.ts'), 'writes a file format'],
  ['src/control/a.ts', importing('../node/b.ts'), 'knows messages and their transport'],
  ['src/serving/a.ts', importing('../orchestration/b.ts'), 'serving/ answers requests'],
  ['src/scheduling/a.ts', importing('../serving/b.ts'), 'scheduling/ is pure'],
  ['src/monitoring/a.ts', importing('../node/b.ts'), 'monitoring/ measures'],
  ['src/monitoring/b.ts', importing('../learning/agents/hybrid.ts'), 'not who learns in it'],
  ['src/orchestration/a.ts', importing('../node/b.ts'), 'orchestration/ decides'],
  ['src/node/a.ts', importing('../learning/agents/hybrid.ts'), 'a node serves and measures'],
  ['src/node/b.ts', importing('../orchestration/b.ts'), 'a node serves and measures'],
  [
    'src/learning/agents/a.ts',
    importing('../../orchestration/b.ts'),
    'Figure 2 does not know Figure 1',
  ],
  ['src/learning/agents/b.ts', importing('node:fs'), 'learning/ runs anywhere'],
  ['src/learning/agents/c.ts', importing('onnxruntime-node'), 'know ONNX Runtime'],
  ['src/learning/agents/d.ts', 'export const y = Math.random()\n', 'take a Random from the caller'],
  ['src/learning/nn/onnx-a.ts', importing('../../serving/b.ts'), 'Figure 2 does not know Figure 1'],
  ['src/simulation/a.ts', importing('../learning/agents/hybrid.ts'), 'not who learns in it'],
  ['src/simulation/b.ts', 'export const y = Date.now()\n', 'take a Clock from the caller'],
  ['src/scheduling/b.ts', 'export const y = performance.now()\n', 'take a Clock from the caller'],
  ['src/training/a.ts', importing('../node/b.ts'), 'training/ learns scheduling policies'],
  ['src/training/b.ts', importing('node:fs'), 'training/ reads no file'],
  ['src/training/c.ts', importing('../learning/agents/hybrid.ts'), 'shares the engine'],
  ['src/training/d.ts', importing('onnxruntime-node'), 'know ONNX Runtime'],
  ['src/training/e.ts', 'export const y = Math.random()\n', 'take a Random from the caller'],
  ['src/scheduling/c.ts', importing('../training/b.ts'), 'scheduling/ is pure'],
  ['src/simulation/z.ts', importing('../training/b.ts'), 'the simulator stands behind'],
  ['src/node/m.ts', importing('../training/b.ts'), 'a node serves and measures'],
  ['src/placement.ts', importing('./serving/b.ts'), 'the nouns at the root know no room'],
  ['src/orchestration/b.ts', importing('onnxruntime-node'), 'know ONNX Runtime'],
  ['src/serving/b.ts', importing('../cli/up.ts'), 'serving/ answers requests'],
  ['src/node/c.ts', importing('../../paper/table-5/sweep.ts'), 'a node serves and measures'],
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
  ['src/learning/nn/onnx-engine.ts', importing('onnxruntime-node')],
  ['src/serving/c.ts', importing('onnxruntime-node')],
  ['src/orchestration/c.ts', importing('../learning/agents/agent.ts')],
  ['src/training/f.ts', importing('../learning/nn/onnx-runtime.ts')],
  ['src/training/g.ts', importing('../simulation/serving-node/serving-node.ts')],
  ['src/cli/a.ts', "import { x } from '../orchestration/c.ts'\n\nconsole.log(x)\n"],
  ['src/learning/agents/e.test.ts', importing('node:fs')],
]

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
    expect(reports.get(file) ?? '').not.toContain('noRestrictedImports')
    expect(reports.get(file) ?? '').not.toContain('noConsole')
  })
})

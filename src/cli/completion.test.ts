import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { expect, test } from 'vitest'
import { bashScript } from './completion/bash.ts'
import { fishScript } from './completion/fish.ts'
import { routesOf } from './completion/routes.ts'
import { zshScript } from './completion/zsh.ts'

const program = new Command('tierwise').version('1', '-v, --version')
program.command('plan').description("A fleet's plan. With a proof.").option('--profile <file>')
const models = program.command('models').description('Models')
models.command('list').option('--json', 'print JSON')
models
  .command('add')
  .argument('<kind>')
  .addOption(new Option('-p, --precision <name>', 'of weights').choices(['FP32', 'INT8']))
program.command('secret', { hidden: true })
program
  .command('completion')
  .addArgument(program.createArgument('<shell>').choices(['bash', 'zsh']))
const routes = routesOf(program)

/** What bash offers for the last of these words. */
function offered(...words: string[]): string[] {
  const script = `${bashScript(routes)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tierwise; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' })
    .split('\n')
    .filter((word) => word !== '')
}

test.each([
  [['tierwise', 'mo'], ['models']],
  [
    ['tierwise', '--'],
    ['--version', '--help'],
  ],
  [
    ['tierwise', 'models', ''],
    ['list', 'add', '--help', '-h'],
  ],
  [['tierwise', 'models', 'add', '--p'], ['--precision']],
  [
    ['tierwise', 'models', 'add', '--precision', ''],
    ['FP32', 'INT8'],
  ],
  [['tierwise', 'models', 'add', '--precision', 'I'], ['INT8']],
  [
    ['tierwise', 'models', 'list', '--json', '--'],
    ['--json', '--help'],
  ],
  [['tierwise', 'plan', '--profile', 'x.yaml', '--p'], ['--profile']],
  [
    ['tierwise', 'completion', ''],
    ['bash', 'zsh'],
  ],
  [['tierwise', 'nothing', 'x'], []],
])('bash offers after %j: %j', (words, expected) => {
  expect(offered(...words)).toEqual(expected)
})

test('hidden commands are offered to nobody', () => {
  for (const script of [bashScript(routes), zshScript(routes), fishScript(routes)]) {
    expect(script).not.toContain('secret')
    expect(script).toContain('models')
  }
})

test('fish shows what each word is about, quoted', () => {
  const script = fishScript(routes)
  expect(script).toContain(`-n '__fish_use_subcommand' -f -a plan -d 'A fleet\\'s plan'`)
  expect(script).toContain(`-l precision -x -a 'FP32 INT8' -d 'of weights'`)
})

for (const [shell, input] of [
  ['zsh', zshScript(routes)],
  ['fish', fishScript(routes)],
] as const) {
  const isMissing = spawnSync(shell, ['--version']).error !== undefined
  test.skipIf(isMissing)(`${shell} takes its script (needs ${shell})`, () => {
    const file = join(mkdtempSync(join(tmpdir(), 'tierwise-')), 'script')
    writeFileSync(file, input)
    const { stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' })
    expect(stderr).toBe('')
  })
}

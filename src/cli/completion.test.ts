import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { afterAll, describe, expect, test } from 'vitest'
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

/** Why a shell cannot be asked here; undefined where it can. */
function isMissing(shell: string): boolean {
  return spawnSync(shell, ['--version']).error !== undefined
}

const folder = mkdtempSync(join(tmpdir(), 'tierwise-completion-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'some-file.yaml'), '')

describe.skipIf(isMissing('fish'))('fish (skipped where it is not installed)', () => {
  /** What fish itself offers at the end of a line. */
  const offeredBy = (line: string): string[] => {
    const script = `${fishScript(routes)}\ncomplete -C ${JSON.stringify(line)}`
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', script], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    return stdout.split('\n').flatMap((word) => word.split('\t')[0] || [])
  }

  test.each([
    ['tierwise mo', ['models']],
    ['tierwise models ', ['add', 'list']],
    ['tierwise models add --p', ['--precision']],
    ['tierwise models add --precision ', ['FP32', 'INT8']],
    ['tierwise models add --precision=I', ['--precision=INT8']],
    ['tierwise models list --', ['--help', '--json']],
    ['tierwise plan --profile ', ['some-file.yaml']],
    ['tierwise plan --profile some-file.yaml --p', ['--profile']],
    ['tierwise completion ', ['bash', 'zsh']],
    ['tierwise se', []],
  ])('offers after "%s": %j', (line, expected) => {
    expect(offeredBy(line)).toEqual(expected)
  })
})

describe.skipIf(isMissing('zsh'))('zsh (skipped where it is not installed)', () => {
  /** What a person has who types these keys, in a terminal, with a `tierwise` that prints its arguments. \t is Tab. */
  const typed = (keys: string, script: string): string => {
    writeFileSync(join(folder, 'completion.zsh'), script)
    const terminal = `
zmodload zsh/zpty
zpty shell 'TERM=dumb PS1= zsh -f -i'
zpty -w shell "cd ${folder}; HOME=${folder}; source completion.zsh; tierwise() print -r -- '{'\\$*'}'"
zpty -w shell "$KEYS"
zpty -w shell "print -r '{'end'}'"
while zpty -r shell line; do print -rn -- "$line"; [[ $line == *{end}* ]] && break; done
zpty -d shell`
    const { stdout } = spawnSync('zsh', ['-f', '-c', terminal], {
      env: { ...process.env, KEYS: keys },
      encoding: 'utf8',
      timeout: 20_000,
    })
    return /\{(?!end)[^'}]*\}/.exec(stdout)?.[0] ?? stdout
  }

  test.each([
    ['tierwise mod\tli\t', '{models list}'],
    ['tierwise models add --prec\tI\t', '{models add --precision INT8}'],
    ['tierwise pl\t--pro\tsome\t', '{plan --profile some-file.yaml}'],
    ['tierwise completion z\t', '{completion zsh}'],
    ['tierwise sec\t', '{sec}'],
  ])('completes at Tab: "%s" is %s', (keys, expected) => {
    expect(typed(keys, zshScript(routes))).toBe(expected)
  })

  test('also where its file is in $fpath', () => {
    writeFileSync(join(folder, '_tierwise'), zshScript(routes))
    const script = `fpath=(${folder} $fpath); autoload -Uz compinit; compinit -u -D`
    expect(typed('tierwise mod\tli\t', script)).toBe('{models list}')
  })
})

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { packageVersion } from '../../package-files.ts'
import { provenanceHere, refuseUnrepeatable } from './provenance.ts'

let root: string
let results: string

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.org', ...args], {
    cwd: root,
    encoding: 'utf8',
  }).trim()

function write(name: string, text: string): void {
  mkdirSync(join(root, name, '..'), { recursive: true })
  writeFileSync(join(root, name), text)
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tierwise-checkout-'))
  results = join(root, 'paper/table-5/results')
  git('init', '-q')
  write('package.json', '{}')
  write('.gitignore', 'reproduced/\n')
  write('paper/table-5/results/runs.jsonl', 'old\n')
  git('add', '.')
  git('commit', '-qm', 'first')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const here = () => provenanceHere(root).commit

describe('the commit', () => {
  test('is that of the checkout', () => {
    expect(git('rev-parse', 'HEAD').startsWith(here())).toBe(true)
    expect(here()).toHaveLength(12)
  })

  test('is dirty once code changed, not once results did', () => {
    const commit = here()
    write('paper/table-5/results/runs.jsonl', 'new\n')
    expect(here()).toBe(commit)
    write('package.json', '{ "changed": true }')
    expect(here()).toBe(`${commit}-dirty`)
  })

  test('is the version where there is no checkout', () => {
    rmSync(join(root, '.git'), { recursive: true })
    expect(here()).toBe(`version ${packageVersion()}`)
    expect(() => refuseUnrepeatable(root, results, [here()])).not.toThrow()
  })
})

describe('results that would be committed', () => {
  const refused = (folder: string, ...commits: string[]) =>
    expect(() => refuseUnrepeatable(root, folder, commits))

  test('may be of any commit of the history', () => {
    const first = here()
    git('commit', '-q', '--allow-empty', '-m', 'second')
    refused(results, first, here()).not.toThrow()
  })

  test('may not be of changes that are not committed', () => {
    const clean = here()
    write('package.json', '{ "changed": true }')
    refused(results, clean, here()).toThrow(`results of ${clean}-dirty, code that is not committed`)
  })

  test('may not be of a commit that is not in the history, or that nobody knows', () => {
    const kept = here()
    git('commit', '-q', '--allow-empty', '-m', 'second')
    const dropped = here()
    git('reset', '-q', '--hard', kept)
    refused(results, kept).not.toThrow()
    refused(results, kept, dropped).toThrow(`results of ${dropped}, which is not in its history`)
    refused(results, 'abc').toThrow('results of abc, which is not in its history')
    refused(results, 'version 0.1.0').toThrow('which is not in its history')
  })

  test('elsewhere anything goes: where git ignores it, and outside', () => {
    refused(join(root, 'reproduced/table-5'), 'abc').not.toThrow()
    refused(join(tmpdir(), 'tierwise-elsewhere'), 'abc-dirty').not.toThrow()
    refused(join(root, 'not-yet-there'), 'abc').toThrow('choose another --out')
    refused(root, 'abc').toThrow('choose another --out')
  })
})

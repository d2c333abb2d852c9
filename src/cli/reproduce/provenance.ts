/** Which code runs, and on what machine: every result says so. What is committed beside the code must be of code that is committed. */
import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import { isAbsolute, relative, resolve } from 'node:path'
import type { Provenance } from '../../../paper/experiment.ts'
import { ConfigError } from '../../errors.ts'
import { packageVersion } from '../../package-files.ts'

const DIRTY = '-dirty'
/** Results change while they are written, and no code reads them. */
const ALL_BUT_RESULTS = ['.', ':(exclude,glob)paper/*/results/**']

/** Of runs that this process makes. @param root of the checkout, or of the installed package */
export function provenanceHere(root: string): Provenance {
  return { commit: commitOf(root), machine: machine() }
}

/** The commit of a checkout, `-dirty` if code changed since; the version of an installed package. */
function commitOf(root: string): string {
  if (!isCheckout(root)) return `version ${packageVersion()}`
  const changes = git(root, 'status', '--porcelain', '-uno', '--', ...ALL_BUT_RESULTS)
  const commit = git(root, 'describe', '--always', '--abbrev=12', '--exclude=*')
  return changes === '' ? commit : `${commit}${DIRTY}`
}

/**
 * Nobody can run again what no commit of the history holds.
 * @param folder of a report; one outside of the checkout, or one that git ignores, may hold anything
 * @param commits of its runs, those to come included
 * @throws ConfigError for results that git would take up, of changes that are not committed or of a commit that is not in the history
 */
export function refuseUnrepeatable(root: string, folder: string, commits: readonly string[]): void {
  if (!isCheckout(root) || !wouldBeCommitted(root, folder)) return
  for (const commit of commits) {
    if (commit.endsWith(DIRTY)) {
      throw new ConfigError(
        `${folder} is part of the checkout and may not hold results of ${commit}, code that is not committed: commit it and run anew, or choose another --out`,
      )
    }
    if (!succeeds(root, 'merge-base', '--is-ancestor', commit, 'HEAD')) {
      throw new ConfigError(
        `${folder} is part of the checkout and may not hold results of ${commit}, which is not in its history: run anew, or choose another --out`,
      )
    }
  }
}

function wouldBeCommitted(root: string, folder: string): boolean {
  const path = relative(resolve(root), resolve(folder))
  const isOutside = path.startsWith('..') || isAbsolute(path)
  return !isOutside && !succeeds(root, 'check-ignore', '-q', '--', path === '' ? '.' : path)
}

/** An installed package may lie within someone else's repository, which does not track it. */
function isCheckout(root: string): boolean {
  return succeeds(root, 'ls-files', '--error-unmatch', 'package.json')
}

function succeeds(root: string, ...args: string[]): boolean {
  try {
    git(root, ...args)
    return true
  } catch {
    return false
  }
}

function git(root: string, ...args: string[]): string {
  const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'ignore']
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio }).trim()
}

function machine(): string {
  const processors = cpus()
  const memoryGib = Math.round(totalmem() / 2 ** 30)
  return `${processors.length} × ${processors[0]?.model ?? 'unknown processor'}, ${memoryGib} GiB, ${process.platform}, Node ${process.version}`
}

/** Which code runs, and on what machine: every result says so. */
import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import type { Provenance } from '../../../paper/experiment.ts'
import { packageFile, packageVersion } from '../../package-files.ts'

export function provenanceHere(): Provenance {
  return { commit: commit(), machine: machine() }
}

/** The commit of a checkout, `-dirty` if changed since; the version of an installed package. */
function commit(): string {
  const root = packageFile('.')
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
    // An installed package may lie within someone else's repository, which does not track it.
    git('ls-files', '--error-unmatch', 'package.json')
    return git('describe', '--always', '--dirty', '--abbrev=12', '--exclude=*').trim()
  } catch {
    return `version ${packageVersion()}`
  }
}

function machine(): string {
  const processors = cpus()
  const memoryGib = Math.round(totalmem() / 2 ** 30)
  return `${processors.length} × ${processors[0]?.model ?? 'unknown processor'}, ${memoryGib} GiB, ${process.platform}, Node ${process.version}`
}

/**
 * A scheduling policy in a file of its own, so that it can be replaced while a node serves: what `tierwise schedule train`
 * writes, or the name of a built-in policy, `{ "policy": "slack-fit" }`.
 */
import { type Stats, unwatchFile, watchFile } from 'node:fs'
import { messageOf } from '../../errors.ts'
import { readTextFile } from '../../files.ts'

/** Changes are looked for this often. */
const WATCH_MS = 250

/** Which file, and who is told. */
export interface PolicyFileOptions {
  readonly file: string
  /** Told what the file holds, at first and after every change. */
  readonly onText: (text: string) => void
  /** Told why it cannot be read. */
  readonly onProblem: (reason: string) => void
}

/** A file that is watched: polled, as files are replaced, moved and mounted in ways that no notification covers. */
export class PolicyFile {
  private readonly options: PolicyFileOptions
  private closed = false
  private readonly changed = (now: Stats, before: Stats) => {
    // Reading it changes its access time alone.
    const isSame = now.mtimeMs === before.mtimeMs && now.ino === before.ino
    if (!isSame) void this.read()
  }

  constructor(options: PolicyFileOptions) {
    this.options = options
    watchFile(options.file, { interval: WATCH_MS, persistent: false }, this.changed)
  }

  async read(): Promise<void> {
    const { file, onText, onProblem } = this.options
    try {
      const text = await readTextFile(file)
      if (!this.closed) onText(text)
    } catch (error) {
      if (!this.closed) onProblem(messageOf(error))
    }
  }

  close(): void {
    this.closed = true
    unwatchFile(this.options.file, this.changed)
  }
}

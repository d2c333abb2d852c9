/** Progress of long work on standard error: one line redrawn in a terminal, a line every ten seconds elsewhere. */
import { logUpdateStderr } from 'log-update'

const WIDTH = 24
const REDRAW_MS = 100
const LINE_MS = 10_000

/** `████████░░░░  33 %`; a share beyond [0, 1] counts as its bound. */
export function formatBar(share: number): string {
  const bounded = Math.min(1, Math.max(0, share))
  const full = Math.floor(bounded * WIDTH)
  const percent = String(Math.floor(bounded * 100)).padStart(3)
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${percent} %`
}

/** `8 s`, `4 min 10 s`, `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** What is shown of work under way. */
export class Progress {
  private readonly interactive = process.stderr.isTTY === true
  private shownMs = performance.now()

  /** @param describe called only when it is time to show a line again */
  update(describe: () => string): void {
    const nowMs = performance.now()
    if (nowMs - this.shownMs < (this.interactive ? REDRAW_MS : LINE_MS)) return
    this.shownMs = nowMs
    if (this.interactive) logUpdateStderr(describe())
    else process.stderr.write(`${describe()}\n`)
  }

  /** Takes the line away, so that results begin on an empty one. */
  end(): void {
    if (this.interactive) logUpdateStderr.clear()
  }
}

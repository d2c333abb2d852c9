/** Live progress of `tierwise up`: a block redrawn in a terminal, one line every five seconds elsewhere. */
import { styleText } from 'node:util'
import { logUpdateStderr } from 'log-update'
import { mean } from 'simple-statistics'
import type { JointDecision } from '../../control/messages.ts'
import { explainedText, gapText, isBound, shadowText } from '../decision-text.ts'
import type { RoundLog } from './round-log.ts'

const BARS = '▁▂▃▄▅▆▇█'
/** Rounds averaged for the figure shown as "now". */
const RECENT = 20
const REDRAW_MS = 250
const LINE_MS = 5000

/** Values as a line of bars, scaled from zero to the largest. */
export function sparkline(values: readonly number[], width: number): string {
  if (values.length === 0) return ''
  const perBar = Math.max(1, values.length / width)
  const bars = Array.from({ length: Math.min(width, values.length) }, (_, index) =>
    mean(
      values.slice(
        Math.floor(index * perBar),
        Math.max(Math.floor(index * perBar) + 1, Math.floor((index + 1) * perBar)),
      ),
    ),
  )
  const top = Math.max(...bars)
  return bars.map((bar) => BARS[Math.min(7, Math.floor((bar / top) * 8))] ?? '').join('')
}

/** Average response time of the newest rounds; undefined where there are none. */
function recentMs(rounds: RoundLog['rounds']): number | undefined {
  const times = rounds.slice(-RECENT).map((round) => round.responseTimeMs)
  return times.length === 0 ? undefined : mean(times)
}

/** The state of learning in one line. */
export function progressLine(log: RoundLog): string {
  const { latest, rounds } = log
  if (!latest || rounds.length === 0) return 'waiting for the first round'
  const recent = rounds.slice(-RECENT)
  const responseTimeMs = mean(recent.map((round) => round.responseTimeMs))
  const accuracyPercent = mean(recent.map((round) => round.accuracyPercent))
  const { realSteps, plannedSteps } = latest.progress
  return (
    `round ${rounds.length} · ${realSteps} real + ${plannedSteps} planned steps · ` +
    `${responseTimeMs.toFixed(1)} ms · accuracy ${accuracyPercent.toFixed(1)} % (goal ${latest.goalPercent} %)` +
    gapPart(latest, responseTimeMs)
  )
}

/** How good the agent believes its best decision to be, or why it is not the one that decides. */
function gapPart({ explanation, revert }: JointDecision, measuredMs: number): string {
  if (revert) return ` · reverted to ${revert.rule}`
  return explanation && isBound(explanation, measuredMs)
    ? ` · gap ${gapText(explanation.gapPercent)} by what is learned`
    : ''
}

/** What a run shows while it goes on. */
export class Screen {
  private readonly log: RoundLog
  private readonly interactive = process.stderr.isTTY === true
  private stage = ''
  private deadlineMs: number | undefined
  private done = ''
  private timer: NodeJS.Timeout | undefined

  constructor(log: RoundLog) {
    this.log = log
  }

  /** A lasting line. Everything goes to standard error: standard output is for results. */
  say(text: string): void {
    if (this.interactive) logUpdateStderr.clear()
    process.stderr.write(`${text}\n`)
  }

  /** Shows progress until `end`. @param untilMs when the stage ends on its own, by `performance.now()` */
  begin(stage: string, untilMs?: number): void {
    this.end()
    this.stage = stage
    this.done = ''
    this.deadlineMs = untilMs
    const draw = () => (this.interactive ? logUpdateStderr(this.block()) : this.say(this.line()))
    this.timer = setInterval(draw, this.interactive ? REDRAW_MS : LINE_MS)
  }

  /** How far a stage is that knows its length. */
  measured(done: number, total: number): void {
    this.done = ` · ${Math.round((100 * done) / total)} %`
  }

  end(): void {
    clearInterval(this.timer)
    this.timer = undefined
    if (this.interactive) logUpdateStderr.clear()
  }

  private line(): string {
    const left =
      this.deadlineMs === undefined
        ? ''
        : ` · ${Math.max(0, Math.ceil((this.deadlineMs - performance.now()) / 1000))} s left`
    return `${this.stage}${this.done}${left} · ${progressLine(this.log)}`
  }

  private block(): string {
    const { rounds, latest } = this.log
    const width = Math.max(20, Math.min(100, (process.stderr.columns ?? 80) - 24))
    const timesMs = rounds.map((round) => round.responseTimeMs)
    const placements = Object.entries(latest?.placements ?? {})
    const { explanation, shadow } = latest ?? {}
    return [
      styleText('bold', this.line()),
      `response time by round  ${styleText('cyan', sparkline(timesMs, width))}`,
      `decision now            ${placements.map(([device, placement]) => `${device} ${styleText('green', placement)}`).join('   ')}`,
      ...(explanation
        ? [`certified               ${explainedText(explanation, recentMs(rounds))}`]
        : []),
      ...(shadow ? [`proposals               ${shadowText(shadow)}`] : []),
    ].join('\n')
  }
}

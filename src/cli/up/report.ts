/** The report that ends `tierwise up`: one JSON object, and the same figures as text. */
import { explainedText, shadowText } from '../decision-text.ts'
import type { UpSettings } from '../settings/up.ts'
import { textTable } from '../table.ts'
import type { UpReport } from './outcome.ts'

const ms = (value: number | undefined) => (value === undefined ? '–' : `${value.toFixed(1)} ms`)
const percent = (value: number | undefined) => (value === undefined ? '–' : `${value.toFixed(1)} %`)

/** The report as a person reads it in a terminal. */
export function formatReport(report: UpReport, settings: UpSettings): string {
  const { responseTimeMs: times } = report
  const strategies = Object.entries(report.strategies).map(([name, result]) => [
    name,
    ms(result.responseTimeMs),
    percent(result.accuracyPercent),
    percent(result.measuredAccuracyPercent),
    result.meetsGoal ? 'met' : 'missed',
    result.meetsGoal && times.last !== undefined
      ? `${(result.responseTimeMs / times.last).toFixed(2)} × faster`
      : '–',
  ])
  const decisions = report.decisions.map(({ device, hardware, learned, oracle }) => [
    device,
    hardware,
    learned,
    oracle ?? '–',
  ])
  const lines = [
    '',
    `Average response time   ${ms(times.first)} at first → ${ms(times.last)} at last   (oracle ${ms(times.oracle)}, gap ${percent(report.gapPercent)})`,
    ...belief(report),
    `Average accuracy        ${percent(report.accuracyPercent)} promised for a goal of ${report.goal} %, broken in ${report.goalViolations} of ${report.rounds} rounds`,
    ...measuredLines(report),
    `Learning                ${report.realSteps} real steps, ${report.plannedSteps} planned steps in ${report.learningSeconds.toFixed(0)} s`,
    `Requests                ${report.requests}, failed ${report.failedRequests}${report.lastFailure ? ` (last: ${report.lastFailure})` : ''}`,
    '',
    textTable(['device', 'hardware', 'learned', 'oracle'], decisions),
  ]
  if (strategies.length > 0) {
    lines.push(
      '',
      textTable(
        ['fixed strategy', 'response time', 'promised', 'measured', 'goal', 'learned is'],
        strategies,
      ),
    )
  }
  if (report.measured) lines.push('', answersTable(report))
  if (report.emulation && settings.emulation) lines.push('', ...emulationLines(report.emulation))
  return lines.join('\n')
}

/** What labels and escalations told, where there were any. */
function measuredLines({ measured, escalation, audit }: UpReport): string[] {
  const lines: string[] = []
  if (measured) {
    const [low, high] = measured.interval
    lines.push(
      `Measured accuracy       ${percent(measured.accuracyPercent)} of ${measured.answers} labelled pictures (95 %: ${low.toFixed(1)} to ${high.toFixed(1)} %)`,
    )
  }
  if (escalation) {
    lines.push(
      `Went on for certainty   ${percent(escalation.seenPercent)} of the answers that might, ${percent(escalation.plannedPercent)} planned`,
    )
  }
  if (audit) {
    lines.push(
      `Audited agreement       ${percent(audit.agreedPercent)} of ${audit.answers} sure answers, asked of the larger variant as well`,
    )
  }
  return lines
}

/** A handful of the newest answers. */
function answersTable({ answers }: UpReport): string {
  const rows = answers
    .slice(-6)
    .map(({ device, truth, label, right, decided, escalated, responseTimeMs }) => [
      `${truth ?? ''}`,
      `${label}${right === false ? '  ✗' : ''}`,
      device,
      `${decided}${escalated ? ' (went on)' : ''}`,
      ms(responseTimeMs),
    ])
  return textTable(['picture', 'answer', 'device', 'served by', 'took'], rows)
}

/** Lines that not every run has. */
function belief({
  responseTimeMs,
  roundsUntilWithin10Percent,
  rounds,
  explanation,
  shadow,
  revert,
}: UpReport): string[] {
  const lines: string[] = []
  if (responseTimeMs.oracle !== undefined) {
    lines.push(
      roundsUntilWithin10Percent === undefined
        ? `Within 10 % of oracle   not for good in ${rounds} rounds`
        : `Within 10 % of oracle   after ${roundsUntilWithin10Percent} rounds`,
    )
  }
  if (explanation) lines.push(`Certified               ${explainedText(explanation)}`)
  if (shadow) lines.push(`Proposals               ${shadowText(shadow)}`)
  if (revert) lines.push(`Reverted                to ${revert.rule}: ${revert.reason}`)
  return lines
}

function emulationLines({
  timeScale,
  dilationErrorPercent,
  ratios,
}: NonNullable<UpReport['emulation']>): string[] {
  const lines = [
    `Emulated speeds and links: ${timeScale} × the paper's times; inference times miss their targets by ${dilationErrorPercent.toFixed(1)} %.`,
  ]
  if (ratios) {
    const { measured, paper } = ratios
    lines.push(
      `The most accurate variant on device : edge : cloud = 1 : ${measured.edge.toFixed(2)} : ${measured.cloud.toFixed(2)} measured, 1 : ${paper.edge.toFixed(2)} : ${paper.cloud.toFixed(2)} in the paper.`,
    )
  }
  return lines
}

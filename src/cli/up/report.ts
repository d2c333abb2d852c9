/** The report that ends `tierwise up`: one JSON object, and the same figures as text. */
import { answerWords, goalWords, servedWords, truthWords } from '../../views/words.ts'
import { explainedText, shadowText } from '../decision-text.ts'
import type { UpSettings } from '../settings/up.ts'
import { textTable } from '../table.ts'
import type { UpReport } from './outcome.ts'

const ms = (value: number | undefined) => (value === undefined ? '–' : `${value.toFixed(1)} ms`)
const percent = (value: number | undefined) => (value === undefined ? '–' : `${value.toFixed(1)} %`)

/** One table of a report. */
export interface ReportTable {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** The report as a person reads it in a terminal. */
export function formatReport(report: UpReport, settings: UpSettings): string {
  const facts = factsOf(report).map(([name, text]) => `${name.padEnd(24)}${text}`)
  const answers = report.answers.length > 0 ? [answersTable(report)] : []
  const tables = [...tablesOf(report), ...answers].flatMap(({ head, rows }) => [
    '',
    textTable(head, rows),
  ])
  const notes = notesOf(report, settings)
  return ['', ...facts, ...tables, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')
}

/** What is said in one line each: its name, and the text. */
export function factsOf(report: UpReport): [name: string, text: string][] {
  const { responseTimeMs: times } = report
  return [
    [
      'Average response time',
      `${ms(times.first)} at first → ${ms(times.last)} at last   (oracle ${ms(times.oracle)}, ${gapOf(report)})`,
    ],
    ...belief(report),
    ...promised(report),
    ...measuredFacts(report),
    [
      'Learning',
      `${report.realSteps} real steps, ${report.plannedSteps} planned steps in ${report.learningSeconds.toFixed(0)} s`,
    ],
    [
      'Requests',
      `${report.requests}, failed ${report.failedRequests}${report.lastFailure ? ` (last: ${report.lastFailure})` : ''}`,
    ],
  ]
}

/** The oracle's decision is measured after learning: on a busy machine it may well be slower than what was learned. */
function gapOf({ gapPercent }: UpReport): string {
  if (gapPercent === undefined || gapPercent >= 0) return `gap ${percent(gapPercent)}`
  return `measured later: no gap, ${percent(-gapPercent)} below it`
}

/** A line for each goal that was in force. */
function promised({ goals, goal }: UpReport): [string, string][] {
  if (goals.length === 0)
    return [['Average accuracy', `unknown: no round closed under the goal of ${goal} %`]]
  return goals.map(({ goalPercent, accuracyPercent, violations, rounds }, index) => [
    index === 0 ? 'Average accuracy' : '',
    `${percent(accuracyPercent)} promised for a goal of ${goalPercent} %, broken in ${violations} of ${rounds} rounds`,
  ])
}

/** Decisions by device, and what they are compared with. */
export function tablesOf(report: UpReport): ReportTable[] {
  const decisions = report.decisions.map(({ device, hardware, learned, oracle }) => [
    device,
    hardware,
    learned,
    oracle ?? '–',
  ])
  const { last } = report.responseTimeMs
  const strategies = Object.entries(report.strategies).map(([name, result]) => [
    name,
    ms(result.responseTimeMs),
    percent(result.accuracyPercent),
    percent(result.measuredAccuracyPercent),
    result.meetsGoal ? 'met' : 'missed',
    result.meetsGoal && last !== undefined
      ? `${(result.responseTimeMs / last).toFixed(2)} × faster`
      : '–',
  ])
  const compared = ['fixed strategy', 'response time', 'promised', 'measured', 'goal', 'learned is']
  return [
    { title: 'Decisions', head: ['device', 'hardware', 'learned', 'oracle'], rows: decisions },
    ...(strategies.length > 0
      ? [{ title: 'Fixed strategies', head: compared, rows: strategies }]
      : []),
  ]
}

/** What is said at the end. */
export function notesOf(report: UpReport, settings: Pick<UpSettings, 'emulation'>): string[] {
  return report.emulation && settings.emulation ? emulationLines(report.emulation) : []
}

/** What labels and escalations told, where there were any. */
function measuredFacts({ measured, escalation, audit, goals }: UpReport): [string, string][] {
  const facts: [string, string][] = []
  if (measured) {
    const [low, high] = measured.interval
    const { goalPercent } = { ...(goals.length === 1 && goals[0]) }
    const verdict = goalPercent === undefined ? '' : `: ${goalWords(measured, goalPercent)}`
    facts.push([
      'Measured accuracy',
      `${percent(measured.accuracyPercent)} of ${measured.answers} labelled pictures (95 %: ${low.toFixed(1)} to ${high.toFixed(1)} %)${verdict}`,
    ])
  }
  if (escalation) {
    facts.push([
      'Went on for certainty',
      `${percent(escalation.seenPercent)} of the answers that might, ${percent(escalation.plannedPercent)} planned`,
    ])
  }
  if (audit) {
    facts.push([
      'Audited agreement',
      `${percent(audit.agreedPercent)} of ${audit.answers} sure answers, asked of the larger variant as well`,
    ])
  }
  return facts
}

/** A handful of the newest answers. */
function answersTable({ answers }: UpReport): ReportTable {
  const rows = answers.map((answer) => [
    answerWords(answer),
    truthWords(answer),
    answer.device,
    servedWords(answer),
    ms(answer.responseTimeMs),
  ])
  const head = ['answer', 'by its label', 'device', 'served by', 'took']
  return { title: 'Some answers', head, rows }
}

/** Lines that not every run has. */
function belief({
  responseTimeMs,
  roundsUntilWithin10Percent,
  rounds,
  explanation,
  shadow,
  revert,
}: UpReport): [string, string][] {
  const facts: [string, string][] = []
  if (responseTimeMs.oracle !== undefined) {
    const within =
      roundsUntilWithin10Percent === undefined
        ? `not for good in ${rounds} rounds`
        : `after ${roundsUntilWithin10Percent} rounds`
    facts.push(['Within 10 % of oracle', within])
  }
  if (explanation) facts.push(['Certified', explainedText(explanation, responseTimeMs.last)])
  if (shadow) facts.push(['Proposals', shadowText(shadow)])
  if (revert) facts.push(['Reverted', `to ${revert.rule}: ${revert.reason}`])
  return facts
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

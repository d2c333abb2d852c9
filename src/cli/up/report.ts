/** The report that ends `tierwise up`: one JSON object, and the same figures as text. */
import type { JointDecision } from '../../control/messages.ts'
import { explainedText, shadowText } from '../decision-text.ts'
import type { UpSettings } from '../settings/up.ts'
import { textTable } from '../table.ts'

/** A fixed strategy, as measured. */
export interface StrategyResult {
  /** Mean over the measured rounds of the average response time. */
  readonly responseTimeMs: number
  readonly accuracyPercent: number
  readonly meetsGoal: boolean
  readonly rounds: number
}

/** How well the emulation did. */
export interface EmulationResult {
  readonly timeScale: number
  /** Mean absolute error of a dilated inference's time against its target, over all nodes. */
  readonly dilationErrorPercent: number
  /** Measured response times of d0 from one device, as ratios to the device's own; the paper's beside them. */
  readonly ratios: { readonly measured: Ratios; readonly paper: Ratios } | undefined
}
interface Ratios {
  readonly edge: number
  readonly cloud: number
}

/** Times are emulated milliseconds where `emulation` is present. */
export interface UpReport {
  readonly goal: number
  readonly agent: string
  readonly mode: string
  readonly scenario: string
  readonly devices: number
  readonly seed: number
  /** Learning rounds, and how long they took. */
  readonly rounds: number
  readonly learningSeconds: number
  readonly realSteps: number
  readonly plannedSteps: number
  readonly requests: number
  readonly failedRequests: number
  readonly lastFailure?: string
  /** Served average accuracy over the last fifth of the learning rounds. */
  readonly accuracyPercent: number | undefined
  readonly goalViolations: number
  readonly responseTimeMs: {
    readonly first: number | undefined
    readonly last: number | undefined
    readonly oracle: number | undefined
  }
  /** `last` above the oracle, percent. */
  readonly gapPercent: number | undefined
  /** Rounds until the response time was within 10 % of the oracle and stayed there; see `roundsUntilWithin`. */
  readonly roundsUntilWithin10Percent: number | undefined
  /** Requests outside of rounds that the agent learned from, and those that came faster than it could. */
  readonly singleRequests: NonNullable<JointDecision['answers']>
  /** Of the agent's last decision, by what it had learned. */
  readonly explanation?: JointDecision['explanation']
  readonly shadow?: JointDecision['shadow']
  /** Present where the fixed rule was in force when learning ended. */
  readonly revert?: JointDecision['revert']
  readonly strategies: Readonly<Record<string, StrategyResult>>
  /** The agent's final decision, and the oracle's, by device. */
  readonly decisions: readonly {
    readonly device: string
    readonly learned: string
    readonly oracle: string | undefined
  }[]
  readonly emulation: EmulationResult | undefined
}

const ms = (value: number | undefined) => (value === undefined ? '–' : `${value.toFixed(1)} ms`)
const percent = (value: number | undefined) => (value === undefined ? '–' : `${value.toFixed(1)} %`)

/** The report as a person reads it in a terminal. */
export function formatReport(report: UpReport, settings: UpSettings): string {
  const { responseTimeMs: times } = report
  const strategies = Object.entries(report.strategies).map(([name, result]) => [
    name,
    ms(result.responseTimeMs),
    percent(result.accuracyPercent),
    result.meetsGoal ? 'met' : 'missed',
    result.meetsGoal && times.last !== undefined
      ? `${(result.responseTimeMs / times.last).toFixed(2)} × faster`
      : '–',
  ])
  const decisions = report.decisions.map(({ device, learned, oracle }) => [
    device,
    learned,
    oracle ?? '–',
  ])
  const lines = [
    '',
    `Average response time   ${ms(times.first)} at first → ${ms(times.last)} at last   (oracle ${ms(times.oracle)}, gap ${percent(report.gapPercent)})`,
    ...belief(report),
    `Average accuracy        ${percent(report.accuracyPercent)} for a goal of ${report.goal} %, broken in ${report.goalViolations} of ${report.rounds} rounds`,
    `Learning                ${report.realSteps} real steps, ${report.plannedSteps} planned steps in ${report.learningSeconds.toFixed(0)} s`,
    `Requests                ${report.requests}, failed ${report.failedRequests}${report.lastFailure ? ` (last: ${report.lastFailure})` : ''}`,
    '',
    textTable(['device', 'learned', 'oracle'], decisions),
  ]
  if (strategies.length > 0) {
    lines.push(
      '',
      textTable(['fixed strategy', 'response time', 'accuracy', 'goal', 'learned is'], strategies),
    )
  }
  if (report.emulation && settings.emulation) lines.push('', ...emulationLines(report.emulation))
  return lines.join('\n')
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

function emulationLines({ timeScale, dilationErrorPercent, ratios }: EmulationResult): string[] {
  const lines = [
    `Emulated speeds and links: ${timeScale} × the paper's times; inference times miss their targets by ${dilationErrorPercent.toFixed(1)} %.`,
  ]
  if (ratios) {
    const { measured, paper } = ratios
    lines.push(
      `d0 on device : edge : cloud = 1 : ${measured.edge.toFixed(2)} : ${measured.cloud.toFixed(2)} measured, 1 : ${paper.edge.toFixed(2)} : ${paper.cloud.toFixed(2)} in the paper.`,
    )
  }
  return lines
}

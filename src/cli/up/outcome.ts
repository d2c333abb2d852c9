/** Puts what a run measured into its report. */
import { mean, sum } from 'simple-statistics'
import type { ClosedRound, JointDecision } from '../../control/messages.ts'
import type { LiveTelemetry } from '../../control/telemetry-message.ts'
import { choicesOf, formatChoice } from '../../fleet/choice.ts'
import type { Catalogue } from '../../serving/models/catalogue.ts'
import type { Tests } from '../../views/schemas-test-answers.ts'
import { handfulOf } from '../../views/test-answers.ts'
import type { UpSettings } from '../settings/up.ts'
import type { Escalated } from './answer-log.ts'
import type { Traffic } from './applications.ts'
import type { Comparison } from './compare.ts'
import { linkDelaysMs } from './emulation.ts'
import { hardwareOf, hardwareText } from './hardware.ts'
import { learnedPlacements } from './learn.ts'
import { firstAndLastMs, lastFifth, roundsUntilWithin } from './round-log.ts'

/** With the goal in force where none was set. */
export type RunSettings = UpSettings & { readonly goal: number }

/** What a run was when its learning ended. */
export interface Learned {
  readonly rounds: readonly ClosedRound[]
  /** The newest announcement when learning ended. */
  readonly latest: JointDecision | undefined
  readonly seconds: number
  readonly escalatedBy: Readonly<Record<string, Escalated>>
  /** Against the truth of the pictures, where it is known. */
  readonly tests: Tests
}

/** All that a run gave. */
export interface RunOutcome {
  readonly settings: RunSettings
  readonly catalogue: Pick<Catalogue, 'variants' | 'cascades'>
  readonly learned: Learned
  /** Absent where nothing was compared. */
  readonly comparison: Comparison | undefined
  readonly traffic: Traffic
  /** The newest telemetry of every node. */
  readonly nodes: readonly LiveTelemetry[]
}

/** Times are emulated milliseconds where `emulation` is present. */
export type UpReport = ReturnType<typeof reportOf>

/** What a run came to. */
export function reportOf({ settings, catalogue, learned, comparison, traffic, nodes }: RunOutcome) {
  const { rounds, latest, seconds } = learned
  const { measured } = learned.tests
  const { progress, explanation, shadow, answers, revert } = latest ?? {}
  const { first, last } = firstAndLastMs(rounds)
  const oracle = comparison?.oracle?.responseTimeMs
  const newest = lastFifth(rounds)
  return {
    goal: settings.goal,
    agent: settings.agent,
    mode: settings.mode,
    scenario: settings.scenario,
    devices: settings.devices,
    seed: settings.seed,
    /** Learning rounds, and how long they took. */
    rounds: rounds.length,
    learningSeconds: seconds,
    realSteps: progress?.realSteps ?? 0,
    plannedSteps: progress?.plannedSteps ?? 0,
    requests: traffic.requests,
    failedRequests: traffic.failedRequests,
    ...(traffic.lastFailure !== undefined && { lastFailure: traffic.lastFailure }),
    /** Served average accuracy over the last fifth of the learning rounds. */
    accuracyPercent:
      newest.length === 0 ? undefined : mean(newest.map((round) => round.accuracyPercent)),
    /** Share of the labelled pictures that were answered right, of all learning rounds; absent without labels. */
    ...(measured && { measured }),
    ...escalationOf(learned, catalogue),
    ...auditOf(nodes),
    goalViolations: rounds.filter((round) => round.violated).length,
    /** What was promised under each goal that was in force, in order. */
    goals: goalsOf(rounds),
    responseTimeMs: { first, last, oracle },
    /** `last` above the oracle, percent. */
    gapPercent: oracle === undefined || last === undefined ? undefined : (last / oracle - 1) * 100,
    /** Rounds until the response time was within 10 % of the oracle and stayed there; see `roundsUntilWithin`. */
    roundsUntilWithin10Percent:
      oracle === undefined ? undefined : roundsUntilWithin(0.1, oracle, rounds),
    /** Requests outside of rounds that the agent learned from, and those that came faster than it could. */
    singleRequests: answers ?? { heard: 0, dropped: 0 },
    /** Of the agent's last decision, by what it had learned. */
    ...(explanation && { explanation }),
    ...(shadow && { shadow }),
    /** Present where the fixed rule was in force when learning ended. */
    ...(revert && { revert }),
    strategies: comparison?.strategies ?? {},
    /** The agent's final decision, and the oracle's, by device. */
    decisions: Object.entries(learnedPlacements(rounds))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([device, placement], index) => ({
        device,
        hardware: hardwareText(
          hardwareOf(settings, index, catalogue.variants),
          catalogue.variants.length,
        ),
        learned: placement,
        oracle: comparison?.oracle?.placements[index],
      })),
    /** A handful of the newest: what was on the picture, what was said, and how it was served. Empty without labels. */
    answers: handfulOf(learned.tests.answers),
    emulation: emulationOf(settings, comparison, nodes),
  }
}

function goalsOf(rounds: readonly ClosedRound[]) {
  const periods: ClosedRound[][] = []
  for (const round of rounds) {
    const period = periods.at(-1)
    if (period?.[0]?.goalPercent === round.goalPercent) period.push(round)
    else periods.push([round])
  }
  return periods.map((period) => ({
    goalPercent: period[0]?.goalPercent,
    rounds: period.length,
    /** Average over the last fifth of them. */
    accuracyPercent: mean(lastFifth(period).map((round) => round.accuracyPercent)),
    violations: period.filter((round) => round.violated).length,
  }))
}

/** Shares that went on for a second answer, planned and seen; nothing where no decision escalated. */
function escalationOf(
  { escalatedBy, rounds }: Learned,
  { variants, cascades }: RunOutcome['catalogue'],
) {
  const seen = Object.entries(escalatedBy)
  if (seen.length === 0) return {}
  const shares = new Map(
    choicesOf(variants, cascades).map((choice) => [
      formatChoice(choice),
      choice.escalation?.share ?? 0,
    ]),
  )
  const perDevice = Object.fromEntries(
    seen.map(([device, { answers, escalated }]) => {
      const planned = rounds.flatMap(({ placements }) => {
        const share = shares.get(placements[device] ?? '')
        return share ? [share] : []
      })
      const plannedPercent = planned.length === 0 ? undefined : 100 * mean(planned)
      return [device, { plannedPercent, seenPercent: (100 * escalated) / answers, answers }]
    }),
  )
  const devices = Object.values(perDevice)
  const total = sum(devices.map(({ answers }) => answers))
  const average = (of: (device: (typeof devices)[number]) => number | undefined) =>
    sum(devices.map((device) => (of(device) ?? 0) * device.answers)) / total
  return {
    escalation: {
      plannedPercent: average(({ plannedPercent }) => plannedPercent),
      seenPercent: average(({ seenPercent }) => seenPercent),
      perDevice,
    },
  }
}

/** Sure answers that the larger variant was asked about as well, over the whole run; nothing where there were none. */
function auditOf(nodes: RunOutcome['nodes']) {
  const answers = sum(nodes.map(({ inService }) => inService?.audited ?? 0))
  const agreed = sum(nodes.map(({ inService }) => inService?.agreed ?? 0))
  return answers === 0 ? {} : { audit: { answers, agreedPercent: (100 * agreed) / answers } }
}

/** How well the emulation did. */
function emulationOf(
  settings: UpSettings,
  comparison: Comparison | undefined,
  telemetry: readonly LiveTelemetry[],
) {
  const { emulation } = settings
  if (!emulation) return undefined
  const errors = telemetry.flatMap(({ dilationErrorPercent }) => dilationErrorPercent ?? [])
  const solo = settings.hardware === 'equal' ? comparison?.soloMs : undefined
  const linkMs = mean(
    Array.from({ length: settings.devices }, (_, device) => {
      const { upDelayMs, downDelayMs } = linkDelaysMs(settings, device)
      return (upDelayMs + downDelayMs) / emulation.timeScale
    }),
  )
  return {
    timeScale: emulation.timeScale,
    /** Mean absolute error of a dilated inference's time against its target, over all nodes. */
    dilationErrorPercent: errors.length === 0 ? 0 : mean(errors),
    /** Measured response times of d0 from one device, as ratios to the device's own; the paper's beside them. */
    ratios: solo && {
      measured: { edge: solo.edge / solo.end, cloud: solo.cloud / solo.end },
      paper: {
        edge: (emulation.edgeMs + linkMs) / emulation.endMs,
        cloud: (emulation.cloudMs + linkMs) / emulation.endMs,
      },
    },
  }
}

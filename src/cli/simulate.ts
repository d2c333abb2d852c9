/** `tierwise simulate`: one agent learns in the simulator until it has converged. */
import { Command, Option } from 'commander'
import { systemClock } from '../clock.ts'
import { MODES } from '../learning/agents/hybrid-options.ts'
import { BANDS, type TracedLine } from '../learning/agents/line-trace.ts'
import { AGENT_NAMES } from '../learning/agents/names.ts'
import type { Overrides } from '../learning/agents/overrides.ts'
import { loadOwnAgents } from '../learning/agents/own-agent-files.ts'
import { type TrainingSettings, train } from '../trial/training.ts'
import type { TrainingResult } from '../trial/training-result.ts'
import { type Regret, trainWandering, WANDER, type WanderingResult } from '../trial/wandering.ts'
import { interruptible } from './interrupts.ts'
import { parseAssignment, parseInteger } from './options.ts'
import { choicesFor } from './orchestration.ts'
import { Pace } from './pace.ts'
import { formatBar, Progress } from './progress.ts'
import { choicesIn, withFleetFlags } from './simulated-fleet.ts'
import { textTable } from './table.ts'

interface Flags extends Omit<TrainingSettings, 'overrides' | 'maxSteps' | 'choices'> {
  readonly catalogue?: string
  readonly set?: Overrides
  readonly steps: number
  readonly wander?: boolean
  readonly traceLines?: boolean
  readonly json?: boolean
}

/** `tierwise simulate` */
export function simulateCommand(): Command {
  return withFleetFlags(new Command('simulate'))
    .option('--agent <name>', AGENT_NAMES.join(', '), 'hybrid')
    .addOption(
      new Option(
        '--regime <name>',
        'exact: decisions that break the goal are never taken; penalty: the goal is learned from a penalty',
      )
        .choices(['exact', 'penalty'])
        .default('exact'),
    )
    .addOption(
      new Option(
        '--mode <name>',
        "how hybrid plans: suggestions are tried for real, predicted, or as the paper's listing is printed (default verified)",
      ).choices(MODES),
    )
    .addOption(
      new Option(
        '--feedback <name>',
        "what hybrid learns from: the average response time of a round, or every device's own (default average)",
      ).choices(['average', 'per-device']),
    )
    .option(
      '--set <name=number>',
      'another value of one hyperparameter; may be repeated',
      parseAssignment,
    )
    .option(
      '--steps <number>',
      'most real steps; convergence shows up to step N − 500, or N / 2 if that is less',
      parseInteger(1, 10_000_000),
      5000,
    )
    .option(
      '--wander',
      'links flip and background load comes and goes: all steps are taken, and the regret against the best decision of every state is printed too',
    )
    .option(
      '--trace-lines',
      'tell how often each printed line of Algorithm 1 acted per epoch, by how far hybrid had come',
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  tierwise simulate --scenario A --users 5 --goal 85 --agent hybrid --seed 1 --json\n  tierwise simulate --agent dqn --set updatesPerStep=10',
    )
    .action(simulate)
}

async function simulate(given: Flags): Promise<void> {
  const { steps: maxSteps, wander, traceLines = false, json, set, catalogue, ...flags } = given
  await loadOwnAgents([flags.agent])
  const choices = catalogue && choicesFor([flags.agent], await choicesIn(catalogue), flags.users)
  const settings = {
    ...flags,
    maxSteps,
    ...(choices && { choices }),
    ...(set && { overrides: set }),
  }
  const progress = new Progress()
  const pace = new Pace()
  await interruptible(async ({ signal }) => {
    const options = {
      clock: systemClock,
      signal,
      traceLines,
      onStep: (step: number, responseTimeMs: number) => {
        progress.update(
          () =>
            `${formatBar(step / maxSteps)} · step ${step} of at most ${maxSteps} · ${responseTimeMs.toFixed(1)} ms`,
        )
        return pace.rest()
      },
    }
    const result: TrainingResult & Partial<WanderingResult> = wander
      ? await trainWandering({ ...settings, wander: WANDER }, options)
      : await train(settings, options)
    progress.end()
    const { regret, lines } = result
    const text = [
      describe(settings, result),
      ...(regret ? [describeRegret(regret)] : []),
      ...(lines ? [describeLines(lines)] : []),
    ]
    process.stdout.write(json ? `${JSON.stringify(printed(settings, result))}\n` : text.join(''))
  })
}

/** The object of `--json`: what was set, what came of it, and at the end what is set seldom. */
function printed(settings: TrainingSettings, result: TrainingResult & Partial<WanderingResult>) {
  const { agent, mode, regime, scenario, users, goal, seed, feedback, overrides } = settings
  const {
    steps: _steps,
    strictRealSteps: _strict,
    firstHundredMs: _early,
    regret,
    prediction,
    lines,
    ...told
  } = result
  return {
    agent,
    mode: agent === 'hybrid' ? (mode ?? 'verified') : null,
    ...{ regime, scenario, users, goal, seed, ...told, feedback, overrides },
    ...regret,
    prediction,
    lines,
  }
}

/** Fleets beyond this are told by numbers of devices. */
const MOST_LISTED = 20

function summary(decisions: readonly string[]): string {
  if (decisions.length <= MOST_LISTED) return decisions.join(' ')
  const placements = [...new Set(decisions)].sort()
  return placements
    .map((placement) => `${decisions.filter((other) => other === placement).length} × ${placement}`)
    .join(', ')
}

/** @returns lines of text, the last one ended */
export function describe(settings: TrainingSettings, result: TrainingResult): string {
  const { agent, scenario, users, goal, seed, maxSteps } = settings
  const { responseTimeMs, oracleResponseTimeMs, steps } = result
  const gapPercent = (responseTimeMs / oracleResponseTimeMs - 1) * 100
  const outcome = result.converged
    ? `converged at real step ${result.realSteps}`
    : `not converged in ${steps} real steps${steps === maxSteps ? ' (--steps N looks further)' : ''}`
  return [
    `${agent}, scenario ${scenario}, ${users} users, goal ${goal} %, seed ${seed}: ${outcome}`,
    `  response time  ${responseTimeMs.toFixed(1)} ms, ${gapPercent.toFixed(1)} % above the optimum of ${oracleResponseTimeMs.toFixed(1)} ms`,
    `  accuracy       ${result.accuracyPercent.toFixed(1)} %, goal broken in ${result.goalViolations} steps`,
    `  decision       ${summary(result.decisions)}`,
    ...(result.gap === undefined
      ? []
      : [
          `  certificate    by what is learned, at most ${(result.gap * 100).toFixed(2)} % from the best`,
        ]),
    `  learning       ${result.plannedSteps} planned steps, ${result.updates} updates`,
    `  time           ${result.experienceSeconds.toFixed(1)} s of simulated experience, ${result.computationSeconds.toFixed(2)} s of computation`,
    '',
  ].join('\n')
}

/** @returns one line of text, ended */
export function describeRegret({ regretMs, policyRegretMs, statesMet }: Regret): string {
  return `  regret         ${regretMs.toFixed(1)} ms per step, of the greedy decisions ${policyRegretMs.toFixed(1)} ms; ${statesMet} states met\n`
}

/** @returns a table, its last line ended */
export function describeLines(lines: readonly TracedLine[]): string {
  if (lines.length === 0) return '  no line of Algorithm 1: this agent does not follow it\n'
  const bands = BANDS.map((first, band) => {
    const next = BANDS[band + 1]
    return next === undefined ? `epochs from ${first}` : `${first} to ${next - 1}`
  })
  const rows = lines.map(({ line, counts, total, perEpoch }) => [
    line,
    counts,
    `${total}`,
    ...perEpoch.map((count) => count?.toFixed(2) ?? '–'),
  ])
  return `${textTable(['line', 'what', 'in all', ...bands], rows)}\n`
}

/** `tierwise schedule`: which policy serves a node's requests best, in simulated time, for one's own variants, load and deadline. */
import { writeFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { ConfigError } from '../errors.ts'
import { Random } from '../random.ts'
import type { Ladder } from '../scheduling/ladder.ts'
import { DEFAULT_POLICY, POLICY_NAMES } from '../scheduling/policies/create.ts'
import type { SimulatedRequest } from '../simulation/node/serving-node.ts'
import type { SimulatedNode } from '../simulation/node/simulate-node.ts'
import { unitRatePerS } from '../simulation/workload/scenarios.ts'
import { formatTrace, TRACE_FORMATS, type TraceFormat } from '../simulation/workload/trace-file.ts'
import {
  parseAssignment,
  parseDurationMs,
  parseInteger,
  parseNames,
  parsePlot,
  parsePositive,
} from './options.ts'
import { formatBar, Progress } from './progress.ts'
import { describeParameters, WORKLOAD_NAMES } from './schedule/arrivals.ts'
import { prioritiesOf, sharesOf, situationOf, tableOf } from './schedule/description.ts'
import { readLadder } from './schedule/ladder-file.ts'
import { boundOf, endOf, type Outcome, outcomeOf } from './schedule/outcome.ts'
import { timelinePage, timelineSvg } from './schedule/plot.ts'
import { readRequests } from './schedule/requests.ts'
import { withTraining } from './schedule/train.ts'

interface Flags {
  readonly ladder: string
  readonly deadline: number
  readonly workers: number
  readonly trace?: string
  readonly traceFormat: TraceFormat
  readonly saveTrace?: string
  readonly workload: string
  readonly rate?: number
  readonly duration?: number
  readonly set?: Readonly<Record<string, number>>
  readonly slowdown: number
  readonly recalibrate: boolean
  readonly seed: number
  readonly plot?: string
  readonly json?: boolean
}

export function scheduleCommand(): Command {
  return new Command('schedule')
    .description(
      'Simulate which model variant serves each request of one node: your variants, your load, your deadline.',
    )
    .addCommand(simulateCommand())
    .addCommand(compareCommand())
    .addCommand(trainCommand())
}

function simulateCommand(): Command {
  const command = new Command('simulate')
    .description('One policy: how accurate and how punctual it is, and who answered.')
    .option(
      '--policy <name>',
      `${POLICY_NAMES.join(', ')}; or the .json file of a learned one`,
      DEFAULT_POLICY,
    )
  return withNodeAndLoad(command)
    .addHelpText(
      'after',
      example('simulate', '--workload plateau --set factor=8 --plot burst.svg') +
        example('simulate', '--policy slack-fit --trace examples/schedule/trace.txt --json'),
    )
    .action((flags: Flags & { policy: string }) => schedule([flags.policy], flags))
}

function compareCommand(): Command {
  const command = new Command('compare')
    .description(
      'Several policies on the same requests, and the best that could be done by who knew all of them.',
    )
    .option('--policies <names>', 'separated by commas (default: all without training)', parseNames)
  return withNodeAndLoad(command)
    .addHelpText(
      'after',
      example('compare', '--workload gamma --set gapCv=4 --rate 300 --plot gamma.html') +
        example('compare', '--policies slack-fit,uniform-fit-drop --slowdown 1.2 --workers 4'),
    )
    .action((flags: Flags & { policies?: string[] }) => schedule(flags.policies, flags))
}

function trainCommand(): Command {
  const command = new Command('train').description(
    'Learn a policy for this node in simulation, from workloads of many kinds and loads; within a minute for one worker.',
  )
  return withTraining(withNode(command)).addHelpText(
    'after',
    `\nExamples:\n${example('train', '--out learned.json')}\n${example('compare', '--policies slack-fit,uniform-fit-drop,learned.json --workload gamma')}`,
  )
}

function withNode(command: Command): Command {
  return command
    .requiredOption(
      '--ladder <file>',
      'variants with accuracy and service times, as in examples/schedule/ladder.yaml, or what `tierwise profile --json` wrote',
    )
    .requiredOption('--deadline <ms>', 'of every request, from its arrival', parsePositive)
    .option('--workers <number>', 'services at a time', parseInteger(1, 256), 1)
}

function withNodeAndLoad(command: Command): Command {
  return withNode(command)
    .option('--trace <file>', 'requests from a file instead of a workload, one a line')
    .addOption(
      new Option(
        '--trace-format <name>',
        'a line begins with an arrival time in seconds, or with the gap before it in microseconds; then may come the own deadline in ms, the priority (lower is first) and the accuracy asked for in percent',
      )
        .choices(TRACE_FORMATS)
        .default('arrival-times'),
    )
    .option('--save-trace <file>', 'write the arrivals in that format')
    .addOption(new Option('--workload <name>').choices(WORKLOAD_NAMES).default('plateau'))
    .option(
      '--rate <per second>',
      'mean of the workload (default: what the workers sustain with the largest variant)',
      parsePositive,
    )
    .option('--duration <time>', 'of the workload (default: 60s)', parseDurationMs)
    .option(
      '--set <name=number>',
      "one of the workload's parameters; may be repeated",
      parseAssignment,
    )
    .option('--slowdown <factor>', 'true service times ÷ those of the ladder', parsePositive, 1)
    .option('--no-recalibrate', 'plan with the times of the ladder, whatever is measured')
    .option('--seed <number>', 'of arrivals and service times', parseInteger(0), 1)
    .option(
      '--plot <file>',
      'draw load, accuracy, queue and variants over time: .svg or .html',
      parsePlot,
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', `\nParameters of workloads:\n${describeParameters()}\n\nExamples:`)
}

/** @param names all policies when undefined */
async function schedule(names: readonly string[] | undefined, flags: Flags): Promise<void> {
  const { deadline: deadlineMs, workers, slowdown, recalibrate, seed, plot, json } = flags
  const ladder = await readLadder(flags.ladder)
  const node = { ladder, workers, deadlineMs, slowdown, recalibrate }
  const requests = await requestsFor(flags, ladder)
  // Solved without batches.
  const all = POLICY_NAMES.filter(
    (name) => name !== 'adaptive-smdp' || ladder.batchSizes.length === 1,
  )
  const outcomes = await simulateAll(names ?? all, node, requests, seed)
  const boundPercent = boundOf(node, requests)
  const durationMs = endOf(requests)
  const table = `${situationOf(node, requests)}\n\n${tableOf(outcomes, durationMs, boundPercent)}\n`
  if (plot !== undefined) {
    const svg = await timelineSvg(titleOf(flags, deadlineMs), ladder, outcomes)
    await writeFile(
      plot,
      plot.endsWith('.svg') ? svg : timelinePage('Request scheduling', table, svg),
    )
  }
  const result = { requests: requests.length, durationMs, seed, boundPercent, policies: outcomes }
  const [only] = outcomes.length === 1 ? outcomes : []
  process.stdout.write(
    json
      ? `${JSON.stringify(result)}\n`
      : `${table}${only ? `\n${prioritiesOf(only)}${sharesOf(only)}\n` : ''}`,
  )
}

/** Writes them to a trace, too, if that is asked for. */
async function requestsFor(flags: Flags, ladder: Ladder): Promise<SimulatedRequest[]> {
  const { deadline: deadlineMs, workers, seed, set, saveTrace, ...load } = flags
  const largestMs = ladder.variants.at(-1)?.serviceTimesMs[0] as number
  const { rate = unitRatePerS({ workers, largestMs }), duration = 60_000 } = flags
  const requests = await readRequests(
    {
      ...load,
      ...{ ladder, deadlineMs, ratePerS: rate, durationMs: duration },
      ...(set && { parameters: set }),
    },
    new Random(seed).fork('arrivals'),
  )
  if (saveTrace !== undefined) {
    const arrivalsMs = requests.map(({ arrivalMs }) => arrivalMs)
    await writeFile(saveTrace, formatTrace(arrivalsMs, load.traceFormat))
  }
  return requests
}

/** Until interrupted; then what is finished counts. @throws ConfigError when nothing is */
async function simulateAll(
  names: readonly string[],
  node: SimulatedNode,
  requests: readonly SimulatedRequest[],
  seed: number,
): Promise<Outcome[]> {
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort()
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  const progress = new Progress()
  const outcomes: Outcome[] = []
  try {
    for (const [index, name] of names.entries()) {
      progress.update(() => `${formatBar(index / names.length)} · ${name}`)
      const options = { seed, signal: interrupted.signal }
      const outcome = await outcomeOf(name, node, requests, options)
      if (outcome === undefined) break
      outcomes.push(outcome)
    }
  } finally {
    progress.end()
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
  if (interrupted.signal.aborted) process.exitCode = 130
  if (outcomes.length > 0) return outcomes
  throw new ConfigError('broken off before the first policy was through')
}

function titleOf({ trace, workload, workers }: Flags, deadlineMs: number): string {
  const load = trace ?? workload
  return `Request scheduling: ${load}, deadline ${deadlineMs} ms, ${workers} ${workers === 1 ? 'worker' : 'workers'}`
}

function example(command: string, flags: string): string {
  return `  tierwise schedule ${command} --ladder examples/schedule/ladder.yaml --deadline 20 ${flags}`
}

/** `tierwise bench`: a live node under bursts, one scheduling policy after another, beside what the simulator says of each. */
import { writeFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { POLICY_NAMES } from '../scheduling/policies/create.ts'
import { TRACE_FORMATS } from '../simulation/workload/trace-file.ts'
import { describeBench, pairsOf } from './bench/description.ts'
import { GOAL_WINDOW } from './bench/goal-outcome.ts'
import { type BenchOptions, runBench } from './bench/run.ts'
import {
  parseAssignment,
  parseDurationMs,
  parseGoal,
  parseInteger,
  parseNames,
  parsePlot,
  parsePositive,
} from './options.ts'
import { describeParameters, WORKLOAD_NAMES } from './schedule/arrivals.ts'
import { timelinePage, timelineSvg } from './schedule/plot.ts'

const POLICIES = ['largest', 'slack-fit', 'uniform-fit', 'uniform-fit-drop', 'smallest']

export function benchCommand(): Command {
  const command = new Command('bench').description(
    'Drive a live node with a burst of requests with deadlines, under several scheduling policies in turn, and put what they made of it beside what the simulator says. Nothing is emulated but what --slowdown asks for.',
  )
  return withLoad(withNode(command))
    .option('--seed <number>', 'of the arrivals', parseInteger(0), 1)
    .option(
      '--plot <file>',
      'draw load, accuracy, queue and variants over time: .svg or .html',
      parsePlot,
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `\nParameters of workloads:\n${describeParameters()}\n\nExamples:\n  tierwise bench --burst 60s --plot burst.html\n  tierwise bench --policies slack-fit,uniform-fit-drop,learned.json --workload gamma --set gapCv=4\n  tierwise bench --policies uniform-fit-drop --slowdown 1.2\n  tierwise bench --goal 85 --burst 60s --deadline 150 --load 0.2 --policies uniform-fit-drop`,
    )
    .action(bench)
}

function withNode(command: Command): Command {
  return command
    .option(
      '--url <url>',
      'a node that runs already, under the policy that it has (default: start one on this machine)',
    )
    .option('--catalogue <file>', 'your own models instead of the built ones')
    .option(
      '--policies <names>',
      `separated by commas: ${POLICY_NAMES.join(', ')}; or the .json files of learned ones`,
      parseNames,
      POLICIES,
    )
    .option(
      '--goal <percent>',
      `the node as the edge of a fleet of two devices that pass every request on to it, under this accuracy goal; it is an average over ${GOAL_WINDOW}. --policies are the edge's`,
      parseGoal,
    )
    .option('--workers <number>', 'of the node', parseInteger(1, 256), 1)
    .option(
      '--deadline <ms>',
      'of every request, from its intended time (default: four services of the largest variant, and the way)',
      parsePositive,
    )
    .option(
      '--transit <ms>',
      'of the deadline, left for the way to the node and back (default: as measured)',
      parsePositive,
    )
    .option(
      '--slowdown <factor>',
      'services take so many times as long as the node has profiled (emulated, from 1)',
      parsePositive,
      1,
    )
}

function withLoad(command: Command): Command {
  return command
    .option(
      '--burst <time>',
      'the default load: a plateau of five times the rate for so long, between two pauses of 10 s',
      parseDurationMs,
      10_000,
    )
    .option(
      '--load <share>',
      'rate before the burst ÷ what the largest variant sustains',
      parsePositive,
      0.5,
    )
    .addOption(new Option('--workload <name>', 'instead of the burst').choices(WORKLOAD_NAMES))
    .option('--rate <per second>', 'mean of the workload (default: by --load)', parsePositive)
    .option(
      '--duration <time>',
      'of the workload (default: 60s), or of a trace at most',
      parseDurationMs,
    )
    .option(
      '--set <name=number>',
      "one of the workload's parameters; may be repeated",
      parseAssignment,
    )
    .option('--trace <file>', 'arrivals from a file instead of a workload')
    .addOption(
      new Option(
        '--trace-format <name>',
        'a line is an arrival time in seconds, or the gap before it in microseconds',
      )
        .choices(TRACE_FORMATS)
        .default('arrival-times'),
    )
    .option('--in-flight <number>', 'requests on their way at most', parseInteger(1, 10_000), 256)
    .option('--timeout <time>', 'then a request counts as unanswered', parseDurationMs, 5000)
}

interface Flags extends BenchOptions {
  readonly plot?: string
  readonly json?: boolean
}

async function bench({ plot, json, ...options }: Flags): Promise<void> {
  const result = await runBench(options)
  const text = describeBench(result)
  if (plot !== undefined) {
    const title = `Live node: ${result.load}, deadline ${result.deadlineMs.toFixed(1)} ms`
    const svg = await timelineSvg(title, result.ladder, pairsOf(result))
    await writeFile(plot, plot.endsWith('.svg') ? svg : timelinePage('Live node', text, svg))
  }
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : text)
}

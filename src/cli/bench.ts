/** `tierwise bench`: a live node under bursts, one scheduling policy after another, beside what the simulator says of each. */
import { writeFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { pageOf, timelineSvg } from '../report/scheduling-timeline.ts'
import { WORKLOAD_NAMES } from '../simulation/workload/named.ts'
import { TRACE_FORMATS } from '../simulation/workload/trace-file.ts'
import { describeBench, pairsOf } from './bench/description.ts'
import { type BenchOptions, runBench } from './bench/run.ts'
import { parseAssignment, parseDurationMs, parsePlot, parsePositive } from './options.ts'
import { describeParameters } from './schedule/arrivals.ts'
import { withSettings } from './settings/command.ts'
import { benchSettings } from './settings/commands.ts'

export function benchCommand(): Command {
  const command = withLoad(
    new Command('bench').description(
      'Drive a live node with a burst of requests with deadlines, under several scheduling policies in turn, and put what they made of it beside what the simulator says. Nothing is emulated but what --slowdown asks for.',
    ),
  )
    .option(
      '--plot <file>',
      'draw load, accuracy, queue and variants over time: .svg or .html',
      parsePlot,
    )
    .option('--json', 'print one JSON object')
  return withSettings(command, benchSettings, (settings) =>
    bench({ ...command.opts<Flags>(), ...settings }),
  ).addHelpText(
    'after',
    `\nParameters of workloads:\n${describeParameters()}\n\nExamples:\n  tierwise bench --burst 60s --plot burst.html\n  tierwise bench --policies slack-fit,uniform-fit-drop,learned.json --workload gamma --set gapCv=4\n  tierwise bench --policies uniform-fit-drop --slowdown 1.2\n  tierwise bench --goal 85 --burst 60s --deadline 150 --load 0.2 --policies uniform-fit-drop`,
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
    .option('--timeout <time>', 'then a request counts as unanswered', parseDurationMs, 5000)
}

/** All of them together. */
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
    await writeFile(plot, plot.endsWith('.svg') ? svg : pageOf('Live node', text, svg))
  }
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : text)
}

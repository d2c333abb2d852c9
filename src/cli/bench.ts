/** `tierwise bench`: a live node under bursts, one scheduling policy after another, beside what the simulator says of each. */
import { Command } from 'commander'
import { describeBench, pairsOf } from './bench/description.ts'
import { type BenchOptions, runBench } from './bench/run.ts'
import { parseDurationMs, parsePositive } from './options.ts'
import { describeParameters } from './schedule/arrivals.ts'
import { type LoadFlags, withLoadFlags, writePlot } from './schedule/load-flags.ts'
import { withSettings } from './settings/command.ts'
import { benchSettings } from './settings/commands.ts'

const USUAL_LOAD = { workload: 'the burst', rate: 'by --load', duration: '60s; of a trace, all' }

/** `tierwise bench` */
export function benchCommand(): Command {
  const command = new Command('bench')
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
    .option('--timeout <time>', 'then a request counts as unanswered', parseDurationMs, 5000)
  return withSettings(withLoadFlags(command, USUAL_LOAD), benchSettings, (settings) =>
    bench({ ...command.opts<BenchOptions & LoadFlags>(), ...settings }),
  ).addHelpText(
    'after',
    `\nParameters of workloads:\n${describeParameters()}\n\nExamples:\n  tierwise bench --burst 60s --plot burst.html\n  tierwise bench --policies slack-fit,anticipating-fit,learned.json --workload gamma --set gapCv=4\n  tierwise bench --policies anticipating-fit --slowdown 1.2\n  tierwise bench --overload 3 --burst 60s --deadline 150 --policies anticipating-fit\n  tierwise bench --goal 85 --burst 60s --deadline 150 --load 0.2 --policies anticipating-fit`,
  )
}

async function bench({ plot, json, ...options }: BenchOptions & LoadFlags): Promise<void> {
  const result = await runBench(options)
  const text = describeBench(result)
  if (plot !== undefined) {
    const title = `Live node: ${result.load}, deadline ${result.deadlineMs.toFixed(1)} ms`
    await writePlot(plot, text, title, result.ladder, pairsOf(result))
  }
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : text)
}

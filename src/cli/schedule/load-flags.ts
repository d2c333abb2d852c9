/** Flags of a load, and of how what came of it is shown: the same for simulated nodes and live ones. */
import { writeFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import type { timelineSvg as draw } from '../../report/scheduling-timeline.ts'
import { WORKLOAD_NAMES } from '../../simulation/workload/named.ts'
import { TRACE_FORMATS, type TraceFormat } from '../../simulation/workload/trace-file.ts'
import { parseAssignment, parseDurationMs, parsePlot, parsePositive } from '../options.ts'

/** What they give, besides the workload. */
export interface LoadFlags {
  readonly rate?: number
  /** In ms. */
  readonly duration?: number
  readonly set?: Readonly<Record<string, number>>
  readonly trace?: string
  readonly traceFormat: TraceFormat
  readonly plot?: string
  readonly json?: boolean
}

/** @param usual what there is without the flag, or more to know of it */
export function withLoadFlags(
  command: Command,
  usual: { readonly workload: string; readonly rate: string; readonly duration: string },
): Command {
  return command
    .addOption(
      new Option('--workload <name>', `instead of ${usual.workload}`).choices(WORKLOAD_NAMES),
    )
    .option('--rate <per second>', `mean of the workload (default: ${usual.rate})`, parsePositive)
    .option('--duration <time>', `of the workload (default: ${usual.duration})`, parseDurationMs)
    .option(
      '--set <name=number>',
      "one of the workload's parameters; may be repeated",
      parseAssignment,
    )
    .option('--trace <file>', 'requests from a file instead of a workload, one a line')
    .addOption(
      new Option(
        '--trace-format <name>',
        'a line begins with an arrival time in seconds, or with the gap before it in microseconds; then may come the own deadline in ms, the priority (lower is first) and the accuracy asked for in percent',
      )
        .choices(TRACE_FORMATS)
        .default('arrival-times'),
    )
    .option(
      '--plot <file>',
      'draw load, accuracy, queue and variants over time: .svg of five policies at most, or .html, where they are chosen',
      parsePlot,
    )
    .option('--json', 'print one JSON object')
}

/** Draws outcomes over time. @param text that goes with the picture on a page */
export async function writePlot(
  file: string,
  text: string,
  ...[title, ladder, outcomes]: Parameters<typeof draw>
): Promise<void> {
  // What draws is optional: it is asked for once there is something to draw.
  const { timelineSvg } = await import('../../report/scheduling-timeline.ts')
  const { timelinePage } = await import('../../report/scheduling-page.ts')
  const drawn = file.endsWith('.svg')
    ? timelineSvg(title, ladder, outcomes)
    : timelinePage(title, text, ladder, outcomes)
  await writeFile(file, drawn)
}

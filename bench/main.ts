/** `npm run bench -- [name…]`: what Tierwise costs and how fast it is, every comparison in one run, as ratios. */
import { Argument, Command } from 'commander'
import { interruptible } from '../src/cli/interrupts.ts'
import { parseInteger, parsePositive } from '../src/cli/options.ts'
import { messageOf } from '../src/errors.ts'
import { describeAccess, measureAccess } from './access.ts'
import { describeBodies, measureBodies } from './bodies.ts'
import { describeFactored, measureFactored } from './factored.ts'
import { describeKills, measureKills } from './kill/kills.ts'
import { describeSoak, measureSoak } from './kill/soak.ts'
import { describeLearning, measureLearning } from './learning.ts'
import { describeOverhead, measureOverhead } from './overhead.ts'
import { describePage, measurePage } from './page.ts'
import { compareWithHighs, describeExact, describePlanner, measurePlanner } from './planner.ts'
import { describeScheduling, measureScheduling } from './scheduling.ts'
import { describeServers, measureServers } from './servers.ts'
import { describeSustained, measureSustained } from './sustained.ts'

interface Options {
  readonly times: number
  readonly minutes: number
  readonly seed: number
}

/** Measures, and tells people what came of it. @param what it measures, for the help */
function benchmark<Result>(
  what: string,
  measure: (options: Options) => Result | Promise<Result>,
  describe: (result: Result) => string[],
) {
  const run = async (options: Options) => {
    const result = await measure(options)
    return { result, lines: describe(result) }
  }
  return { what, run }
}

/** What ends cleanly, with what it has, at Ctrl-C. */
function untilInterrupted<Result>(
  measure: (options: Options & { signal: AbortSignal }) => Promise<Result>,
) {
  return (options: Options) =>
    interruptible(async (interrupts) => {
      try {
        return await measure({ ...options, signal: interrupts.signal })
      } finally {
        if (interrupts.exitCode !== undefined) process.exitCode = interrupts.exitCode
      }
    })
}

const BENCHMARKS = {
  overhead: benchmark('what Tierwise adds to an inference', measureOverhead, describeOverhead),
  sustained: benchmark('requests that a core serves', measureSustained, describeSustained),
  access: benchmark('what credentials add to a request', measureAccess, describeAccess),
  servers: benchmark('what a node adds to the server behind it', measureServers, describeServers),
  bodies: benchmark('how long large bodies hold the event loop', measureBodies, describeBodies),
  learning: benchmark('how fast networks are trained', measureLearning, describeLearning),
  planner: benchmark('how fast fleets are planned', measurePlanner, describePlanner),
  factored: benchmark('what a round of factored costs', measureFactored, describeFactored),
  scheduling: benchmark('how soon a node decides', measureScheduling, describeScheduling),
  page: benchmark('2,000 devices on the page, in Chromium', measurePage, describePage),
  'planner-exact': benchmark('whether plans are the best', compareWithHighs, describeExact),
  kill: benchmark(
    'what is lost when any process is killed under load',
    untilInterrupted(measureKills),
    describeKills,
  ),
  soak: benchmark(
    'whether memory grows while that goes on',
    untilInterrupted(measureSoak),
    describeSoak,
  ),
}
const NAMES = Object.keys(BENCHMARKS)
const ONLY_WHEN_NAMED = ['planner-exact', 'page', 'kill', 'soak']

async function runBenchmarks(named: string[], options: Options & { json?: boolean }) {
  const results: Record<string, unknown> = {}
  for (const [name, { run }] of Object.entries(BENCHMARKS)) {
    if (named.length > 0 ? !named.includes(name) : ONLY_WHEN_NAMED.includes(name)) continue
    try {
      const { result, lines } = await run(options)
      results[name] = result
      if (!options.json) console.log(lines.join('\n'))
    } catch (error) {
      console.error(`${name}:`, process.exitCode === undefined ? error : messageOf(error))
      process.exit(process.exitCode ?? 1)
    }
  }
  if (options.json) console.log(JSON.stringify(results, null, 2))
}

const width = Math.max(...NAMES.map((name) => name.length))
const listed = Object.entries(BENCHMARKS).map(
  ([name, { what }]) =>
    `  ${name.padEnd(width)}  ${what}${ONLY_WHEN_NAMED.includes(name) ? ' *' : ''}`,
)
await new Command('npm run bench --')
  .description('Measures what Tierwise costs and how fast it is, every comparison in one run.')
  .addArgument(new Argument('[name...]', 'which; all but those marked * by default').choices(NAMES))
  .option('--times <number>', 'of kill: processes killed', parseInteger(1, 1e6), 50)
  .option('--minutes <number>', 'of soak', parsePositive, 10)
  .option('--seed <number>', 'of kill and soak', parseInteger(0, 1e6), 1)
  .option('--json', 'print the results for a machine')
  .addHelpText('after', `\nBenchmarks, those with * only when named:\n${listed.join('\n')}`)
  .action(runBenchmarks)
  .parseAsync()

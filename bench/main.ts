/**
 * `npm run bench -- [name…]`: what Tierwise adds to an inference (`overhead`), credentials to a request (`access`), and a node to the
 * server behind it (`servers`), how many requests a core serves (`sustained`), for how long large bodies hold the event loop (`bodies`), how fast it learns (`learning`) and plans (`planner`), what a round of `factored` costs (`factored`) and how soon a serving node decides
 * (`scheduling`), each measured in one run. Only when named, as they take minutes: whether plans are the best (`planner-exact`),
 * whether the page is smooth with 2,000 devices (`page`, in Chromium), what a fleet loses when any of its
 * processes is killed under load (`kill`: `--times`, `--seed`), and whether its memory grows
 * while that goes on (`soak`: `--minutes`, `--seed`). `--json` prints the results for a machine.
 */
import { parseArgs } from 'node:util'
import { interruptible } from '../src/cli/interrupts.ts'
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

/** Measures, and tells people what came of it. */
function benchmark<Result>(
  measure: (options: Options) => Result | Promise<Result>,
  describe: (result: Result) => string[],
) {
  return async (options: Options) => {
    const result = await measure(options)
    return { result, lines: describe(result) }
  }
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
  overhead: benchmark(measureOverhead, describeOverhead),
  sustained: benchmark(measureSustained, describeSustained),
  access: benchmark(measureAccess, describeAccess),
  servers: benchmark(measureServers, describeServers),
  bodies: benchmark(measureBodies, describeBodies),
  learning: benchmark(measureLearning, describeLearning),
  planner: benchmark(measurePlanner, describePlanner),
  factored: benchmark(measureFactored, describeFactored),
  scheduling: benchmark(measureScheduling, describeScheduling),
  page: benchmark(measurePage, describePage),
  'planner-exact': benchmark(compareWithHighs, describeExact),
  kill: benchmark(untilInterrupted(measureKills), describeKills),
  soak: benchmark(untilInterrupted(measureSoak), describeSoak),
}
const ONLY_WHEN_NAMED = ['planner-exact', 'page', 'kill', 'soak']

function fail(reason: string): never {
  console.error(reason)
  process.exit(process.exitCode ?? 1)
}

function numberOf(name: string, text: string, least: number): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= least && value <= 1e6) return value
  return fail(`--${name} "${text}" is no number from ${least}`)
}

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean' },
    times: { type: 'string', default: '50' },
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
  allowPositionals: true,
})
const options: Options = {
  times: numberOf('times', values.times, 1),
  minutes: numberOf('minutes', values.minutes, 0.1),
  seed: numberOf('seed', values.seed, 0),
}
const known = Object.keys(BENCHMARKS)
const unknown = positionals.find((name) => !known.includes(name))
if (unknown) fail(`no benchmark is called ${unknown}: choose from ${known.join(', ')}`)
const results: Record<string, unknown> = {}
for (const [name, run] of Object.entries(BENCHMARKS)) {
  const isNamed = positionals.includes(name)
  if (positionals.length > 0 ? !isNamed : ONLY_WHEN_NAMED.includes(name)) continue
  const { result, lines } = await run(options).catch((error: Error) =>
    fail(`${name}: ${process.exitCode === undefined ? error.stack : error.message}`),
  )
  results[name] = result
  if (!values.json) console.log(lines.join('\n'))
}
if (values.json) console.log(JSON.stringify(results, null, 2))

/**
 * `npm run bench -- [name…]`: what Tierwise adds to an inference (`overhead`) and credentials to a request (`access`), how fast it
 * learns (`learning`) and plans (`planner`), what a round of `factored` costs (`factored`) and how soon a serving node decides
 * (`scheduling`), each measured in one run; when named, whether plans are the best (`planner-exact`, minutes), and whether the page is
 * smooth with 2,000 devices (`page`, needs Chromium). `--json` prints
 * the results for a machine.
 */
import { parseArgs } from 'node:util'
import { describeAccess, measureAccess } from './access.ts'
import { describeFactored, measureFactored } from './factored.ts'
import { describeLearning, measureLearning } from './learning.ts'
import { describeOverhead, measureOverhead } from './overhead.ts'
import { describePage, measurePage } from './page.ts'
import { compareWithHighs, describeExact, describePlanner, measurePlanner } from './planner.ts'
import { describeScheduling, measureScheduling } from './scheduling.ts'

/** Measures, and tells people what came of it. */
function benchmark<Result>(
  measure: () => Result | Promise<Result>,
  describe: (result: Result) => string[],
) {
  return async () => {
    const result = await measure()
    return { result, lines: describe(result) }
  }
}

const BENCHMARKS = {
  overhead: benchmark(measureOverhead, describeOverhead),
  access: benchmark(measureAccess, describeAccess),
  learning: benchmark(measureLearning, describeLearning),
  planner: benchmark(measurePlanner, describePlanner),
  factored: benchmark(measureFactored, describeFactored),
  scheduling: benchmark(measureScheduling, describeScheduling),
  page: benchmark(measurePage, describePage),
  'planner-exact': benchmark(compareWithHighs, describeExact),
}
const ONLY_WHEN_NAMED = ['planner-exact', 'page']

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean' } },
  allowPositionals: true,
})
const known = Object.keys(BENCHMARKS)
const unknown = positionals.find((name) => !known.includes(name))
if (unknown) {
  console.error(`no benchmark is called ${unknown}: choose from ${known.join(', ')}`)
  process.exit(1)
}
const results: Record<string, unknown> = {}
for (const [name, run] of Object.entries(BENCHMARKS)) {
  if (positionals.length > 0 ? !positionals.includes(name) : ONLY_WHEN_NAMED.includes(name))
    continue
  const { result, lines } = await run().catch((error: Error) => {
    console.error(`${name}: ${error.stack}`)
    process.exit(1)
  })
  results[name] = result
  if (!values.json) console.log(lines.join('\n'))
}
if (values.json) console.log(JSON.stringify(results, null, 2))

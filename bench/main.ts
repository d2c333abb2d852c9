/**
 * `npm run bench -- [name…]`: what Tierwise adds to an inference (`overhead`), how fast it learns (`learning`) and plans
 * (`planner`), what a round of `factored` costs (`factored`) and how soon a serving node decides (`scheduling`), each measured in
 * one run; when named, whether plans are the best (`planner-exact`, minutes). `--json` prints the results for a machine.
 */
import { parseArgs } from 'node:util'
import { describeFactored, measureFactored } from './factored.ts'
import { describeLearning, measureLearning } from './learning.ts'
import { describeOverhead, measureOverhead } from './overhead.ts'
import { compareWithHighs, describeExact, describePlanner, measurePlanner } from './planner.ts'
import { describeScheduling, measureScheduling } from './scheduling.ts'

const BENCHMARKS = {
  overhead: async () => {
    const result = await measureOverhead()
    return { result, lines: describeOverhead(result) }
  },
  learning: async () => {
    const result = await measureLearning()
    return { result, lines: describeLearning(result) }
  },
  planner: async () => {
    const result = measurePlanner()
    return { result, lines: describePlanner(result) }
  },
  factored: async () => {
    const result = measureFactored()
    return { result, lines: describeFactored(result) }
  },
  scheduling: async () => {
    const result = measureScheduling()
    return { result, lines: describeScheduling(result) }
  },
  'planner-exact': async () => {
    const result = compareWithHighs()
    return { result, lines: describeExact(result) }
  },
}
const ONLY_WHEN_NAMED = 'planner-exact'

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
  if (positionals.length > 0 ? !positionals.includes(name) : name === ONLY_WHEN_NAMED) continue
  const { result, lines } = await run().catch((error: Error) => {
    console.error(`${name}: ${error.stack}`)
    process.exit(1)
  })
  results[name] = result
  if (!values.json) console.log(lines.join('\n'))
}
if (values.json) console.log(JSON.stringify(results, null, 2))

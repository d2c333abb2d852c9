/** `npm run simulate:control -- --seeds 10000 --from 1`: as many schedules as asked, and how to see a failing one again. */
import { parseArgs } from 'node:util'
import { runSchedule } from './schedule.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '500' },
    from: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
  },
})
const [from, seeds] = [Number(values.from), Number(values.seeds)]
const startMs = performance.now()
let failures = 0
for (let seed = from; seed < from + seeds; seed++) {
  const { violation, ...counts } = await runSchedule(
    seed,
    {},
    values.trace ? console.log : undefined,
  )
  if (violation !== undefined) {
    failures += 1
    console.log(
      `seed ${seed}: ${violation}\n  again: npm run simulate:control -- --from ${seed} --seeds 1`,
    )
  } else if (seeds === 1) console.log(JSON.stringify(counts))
}
const seconds = (performance.now() - startMs) / 1000
console.log(`${seeds} schedules in ${seconds.toFixed(1)} s, ${failures} with a violation`)
process.exitCode = failures > 0 ? 1 : 0

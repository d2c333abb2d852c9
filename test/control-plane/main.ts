/** `npm run simulate:control -- --seeds 10000 --from 1`: as many schedules as asked, and how to see a failing one again. */
import { Command } from 'commander'
import { parseInteger } from '../../src/cli/options.ts'
import { runSchedule } from './schedule.ts'

interface Flags {
  readonly seeds: number
  readonly from: number
  readonly trace?: boolean
}

async function simulate({ seeds, from, trace }: Flags): Promise<void> {
  const startMs = performance.now()
  let failures = 0
  for (let seed = from; seed < from + seeds; seed++) {
    const { violation, ...counts } = await runSchedule(seed, {}, trace ? console.log : undefined)
    if (violation !== undefined) {
      failures += 1
      const again = `npm run simulate:control -- --from ${seed} --seeds 1 --trace`
      console.log(`seed ${seed}: ${violation}\n  again: ${again}`)
    } else if (seeds === 1) console.log(JSON.stringify(counts))
  }
  const seconds = (performance.now() - startMs) / 1000
  console.log(`${seeds} schedules in ${seconds.toFixed(1)} s, ${failures} with a violation`)
  process.exitCode = failures > 0 ? 1 : 0
}

await new Command('npm run simulate:control --')
  .description('Runs the real control plane in simulated time, under loss, restarts and strangers.')
  .option('--seeds <number>', 'how many schedules', parseInteger(1), 500)
  .option('--from <number>', 'seed of the first', parseInteger(0), 1)
  .option('--trace', 'print every event of a schedule')
  .action(simulate)
  .parseAsync()

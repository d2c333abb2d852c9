/** `npm run bench`: overheads in one run, as medians and differences. `--json` prints them for a machine. */
import { measureOverhead } from './overhead.ts'

const result = await measureOverhead()
if (process.argv.includes('--json')) {
  console.log(JSON.stringify(result, null, 2))
} else {
  for (const [name, medianMs] of Object.entries(result.medianMs)) {
    console.log(`${name.padEnd(32)} ${medianMs.toFixed(2)} ms`)
  }
  console.log(`a local request adds to its inference ${result.localMs.toFixed(2)} ms (bound 1)`)
  console.log(`forwarding adds ${result.forwardingMs.toFixed(2)} ms (bound 0.6)`)
  console.log(
    `choosing from the pushed decision takes ${result.choosingUs.toFixed(3)} µs (bound 50)`,
  )
}

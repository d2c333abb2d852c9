/** `tierwise doctor`: whether a node could serve here with these settings; what is wrong, and the command that mends it. */
import { Command } from 'commander'
import { z } from 'zod'
import { printable } from '../errors.ts'
import { TIERS } from '../fleet/placement.ts'
import { impliedByCredentials } from './credentials.ts'
import { brokerFindings } from './doctor/broker.ts'
import { credentialFindings } from './doctor/credentials.ts'
import type { Finding } from './doctor/finding.ts'
import { goalFindings } from './doctor/goal.ts'
import { linkFindings } from './doctor/links.ts'
import { machineFindings } from './doctor/machine.ts'
import { modelFindings } from './doctor/models.ts'
import { portFindings } from './doctor/ports.ts'
import { stateFindings } from './doctor/state.ts'
import { withSettings } from './settings/command.ts'
import { nodeSettings } from './settings/node.ts'
import { setting } from './settings/setting.ts'

/** Those of a node; `up` runs a cloud node and more. */
const doctorSettings = nodeSettings.extend({
  tier: setting('which tier the node would be', z.enum(TIERS).default('cloud'), '--tier <tier>'),
})

/** What is examined, one after another. */
const EXAMINATIONS = [
  machineFindings,
  modelFindings,
  goalFindings,
  stateFindings,
  credentialFindings,
  portFindings,
  brokerFindings,
  linkFindings,
]

/** `tierwise doctor` */
export function doctorCommand(): Command {
  const command = new Command('doctor').option('--json', 'print one JSON object')
  return withSettings(
    command,
    doctorSettings,
    async (settings) => {
      const { json } = command.opts<{ json?: boolean }>()
      const findings: Finding[] = []
      for (const examine of EXAMINATIONS) {
        for (const finding of await examine(settings)) {
          findings.push(finding)
          if (!json) process.stdout.write(textOf(finding))
        }
      }
      const isWell = findings.every(({ state }) => state !== 'wrong')
      if (json) process.stdout.write(`${JSON.stringify({ isWell, findings })}\n`)
      if (!isWell) process.exitCode = 1
    },
    // What is wrong with the file is a finding.
    (tree) => impliedByCredentials(tree).catch(() => ({ values: {}, origin: '' })),
  ).addHelpText(
    'after',
    '\nExamples:\n  tierwise doctor\n  tierwise doctor --tier end --edge http://edge:8000 --broker mqtt://cloud:1883',
  )
}

const MARKS = { well: '✓', doubtful: '!', wrong: '✗' }

function textOf({ about, state, finding, remedy }: Finding): string {
  const next = remedy === undefined ? '' : `\n    → ${remedy}`
  return `${MARKS[state]} ${about.padEnd(12)} ${printable(finding)}${next}\n`
}

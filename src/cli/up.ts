/** `tierwise up`: the whole fleet on this machine, learning while it serves. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { ConfigError } from '../errors.ts'
import { SCENARIOS } from '../fleet/scenarios.ts'
import { checkValue, readYaml } from '../yaml.ts'
import { addAgentOptions, withAgentFlags } from './agent-settings.ts'
import { parseDurationMs, parseGoal, parseInteger } from './options.ts'
import { formatReport } from './up/report.ts'
import { run } from './up/run.ts'
import { type UpSettings, upSettings } from './up/settings.ts'

interface Flags {
  readonly config?: string
  readonly for?: number
  readonly untilConverged?: boolean
  readonly json?: string
  readonly saveProfile?: string
  readonly compare: boolean
  readonly [setting: string]: unknown
}

/** Flags that override a setting of the same name. */
const SETTINGS = [
  'devices',
  'scenario',
  'goal',
  'agent',
  'shadow',
  'explorationBudget',
  'mode',
  'seed',
  'port',
  'catalogue',
  'profile',
] as const

export function upCommand(): Command {
  const command = new Command('up')
    .description(
      'Start devices, an edge and a cloud on this machine, send requests, and learn where each runs best.',
    )
    .option('--config <file>', 'settings (YAML); flags override it')
    .option('--devices <number>', 'devices of the fleet (default 5)', parseInteger(1, 32))
    .addOption(
      new Option(
        '--scenario <name>',
        'which links are weak (HL paper, Table IV; default A)',
      ).choices(SCENARIOS),
    )
    .option('--goal <percent>', 'lowest average accuracy (default 85)', parseGoal)
    .option('--save-profile <file>', 'write the profile that the comparison measures')
    .addOption(
      new Option(
        '--mode <mode>',
        'decisions pushed to devices, or asked for on every request (default pushed)',
      ).choices(['pushed', 'consulted']),
    )
    .option(
      '--for <duration>',
      'learn this long (60s, 5m), then measure and report; else until Ctrl-C',
      parseDurationMs,
    )
    .option('--until-converged', 'learn until the joint decision has settled')
    .option('--seed <number>', 'of the learner (default 1)', parseInteger(0))
    .option(
      '--port <number>',
      'of the web page and the cloud node; 0 takes a free one (default 8000)',
      parseInteger(0, 65535),
    )
    .option('--catalogue <file>', 'your own models instead of the built ones')
    .option('--json <file>', 'write the report as JSON; - for standard output')
    .option('--no-compare', 'end without measuring the fixed strategies and the oracle')
    .addHelpText(
      'after',
      '\nExamples:\n  tierwise up --for 60s --json out.json\n  tierwise up --scenario D --goal 89 --until-converged',
    )
    .action(async (flags: Flags) => up(await settingsOf(flags), flags))
  return addAgentOptions(command)
}

/** File and flags together. @throws ConfigError naming file, line and key */
async function settingsOf(flags: Flags): Promise<UpSettings> {
  const fromFile = flags.config ? await readYaml(flags.config, upSettings) : upSettings.parse({})
  const given = SETTINGS.filter((name) => flags[name] !== undefined)
  const overrides = Object.fromEntries(given.map((name) => [name, flags[name]]))
  return checkValue(withAgentFlags({ ...fromFile, ...overrides }), upSettings, 'command line')
}

/** A long run must not end by finding that its result has no place. */
function checkWritable(file: string | undefined): void {
  if (file === undefined || file === '-') return
  const folder = dirname(resolve(file))
  if (!existsSync(folder)) {
    throw new ConfigError(
      `${file} cannot be written: there is no folder ${folder}; create it first`,
    )
  }
}

async function up(settings: UpSettings, flags: Flags): Promise<void> {
  for (const file of [flags.json, flags.saveProfile]) checkWritable(file)
  const folder = mkdtempSync(join(tmpdir(), 'tierwise-up-'))
  const { report, profile } = await run(settings, {
    folder,
    ...(flags.for !== undefined && { forMs: flags.for }),
    untilConverged: flags.untilConverged === true,
    compare: flags.compare,
  })
  rmSync(folder, { recursive: true, force: true })
  if (flags.saveProfile !== undefined && profile) {
    writeFileSync(flags.saveProfile, `${JSON.stringify(profile, null, 2)}\n`)
  }
  const json = `${JSON.stringify(report, null, 2)}\n`
  if (flags.json !== '-') process.stdout.write(`${formatReport(report, settings)}\n`)
  if (flags.json === '-') process.stdout.write(json)
  else if (flags.json !== undefined) writeFileSync(flags.json, json)
}

/** `tierwise up`: the whole fleet on this machine, learning while it serves. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { parseDurationMs, parseOutput } from './options.ts'
import { withSettings } from './settings/command.ts'
import { type UpSettings, upSettings } from './settings/up.ts'
import { formatReport } from './up/report.ts'
import { run } from './up/run.ts'

interface Flags {
  readonly for?: number
  readonly untilConverged?: boolean
  readonly json?: string
  readonly html?: string
  readonly saveProfile?: string
  readonly compare: boolean
}

/** `tierwise up` */
export function upCommand(): Command {
  const command = new Command('up')
    .option(
      '--for <duration>',
      'learn this long (60s, 5m), then measure and report; else until Ctrl-C',
      parseDurationMs,
    )
    .option('--until-converged', 'learn until the joint decision has settled')
    .option('--json <file>', 'write the report as JSON; - for standard output', (file) =>
      file === '-' ? file : parseOutput(file),
    )
    .option('--html <file>', 'write the report as a page that needs no other file', parseOutput)
    .option('--no-compare', 'end without measuring the fixed strategies and the oracle')
    .option('--save-profile <file>', 'write the profile that the comparison measures', parseOutput)
  return withSettings(command, upSettings, (settings) => up(settings, command.opts())).addHelpText(
    'after',
    '\nExamples:\n  tierwise up --for 60s --html report.html\n  tierwise up --scenario D --goal 89 --until-converged',
  )
}

async function up(settings: UpSettings, flags: Flags): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tierwise-up-'))
  const { report, profile, rounds, answers } = await run(settings, {
    folder,
    ...(flags.for !== undefined && { forMs: flags.for }),
    untilConverged: flags.untilConverged === true,
    compare: flags.compare,
  })
  rmSync(folder, { recursive: true, force: true })
  if (flags.saveProfile !== undefined && profile) {
    writeFileSync(flags.saveProfile, `${JSON.stringify(profile, null, 2)}\n`)
  }
  if (flags.html !== undefined) {
    // Charts take a while to load, and are not always installed.
    const { reportPage } = await import('./up/report-page.ts')
    writeFileSync(flags.html, reportPage(report, rounds, settings, answers))
  }
  const json = `${JSON.stringify(report, null, 2)}\n`
  if (flags.json !== '-') process.stdout.write(`${formatReport(report, settings)}\n`)
  if (flags.json === '-') process.stdout.write(json)
  else if (flags.json !== undefined) writeFileSync(flags.json, json)
}

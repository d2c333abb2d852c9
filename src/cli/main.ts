#!/usr/bin/env node
/** The `tierwise` command. Commands throw; only this file turns an error into a message and an exit status. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { messageOf, TierwiseError } from '../errors.ts'
import { goalCommand } from './goal.ts'
import { inferCommand } from './infer.ts'
import { modelsCommand } from './models.ts'
import { nodeCommand } from './node.ts'
import { profileCommand } from './profile.ts'
import { simulateCommand } from './simulate.ts'
import { upCommand } from './up.ts'

const manifest: unknown = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
)
const version =
  typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? manifest.version
    : '?'

const program = new Command('tierwise')
  .description(
    'Decides where each inference request of a fleet runs and which model variant serves it, and learns it while running.',
  )
  .version(String(version))
  .showHelpAfterError('(add --help for what is possible)')
  .exitOverride()

for (const command of [
  upCommand,
  nodeCommand,
  inferCommand,
  goalCommand,
  modelsCommand,
  profileCommand,
  simulateCommand,
]) {
  program.addCommand(command().copyInheritedSettings(program))
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode)
  const expected = error instanceof TierwiseError
  process.stderr.write(
    `tierwise: ${expected ? error.message : error instanceof Error ? error.stack : messageOf(error)}\n`,
  )
  process.exit(1)
}

#!/usr/bin/env node
/** The `tierwise` command. Commands throw; only this file turns an error into a message and an exit status. */
import { Command, CommanderError } from 'commander'
import { messageOf, printable, TierwiseError } from '../errors.ts'
import { packageVersion } from '../package-files.ts'
import { missingPackage } from './optional-packages.ts'
import { refuseUnknownVariables } from './settings/environment.ts'

/** Loaded when named: a node of a fleet need not wait for what only other commands use. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import('./up.ts')).upCommand(),
  node: async () => (await import('./node.ts')).nodeCommand(),
  access: async () => (await import('./access.ts')).accessCommand(),
  infer: async () => (await import('./infer.ts')).inferCommand(),
  goal: async () => (await import('./goal.ts')).goalCommand(),
  revert: async () => (await import('./goal.ts')).revertCommand(),
  resume: async () => (await import('./goal.ts')).resumeCommand(),
  models: async () => (await import('./models.ts')).modelsCommand(),
  plan: async () => (await import('./plan.ts')).planCommand(),
  profile: async () => (await import('./profile.ts')).profileCommand(),
  conformance: async () => (await import('./conformance.ts')).conformanceCommand(),
  bench: async () => (await import('./bench.ts')).benchCommand(),
  schedule: async () => (await import('./schedule.ts')).scheduleCommand(),
  simulate: async () => (await import('./simulate.ts')).simulateCommand(),
  'check-agent': async () => (await import('./check-agent.ts')).checkAgentCommand(),
  environment: async () => (await import('./environment.ts')).environmentCommand(),
  reproduce: async () => (await import('./reproduce.ts')).reproduceCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
  completion: async () =>
    (await import('./completion.ts')).completionCommand(() => programOf(Object.values(COMMANDS))),
  schema: async () => (await import('./schema.ts')).schemaCommand(),
}

const version = packageVersion()

/** @param loaded the commands that it has */
async function programOf(loaded: readonly (() => Promise<Command>)[]): Promise<Command> {
  const program = new Command('tierwise')
    .description(
      'Decides where each inference request of a fleet runs and which model variant serves it, and learns it while running.',
    )
    .version(String(version), '-v, --version')
    .showHelpAfterError('(add --help for what is possible)')
    .exitOverride()
    .hook('preAction', () => refuseUnknownVariables(process.env))

  for (const load of loaded) program.addCommand((await load()).copyInheritedSettings(program))
  return program
}

// Who reads no more, as in `tierwise … | head`, has had what they wanted.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    process.stderr.write(`tierwise: the output cannot be written: ${messageOf(error)}\n`)
    process.exit(1)
  })
}

const named = COMMANDS[process.argv[2] ?? '']
try {
  const program = await programOf(named ? [named] : Object.values(COMMANDS))
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode)
  const missing = missingPackage(error)
  const expected = error instanceof TierwiseError
  // A file, a folder or an address that cannot be had: the system's words name it.
  const isSystems = error instanceof Error && 'syscall' in error
  const said = expected || isSystems || !(error instanceof Error) ? messageOf(error) : error.stack
  process.stderr.write(`tierwise: ${printable(missing ?? said ?? '')}\n`)
  process.exit(expected && error.code === 'interrupted' ? (process.exitCode ?? 130) : 1)
}

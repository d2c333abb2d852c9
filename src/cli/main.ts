#!/usr/bin/env node
/** The `tierwise` command. Commands throw; only this file turns an error into a message and an exit status. */
import { CommanderError } from 'commander'
import { messageOf, printable, TierwiseError } from '../errors.ts'
import { programFor } from './commands.ts'
import { missingPackage } from './optional-packages.ts'

// Who reads no more, as in `tierwise … | head`, has had what they wanted.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    process.stderr.write(`tierwise: the output cannot be written: ${messageOf(error)}\n`)
    process.exit(1)
  })
}

try {
  const program = await programFor(process.argv.slice(2))
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

/** `tierwise schedule` as a test runs it. */
import { vi } from 'vitest'
import { scheduleCommand } from './schedule.ts'

/** Runs the command as typed. @returns what it wrote to standard output */
export async function schedule(...args: string[]): Promise<string> {
  let output = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text
    return true
  })
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const command = scheduleCommand()
  for (const each of [command, ...command.commands]) each.exitOverride()
  await command.parseAsync(args, { from: 'user' })
  return output
}

/** With `--json`. @returns what was printed, parsed */
export async function scheduleJson(...args: string[]) {
  return JSON.parse(await schedule(...args, '--json'))
}

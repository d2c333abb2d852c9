/** A command that has settings: their flags, `--config` and `--print-config`. */
import { type Command, Option } from 'commander'
import type { z } from 'zod'
import { type Implied, loadSettings } from './load.ts'
import { describeSetting, settingsOf } from './setting.ts'

const SOURCES = `
Every setting may also be given by the environment or in the file: queueLimit of the file is TIERWISE_QUEUE_LIMIT,
and end within workers is TIERWISE_WORKERS__END. Flags go before the environment, the environment before the file.
Paths in the file are relative to it. --print-config shows all settings.`

/**
 * Adds the settings of a schema to a command.
 * @param act runs the command; its other options and arguments are the command's
 * @param implied see `Given`
 */
export function withSettings<S extends z.ZodObject>(
  command: Command,
  schema: S,
  act: (settings: z.infer<S>, command: Command) => void | Promise<void>,
  implied?: Implied,
): Command {
  const given = settingsOf(schema).flatMap((setting) =>
    setting.usage === undefined ? [] : new Option(setting.usage, describeSetting(setting)),
  )
  for (const option of given) command.addOption(option)
  return command
    .option('--config <file>', 'settings (YAML)')
    .option('--print-config', 'print all settings and where each is from, and do nothing else')
    .addHelpText('after', SOURCES)
    .action(async () => {
      const options = command.opts<Record<string, string | true | undefined>>()
      const flags = new Map(
        given.flatMap((option): [string, string][] => {
          const text = options[option.attributeName()]
          return text === undefined || option.long == null ? [] : [[option.long, String(text)]]
        }),
      )
      const { config, printConfig } = options
      const { settings, print } = await loadSettings(schema, {
        flags,
        environment: process.env,
        file: config === undefined ? undefined : String(config),
        implied,
      })
      if (printConfig) process.stdout.write(print())
      else await act(settings, command)
    })
}

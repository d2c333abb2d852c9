/** What can follow what on the command line, as commander knows it. */
import type { Command } from 'commander'

/** One word that may come next. */
interface Word {
  readonly text: string
  readonly about: string
}

/** One that begins with a dash. */
export interface OptionWord extends Word {
  readonly takesValue: boolean
}

/** A command or subcommand. */
export interface Route {
  /** Names from the program's: `['models', 'add']`; none of the program itself. */
  readonly names: readonly string[]
  readonly subcommands: readonly Word[]
  /** Long and short. */
  readonly options: readonly OptionWord[]
  /** Allowed values by option, of those that list them; of the argument by `''`. */
  readonly values: ReadonlyMap<string, readonly string[]>
}

/** The program's own route first, then each command's, depth first. */
export function routesOf(command: Command, names: readonly string[] = []): Route[] {
  const help = command.createHelp()
  const subcommands = help.visibleCommands(command).filter((each) => each.name() !== 'help')
  const options = help.visibleOptions(command)
  const values = new Map<string, readonly string[]>()
  for (const { long, argChoices } of options) if (long && argChoices) values.set(long, argChoices)
  for (const { argChoices } of command.registeredArguments)
    if (argChoices) values.set('', argChoices)
  const route = {
    names,
    subcommands: subcommands.map((each) => ({
      text: each.name(),
      about: sentence(each.summary() || each.description()),
    })),
    options: options.flatMap(({ long, short, description, required, optional }) =>
      [long, short].flatMap((text) =>
        text ? { text, about: sentence(description), takesValue: required || optional } : [],
      ),
    ),
    values,
  }
  return [route, ...subcommands.flatMap((each) => routesOf(each, [...names, each.name()]))]
}

/** The first one: shells show one line. */
function sentence(text: string): string {
  return text.replace(/([.;:]) [\s\S]*$/, '$1').replace(/[.;:]$/, '')
}

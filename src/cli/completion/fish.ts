/** The script for fish, which shows what each word is about. */
import type { OptionWord, Route } from './routes.ts'

/** @returns shell code that has `tierwise` completed */
export function fishScript(routes: readonly Route[]): string {
  const lines = routes.flatMap((route) => {
    const at = `complete -c tierwise -n ${quoted(conditionOf(route))}`
    return [
      ...route.subcommands.map(({ text, about }) => `${at} -f -a ${text} -d ${quoted(about)}`),
      ...route.options.map((option) => `${at} ${flagOf(option, route)}`),
      ...(route.values.get('') ?? []).map((value) => `${at} -f -a ${quoted(value)}`),
    ]
  })
  return `# fish completion of tierwise; made by \`tierwise completion fish\`\n${lines.join('\n')}\n`
}

/** Where a command's words may stand: after its names, and before those of its subcommands. */
function conditionOf({ names, subcommands }: Route): string {
  if (names.length === 0) return '__fish_use_subcommand'
  const seen = names.map((name) => `__fish_seen_subcommand_from ${name}`)
  const further = subcommands.map(({ text }) => text)
  const none = further.length > 0 ? [`not __fish_seen_subcommand_from ${further.join(' ')}`] : []
  return [...seen, ...none].join('; and ')
}

function flagOf({ text, about, takesValue }: OptionWord, { values }: Route): string {
  const name = text.startsWith('--') ? `-l ${text.slice(2)}` : `-s ${text.slice(1)}`
  const allowed = values.get(text)
  // Where its values are not known, files are offered.
  const argument = allowed ? ` -x -a ${quoted(allowed.join(' '))}` : takesValue ? ' -r' : ''
  return `${name}${argument} -d ${quoted(about)}`
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}

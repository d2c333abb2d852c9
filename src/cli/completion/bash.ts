/** The script for bash. Files are completed where nothing else is known. */
import type { Route } from './routes.ts'

/** @returns shell code that defines `_tierwise` and has `tierwise` completed by it */
export function bashScript(routes: readonly Route[]): string {
  return `# bash completion of tierwise; made by \`tierwise completion bash\`
_tierwise() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" route="" words=""
  local word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$route $word" in
${alternatives(routes)}
    esac
  done
  case "$route $prev" in
${valuesOf(routes)}
  esac
  if [ -z "$words" ]; then
    case "$route" in
${wordsOf(routes)}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _tierwise tierwise
`
}

/** Each command that may be named. */
export function alternatives(routes: readonly Route[]): string {
  const named = routes.filter(({ names }) => names.length > 0)
  return `      ${named.map(({ names }) => `" ${names.join(' ')}"`).join(' | ')}) route="$route $word" ;;`
}

/** What may follow an option that lists its values. */
export function valuesOf(routes: readonly Route[]): string {
  return routes
    .flatMap(({ names, values }) =>
      [...values].flatMap(([option, allowed]) => {
        const before = option === '' ? names.at(-1) : option
        return `    "${routeOf(names)} ${before}") words="${allowed.join(' ')}" ;;`
      }),
    )
    .join('\n')
}

/** Subcommands and options of each command. */
export function wordsOf(routes: readonly Route[]): string {
  return routes
    .map(({ names, subcommands, options }) => {
      const words = [...subcommands, ...options].map(({ text }) => text)
      return `      "${routeOf(names)}") words="${words.join(' ')}" ;;`
    })
    .join('\n')
}

function routeOf(names: readonly string[]): string {
  return names.map((name) => ` ${name}`).join('')
}

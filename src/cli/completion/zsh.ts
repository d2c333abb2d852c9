/** The script for zsh: words as in bash; files where none is known. */
import { alternatives, valuesOf, wordsOf } from './bash.ts'
import type { Route } from './routes.ts'

/** @returns shell code that defines `_tierwise` and has `tierwise` completed by it, be it sourced or a file of $fpath */
export function zshScript(routes: readonly Route[]): string {
  return `#compdef tierwise
# zsh completion of tierwise; made by \`tierwise completion zsh\`
_tierwise_words() {
  local prev="$1" route="" words="" word
  shift
  for word in "$@"; do
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
  print -r -- "$words"
}
_tierwise() {
  local found="$(_tierwise_words "\${words[CURRENT-1]}" "\${(@)words[2,CURRENT-1]}")"
  compadd -- \${=found} || _files
}
if [[ $funcstack[1] == _tierwise ]]; then
  _tierwise "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _tierwise tierwise
fi
`
}

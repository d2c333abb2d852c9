/** `tierwise completion`: a script that lets a shell complete commands, options and their values. */
import { Argument, Command } from 'commander'
import { bashScript } from './completion/bash.ts'
import { fishScript } from './completion/fish.ts'
import { routesOf } from './completion/routes.ts'
import { zshScript } from './completion/zsh.ts'

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const
type Shell = keyof typeof SCRIPTS

/**
 * `tierwise completion`
 * @param program gives the whole program, every command loaded
 */
export function completionCommand(program: () => Promise<Command>): Command {
  return new Command('completion')
    .addArgument(new Argument('<shell>').choices(Object.keys(SCRIPTS)))
    .addHelpText(
      'after',
      `
Examples:
  bash: echo 'eval "$(tierwise completion bash)"' >> ~/.bashrc
  zsh:  echo 'eval "$(tierwise completion zsh)"' >> ~/.zshrc
  fish: tierwise completion fish > ~/.config/fish/completions/tierwise.fish`,
    )
    .action(async (shell: Shell) => {
      process.stdout.write(SCRIPTS[shell](routesOf(await program())))
    })
}

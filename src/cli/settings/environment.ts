/** Variables of the environment that look like settings and are none. */
import { ConfigError } from '../../errors.ts'

const PREFIX = 'TIERWISE_'
/** Where the built models are; see `builtCatalogue`. */
const HOME = 'TIERWISE_HOME'

/** @throws ConfigError naming a variable that is no setting of any command, and the nearest that is */
export async function refuseUnknownVariables(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const named = Object.keys(environment).filter((name) => name.startsWith(PREFIX) && name !== HOME)
  // A schema knows what its command needs: none is loaded for nothing.
  const known = named.length === 0 ? [] : (await import('./known.ts')).knownVariables()
  const unknown = named.find((name) => !known.includes(name))
  if (unknown === undefined) return
  const distance = (name: string) => editDistance(unknown.toUpperCase(), name)
  const nearest = [HOME, ...known].reduce((a, b) => (distance(b) < distance(a) ? b : a))
  throw new ConfigError(`there is no setting ${unknown}: did you mean ${nearest}? Else unset it`)
}

/** Without the variables that are settings: what a process gets whose settings are complete. */
export function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith(PREFIX) || name === HOME),
  )
}

/** Letters to insert, drop or replace (Levenshtein). */
function editDistance(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (const [row, letter] of [...one].entries()) {
    const line = [row + 1]
    for (const [column, wanted] of [...other].entries()) {
      const replaced = (above[column] ?? 0) + (letter === wanted ? 0 : 1)
      line.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (line[column] ?? 0) + 1))
    }
    above = line
  }
  return above[other.length] ?? 0
}

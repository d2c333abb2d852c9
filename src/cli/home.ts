/** Where Tierwise keeps what it builds: `$TIERWISE_HOME`, or `tierwise` in the user's cache folder. */
import { homedir } from 'node:os'
import { join } from 'node:path'

function homeFolder(): string {
  const { TIERWISE_HOME, XDG_CACHE_HOME } = process.env
  return TIERWISE_HOME ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tierwise')
}

/** The built models and their `catalogue.yaml`. */
export function modelsFolder(): string {
  return join(homeFolder(), 'models')
}

/** All settings that there are: a variable of the environment may be meant for another command. */
import {
  accessSettings,
  benchSettings,
  conformanceSettings,
  goalSettings,
  inferSettings,
} from './commands.ts'
import { nodeSettings } from './node.ts'
import { settingsOf } from './setting.ts'
import { upSettings } from './up.ts'

/** Names of all variables that some command reads. */
export function knownVariables(): string[] {
  const schemas = [
    upSettings,
    nodeSettings,
    goalSettings,
    inferSettings,
    benchSettings,
    accessSettings,
    conformanceSettings,
  ]
  return schemas.flatMap((schema) => settingsOf(schema).map(({ variable }) => variable))
}

/** All settings as people read them: Markdown, for docs/configuration.md. */
import type { z } from 'zod'
import { nodeSettings } from './node.ts'
import { describeSetting, type Setting, settingsOf } from './setting.ts'
import { upSettings } from './up.ts'

/** A table for `up`, and one for `node`: a row for every setting. */
export function configurationTables(): string {
  return [tableOf('up', upSettings), tableOf('node', nodeSettings)].join('\n')
}

function tableOf(command: string, schema: z.ZodObject): string {
  const settings = settingsOf(schema)
  const isGroup = ({ path }: Setting) =>
    settings.some((other) => other.path.length > path.length && startsWith(other.path, path))
  const rows = settings
    .filter((setting) => setting.about !== undefined || !isGroup(setting))
    .map((setting) => {
      const { path, flag, variable } = setting
      const what = describeSetting(setting).replaceAll('|', '\\|')
      return [`\`${path.join('.')}\``, flag ? `\`${flag}\`` : '', `\`${variable}\``, what]
    })
  const head = ['key', 'flag', 'variable', 'what it is']
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return [`### \`tierwise ${command}\``, '', ...lines, ''].join('\n')
}

function startsWith(path: readonly string[], parents: readonly string[]): boolean {
  return parents.every((key, index) => path[index] === key)
}

/** docs/clients.md shows the files of examples/clients as they are: whole, and short enough to read at a glance. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { packageFile } from '../src/package-files.ts'

const folder = packageFile('examples/clients/')
const document = readFileSync(packageFile('docs/clients.md'), 'utf8')

test.each(readdirSync(folder))('%s', (name) => {
  const text = readFileSync(folder + name, 'utf8')
  const language = { py: 'python', go: 'go', mjs: 'js' }[name.split('.')[1] ?? '']
  expect(document).toContain(`\`\`\`${language}\n${text}\`\`\`\n`)
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(20)
})

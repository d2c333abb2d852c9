import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { rightsTables } from './rights-table.ts'

test('docs/security.md has the table of the code', () => {
  const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8')
  const [, shown] = page.split(/<!-- rights: .*-->\n/)
  expect(shown?.trim()).toBe(rightsTables().trim())
})

test('a right is a word in the column of its role', () => {
  const lines = rightsTables().split('\n')
  expect(lines[0]).toBe(
    '| route | without credentials | application | viewer | operator | node | orchestrator |',
  )
  expect(lines).toContain('| `GET /metrics` |  |  | yes | yes |  |  |')
  expect(lines).toContain('| publish `tierwise/goal` |  |  |  | yes |  | yes |')
  expect(lines).toContain('| read `tierwise/decision/<name>` |  |  | yes | yes | itself |  |')
})

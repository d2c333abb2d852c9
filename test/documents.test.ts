/** README and docs/ say what is there: links lead somewhere, messages are messages, and the code shown is code that is run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { schemas } from '../src/control/messages.ts'

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'deploy/README.md',
  'paper/README.md',
  ...readdirSync('docs').map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md') && existsSync(name))

const read = (file: string) => readFileSync(file, 'utf8')

/** As GitHub names a heading in an address. */
function anchorsOf(file: string): string[] {
  const text = read(file).replaceAll(/^```.*?^```/gms, '')
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function linksOf(file: string): { target: string; anchor: string }[] {
  const text = read(file).replaceAll(/^```.*?^```/gms, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^(https?|mailto):/.test(link)) return []
    const [path = '', anchor = ''] = link.split('#')
    return { target: path === '' ? file : join(dirname(file), path), anchor }
  })
}

describe.each(PAGES)('%s', (page) => {
  test('leads to what is there', () => {
    for (const { target, anchor } of linksOf(page)) {
      expect(existsSync(target), `${page} → ${target}`).toBe(true)
      if (anchor !== '' && target.endsWith('.md')) expect(anchorsOf(target)).toContain(anchor)
    }
  })
})

const MESSAGES = [...read('docs/mqtt.md').matchAll(/^```json (\w+)\n(.*?)^```/gms)].map(
  ([, kind = '', text = '']) => ({ kind, text }),
)

test.each(MESSAGES)('docs/mqtt.md shows a $kind that is one', ({ kind, text }) => {
  const schema = Object.entries(schemas).find(([name]) => name === kind)?.[1]
  const parsed = schema?.safeParse(JSON.parse(text))
  expect(parsed?.error).toBeUndefined()
  expect(parsed?.success).toBe(true)
})

test('README is short, and its program is one that is run', () => {
  const text = read('README.md')
  expect(text.split(/\s+/).length).toBeLessThanOrEqual(900)
  const [, shown = ''] = /^```ts\n(.*?)^```/ms.exec(text) ?? []
  expect(read('examples/library/start.ts')).toContain(shown.trim())
})

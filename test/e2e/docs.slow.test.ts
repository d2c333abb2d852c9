/** Every command that README and docs/ show is run, as a reader would. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { freePorts } from '../../src/cli/up/fleet-settings.ts'
import { commandsOf, ReadersFolder } from './document-commands.ts'

const DOCUMENTS = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith('.md') && commandsOf(name).length > 0,
)

/** What the documents say with room for what differs, or longer than a test has time for. */
const SHORTER: readonly (readonly [RegExp, string])[] = [
  [/--for (20|60)s/, '--for 2s --no-compare'],
  [/--burst 60s/, '--workload poisson --duration 2s --policies smallest'],
  [/--runs 20/, '--runs 2'],
  [/simulate .*--agent hybrid/, '$& --steps 60'],
  [/schedule train/, 'schedule train --rounds 1'],
  [/\/MODEL\//, '/fashion/'],
  [/models\/fashion\/pictures(?= --catalogue)/, 'test-pictures'],
  // The script that npm runs: what it installs and builds is there already.
  [/^npm start --/, 'node scripts/run.mjs up'],
]
/** The suite that this test is one of. */
const ALREADY_RUNS = /^npm test/
const IS_SERVER = /^tierwise (node|up)(?!.*(--for|--print-config))/

let reader: ReadersFolder
let folder: string
/** Port in the documents → port in this test. */
const ports = new Map<string, string>()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-docs-'))
  reader = new ReadersFolder(folder)
  const names = ['1883', '8000', '8010', '8020', 'fleet']
  const free = await freePorts(names.length)
  for (const [index, name] of names.entries()) ports.set(name, String(free[index]))
  writeFileSync(
    join(folder, 'fast.yaml'),
    'devices: 2\npauseMs: 200\nemulation: { timeScale: 0.05 }\n',
  )
  const command = `tierwise up --config fast.yaml --port ${ports.get('fleet')}`
  const output = await reader.start(command, 'learning ·')
  ports.set('PORT', /device-1 is ready at http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1] ?? '')
}, 90_000)

afterAll(async () => {
  await reader.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A document's fleet is the one that runs beside; that of three machines begins its own. */
function runnable(document: string, line: string): string {
  const shorter = SHORTER.reduce((text, [from, to]) => text.replace(from, to), line)
  const isOwn = document.includes('three-machines')
  return shorter.replace(/\b(1883|8000|8010|8020|PORT)\b/g, (port) =>
    port === '8000' && !isOwn ? (ports.get('fleet') ?? '') : (ports.get(port) ?? port),
  )
}

function variablesOf(line: string): Record<string, string> {
  if (/^tierwise (goal|revert|resume)(?!.*--broker)/.test(line)) {
    return { TIERWISE_BROKER: `ws://127.0.0.1:${ports.get('fleet')}/mqtt` }
  }
  if (/cloud\.credentials/.test(line)) {
    return { TIERWISE_PORT: ports.get('8000') ?? '', TIERWISE_BROKER_PORT: ports.get('1883') ?? '' }
  }
  return IS_SERVER.test(line) && !line.includes('--port') ? { TIERWISE_PORT: '0' } : {}
}

// The fleet beside goes on.
afterEach(() => reader.close(1))

test.each(DOCUMENTS)(
  '%s',
  async (document) => {
    for (const shown of commandsOf(document)) {
      if (ALREADY_RUNS.test(shown)) continue
      const line = runnable(document, shown)
      if (IS_SERVER.test(line)) {
        const awaited = line.includes('tierwise up') ? 'is ready' : 'listening at'
        expect(await reader.start(line, awaited, variablesOf(line))).toContain(awaited)
        continue
      }
      // A fleet that has just begun answers once it is ready.
      await vi.waitFor(
        async () => {
          const { status, output } = await reader.run(line, variablesOf(line))
          expect(status, output).toBe(0)
          expect(output).not.toContain('{"error"')
        },
        { timeout: 110_000, interval: 500 },
      )
    }
  },
  240_000,
)

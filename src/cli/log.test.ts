import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { expect, it } from 'vitest'
import { createLogger, type LogLevel } from './log.ts'

/** What is written by somebody who logs. */
async function written(
  isTerminal: boolean,
  say: (logger: Logger) => void,
  logLevel: LogLevel = 'info',
): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'tierwise-log-')), 'log')
  const to = openSync(file, 'a')
  say(await createLogger({ name: 'edge', logLevel }, { isTerminal, to }))
  closeSync(to)
  return readFileSync(file, 'utf8')
}

it('is one JSON object a line where no terminal is', async () => {
  const text = await written(false, (logger) => logger.info({ node: 'dev1' }, 'node up'))
  expect(JSON.parse(text)).toMatchObject({ level: 30, name: 'edge', node: 'dev1', msg: 'node up' })
})

it('is readable on a terminal', async () => {
  const text = await written(true, (logger) => logger.warn({ node: 'dev1' }, 'node down'))
  expect(text).toMatch(/\d\d:\d\d:\d\d/)
  expect(text).toContain('node down')
  expect(text).not.toContain('{"level"')
})

it('says no more than its level lets it', async () => {
  const all = (logger: Logger) => {
    logger.info('quiet')
    logger.error('loud')
  }
  expect(await written(false, all, 'error')).not.toContain('quiet')
  expect(await written(false, all, 'error')).toContain('loud')
  expect(await written(false, all, 'silent')).toBe('')
})

it('never tells a secret', async () => {
  const text = await written(false, (logger) => {
    logger.info({ password: 'hunter2', login: { token: 'abc123' } }, 'connected')
    logger.info({ request: { headers: { authorization: 'Bearer abc123' } } }, 'refused')
  })
  expect(text).not.toMatch(/hunter2|abc123/)
  expect(text.match(/\*\*\*/g)).toHaveLength(3)
})

it.each([true, false])('goes on when nobody reads any more (terminal: %s)', async (isTerminal) => {
  const log = new URL('log.ts', import.meta.url)
  const script = `
    const { createLogger } = await import(${JSON.stringify(log.href)})
    const to = { isTerminal: ${isTerminal}, to: 2 }
    const logger = await createLogger({ name: 'edge', logLevel: 'info' }, to)
    for (let line = 0; line < 200; line++) {
      logger.info('one more line')
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    process.stdout.write('done')`
  const tsx = fileURLToPath(import.meta.resolve('tsx'))
  const child = spawn(process.execPath, ['--import', tsx, '--input-type=module', '-e', script])
  child.stderr.once('data', () => child.stderr.destroy())
  let out = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect([code, out]).toEqual([0, 'done'])
})

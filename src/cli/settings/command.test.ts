import { Command } from 'commander'
import { afterEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { withSettings } from './command.ts'
import { integer } from './kinds.ts'
import { setting } from './setting.ts'

const schema = z.strictObject({
  tier: setting('which tier', z.enum(['end', 'edge']).default('end'), '--tier <tier>'),
  queueLimit: setting('requests that wait', integer(1).default(64), '--queue-limit <number>'),
  names: setting('of all', z.array(z.string()).default(['a', 'b']), '--names <names>'),
  loud: setting('yes or no', z.boolean().default(false), '--loud'),
  hidden: z.strictObject({ deep: integer(0).default(0) }).prefault({}),
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

async function run(...args: string[]) {
  const act = vi.fn()
  const command = withSettings(
    new Command('test').argument('[word]').option('--json'),
    schema,
    (settings, { args: words }) => act(settings, words),
  )
  let output = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text
    return true
  })
  command.exitOverride().configureOutput({ writeErr: () => {} })
  await command.parseAsync(args, { from: 'user' })
  return { act, output, command }
}

test('a command gets its settings beside its own options and arguments', async () => {
  vi.stubEnv('TIERWISE_HIDDEN__DEEP', '3')
  const { act, output } = await run('hello', '--queue-limit', '5', '--json')
  expect(act).toHaveBeenCalledExactlyOnceWith(
    { tier: 'end', queueLimit: 5, names: ['a', 'b'], loud: false, hidden: { deep: 3 } },
    ['hello'],
  )
  expect(output).toBe('')
})

test('--print-config prints them and does nothing else', async () => {
  const { act, output } = await run('--tier', 'edge', '--print-config')
  expect(act).not.toHaveBeenCalled()
  expect(output).toMatch(/^tier: edge # --tier\nqueueLimit: 64 # default\n/)
})

test('a flag of yes or no needs no value', async () => {
  const { act } = await run('--loud')
  expect(act.mock.calls[0]?.[0]).toMatchObject({ loud: true })
})

test('--help says what is allowed and usual', async () => {
  const { command } = await run()
  const help = command.createHelp()
  const described = command.options.map((option) => help.optionDescription(option))
  expect(described.slice(1, 4)).toEqual([
    'which tier (end, edge; default end)',
    'requests that wait (default 64)',
    'of all (default a,b)',
  ])
})

test('a flag that is none is refused', async () => {
  await expect(run('--queue', '5')).rejects.toThrow("unknown option '--queue'")
})

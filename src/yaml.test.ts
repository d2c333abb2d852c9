import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ConfigError } from './errors.ts'
import { check, masked, parseYaml, readYaml } from './yaml.ts'

const schema = z.strictObject({
  goal: z.number().min(0).max(100),
  nodes: z.array(
    z.strictObject({ name: z.string().min(1), tier: z.enum(['end', 'edge', 'cloud']) }),
  ),
  links: z.record(z.string(), z.strictObject({ delayMs: z.number() })).optional(),
  port: z.union([z.int(), z.literal('auto')]).default(1883),
})

function problemOf(text: string): string {
  try {
    parseYaml(text, schema, 'fleet.yaml')
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return error instanceof Error ? error.message : ''
  }
  throw new Error('the text was accepted')
}

const nodes = 'nodes:\n  - name: a\n    tier: end\n'

describe('parseYaml', () => {
  it('returns the value with the defaults of the schema', () => {
    expect(parseYaml(`goal: 85\n${nodes}`, schema, 'fleet.yaml')).toEqual({
      goal: 85,
      nodes: [{ name: 'a', tier: 'end' }],
      port: 1883,
    })
  })

  it.each([
    [
      'a value not allowed',
      `goal: 85\n${nodes}  - name: b\n    tier: fog\n`,
      'fleet.yaml:6: nodes[1].tier is "fog": expected end or edge or cloud',
    ],
    ['a wrong type', `goal: high\n${nodes}`, 'fleet.yaml:1: goal is "high": expected number'],
    [
      'a value out of range',
      `${nodes}goal: 101\n`,
      'fleet.yaml:4: goal is 101: expected number to be <=100',
    ],
    [
      'a missing key, at its parent',
      `goal: 1\nnodes:\n  - tier: end\n`,
      'fleet.yaml:3: nodes[0].name is missing: expected string',
    ],
    [
      'an unknown key',
      `goal: 1\ngaol: 2\n${nodes}`,
      'fleet.yaml:2: gaol is not a known key: allowed are goal, nodes, links, port',
    ],
    [
      'an unknown key inside a list',
      `goal: 1\nnodes:\n  - name: a\n    tire: x\n    tier: end\n`,
      'fleet.yaml:4: nodes[0].tire is not a known key: allowed are name, tier',
    ],
    [
      'an unknown key inside a record',
      `goal: 1\n${nodes}links:\n  weak:\n    delayMs: 1\n    rate: 2\n`,
      'fleet.yaml:8: links.weak.rate is not a known key: allowed are delayMs',
    ],
    [
      'none of several forms',
      `goal: 1\n${nodes}port: some\n`,
      'fleet.yaml:5: port is "some": expected number, or expected auto',
    ],
    [
      'a list in place of the document',
      '- 1\n',
      'fleet.yaml:1: the whole document is [1]: expected object',
    ],
    [
      'an empty file, which is an empty mapping',
      '',
      'fleet.yaml:1: goal is missing: expected number\nfleet.yaml:1: nodes is missing: expected array',
    ],
  ])('names file, line, key, what was found and what is allowed: %s', (_, text, message) => {
    expect(problemOf(text)).toBe(message)
  })
})

describe('parseYaml, refusing', () => {
  it('reports every problem, one a line', () => {
    expect(problemOf('goal: x\nnodes: y\n').split('\n')).toEqual([
      'fleet.yaml:1: goal is "x": expected number',
      'fleet.yaml:2: nodes is "y": expected array',
    ])
  })

  it('reads an anchor that is named anew as what it names then', () => {
    expect(problemOf(`goal: &a [&a 1, *a]\n${nodes}`)).toBe(
      'fleet.yaml:1: goal is [1,1]: expected number',
    )
  })

  it('is done soon with many aliases, and with many brackets', () => {
    expect(problemOf(`goal: &a 1\nnodes: [${'*a,'.repeat(10_000)}*a]`)).toContain('not usable YAML')
    expect(problemOf(`goal: ${'['.repeat(20_000)}`)).toBe(
      'fleet.yaml:1: not valid YAML: it is nested too deeply',
    )
  })

  it('shortens long values', () => {
    expect(problemOf(`goal: ${'x'.repeat(500)}\n${nodes}`).length).toBeLessThan(120)
  })

  it.each([
    ['a bad indent', 'goal: 1\n  nodes: [\n', /^fleet\.yaml:1: not valid YAML: Nested mappings/],
    ['a key given twice', 'goal: 1\ngoal: 2\n', /^fleet\.yaml:2: not valid YAML: .*unique/],
    ['an unknown tag', 'goal: !secret 1\n', /^fleet\.yaml:1: not valid YAML: .*!secret/],
    ['two documents', 'goal: 1\n---\ngoal: 2\n', /not valid YAML/],
    [
      'a name that nothing can have',
      'goal: 1\n__proto__: 2\n',
      'fleet.yaml:2: __proto__ is no name',
    ],
    ['no number', 'goal: .nan\n', /^fleet\.yaml:1: goal is NaN: expected number/],
    ['a number without end', 'goal: -.inf\n', /^fleet\.yaml:1: goal is -Infinity: expected number/],
    ['an alias to nothing', 'goal: *nothing\n', /not (valid|usable) YAML/],
  ])('refuses %s', (_, text, message) => {
    expect(problemOf(text)).toMatch(message)
  })

  it('refuses an alias within what it names', () => {
    expect(problemOf('goal: 1\nnodes: &a\n  - [*a]\n')).toBe(
      'fleet.yaml:3: *a stands within what it names: write it out',
    )
  })

  it('refuses aliases that expand without end', () => {
    const levels = Array.from({ length: 12 }, (_, level) =>
      level === 0
        ? 'a0: &a0 [x, x]'
        : `a${level}: &a${level} [${Array(9)
            .fill(`*a${level - 1}`)
            .join(', ')}]`,
    )
    expect(problemOf(levels.join('\n'))).toMatch(/not usable YAML/)
  })
})

it('says what a key may be', () => {
  const users = z.record(z.string().regex(/^[1-9]\d*$/, 'give a number from 1'), z.number())
  expect(() => parseYaml('1: 5\n0: 4\n', users, 'users.yaml')).toThrow(
    'users.yaml:2: 0 is no key here: give a number from 1',
  )
})

describe('check', () => {
  const schema = z.strictObject({
    edge: z.number(),
    form: z.union([z.strictObject({ scale: z.number() }), z.literal(false)]).default(false),
  })
  const checked = (value: unknown) => check(value, schema, (path) => `flag ${path.join('.')}`)

  it('asks where the value of a key comes from', () => {
    expect(checked({ edge: 1 })).toEqual({ edge: 1, form: false })
    expect(() => checked({ edge: 'x' })).toThrow('flag edge: edge is "x": expected number')
  })

  it('looks into the form of several that was meant', () => {
    expect(() => checked({ edge: 1, form: { scale: 'x' } })).toThrow(
      'flag form.scale: form.scale is "x": expected number',
    )
    expect(() => checked({ edge: 1, form: { scale: 1, size: 2 } })).toThrow(
      'form.size is not a known key: allowed are scale',
    )
  })

  it('keeps secrets to itself', () => {
    const wrong = (edge: unknown) => () => checked({ edge })
    expect(wrong('mqtt://me:p@ss/word@host')).toThrow('edge is "mqtt://***@host"')
    expect(wrong({ password: 'x', url: 'http://a:b@c' })).toThrow(
      'edge is {"password":"***","url":"http://***@c"}',
    )
    expect(masked('apiToken', 'x')).toBe('***')
  })
})

describe('readYaml', () => {
  it('reads a file, and names it in errors', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tierwise-yaml-'))
    try {
      const file = join(directory, 'fleet.yaml')
      await writeFile(file, `goal: 85 # percent\n${nodes}`)
      expect((await readYaml(file, schema)).goal).toBe(85)
      await writeFile(file, 'goal: 85\n')
      await expect(readYaml(file, schema)).rejects.toThrow(
        `${file}:1: nodes is missing: expected array`,
      )
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  it('names a file that cannot be read', async () => {
    const reading = readYaml('/nowhere/fleet.yaml', schema)
    await expect(reading).rejects.toThrow(ConfigError)
    await expect(reading).rejects.toThrow(/cannot read \/nowhere\/fleet\.yaml: .*no such file/)
  })
})

import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { jsonSchemaOf, SCHEMA_FILES } from './schema.ts'
import { configurationTables } from './settings/configuration-tables.ts'

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

const validator = (file: (typeof SCHEMA_FILES)[number]) =>
  new Ajv2020({ strict: false }).compile(jsonSchemaOf(file))

test.each(SCHEMA_FILES)('docs/schemas/%s.schema.json is what the code checks', (file) => {
  const published = JSON.parse(read(`docs/schemas/${file}.schema.json`))
  expect(published).toEqual(JSON.parse(JSON.stringify(jsonSchemaOf(file))))
})

test('docs/configuration.md has every setting as it is', () => {
  expect(read('docs/configuration.md')).toContain(configurationTables())
})

describe('the schemas take what Tierwise takes', () => {
  test.each([
    ['up', 'examples/tierwise.yaml'],
    ['catalogue', 'examples/catalogue.yaml'],
    ['catalogue', 'models/fashion/catalogue.yaml'],
    ['fleet', 'examples/plan/fleet.yaml'],
    ['ladder', 'examples/schedule/ladder.yaml'],
  ] as const)('%s: %s', (schema, file) => {
    const valid = validator(schema)
    valid(parse(read(file)))
    expect(valid.errors).toBeNull()
  })

  test.each([
    ['up', { devicess: 3 }],
    ['up', { devices: 'many' }],
    ['up', { goal: 101 }],
    ['node', { tier: 'fog' }],
    ['catalogue', { model: 'm', variants: [] }],
    ['ladder', { variants: [{ name: 'a', accuracyPercent: 120, serviceTimesMs: 3 }] }],
  ] as const)('and refuse what it refuses: %s %o', (schema, value) => {
    expect(validator(schema)(value)).toBe(false)
  })
})
